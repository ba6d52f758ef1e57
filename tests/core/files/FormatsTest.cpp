#include "files/Reader.h"

#include "data/DetectImages.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using namespace files;

namespace {

/// A made-up format: "DOTS", then height and width as digits, then that many bytes. One that begins "DOTS?" is broken.
std::shared_ptr<ImageSource> openDots(const std::filesystem::path &path, const ReadOptions &)
{
    const RandomFile file(path);
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, text.data(), text.size(), "dots");
    if (text.compare(0, 4, "DOTS") != 0)
        return {};
    if (text.size() < 6 || text[4] == '?')
        throw Error({path.string(), "dots", "none", {}});
    const std::int64_t height = text[4] - '0', width = text[5] - '0';
    Array page(DType::UInt8, {height, width});
    std::memcpy(page.raw(), text.data() + 6, static_cast<std::size_t>(height * width));
    return imageFromArray(page, path.string());
}

const FormatRegistration dots({.name = "dots",
                               .usual = true,
                               .endings = {".dots"},
                               .magic = {"DOTS"},
                               .priority = 5,
                               .open = openDots,
                               .holdsImage = [](const std::filesystem::path &path) { return RandomFile(path).size() > 5; }});

} // namespace

/// A format is one file: what registers itself opens, is found in folders, and is named.
class FormatsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

private Q_SLOTS:
    void aMadeUpFormatOpens()
    {
        const auto path = m_folder / "a.dots";
        test::writeAll(path, "DOTS23abcdef");
        const auto source = openImage(path);
        QCOMPARE(source->info().height, std::int64_t(2));
        QCOMPARE(source->info().width, std::int64_t(3));
        QCOMPARE(source->readPage(0).data<std::uint8_t>()[5], std::uint8_t('f'));
        QVERIFY(openLabels(path));
        // By its content, whatever it is called.
        test::writeAll(m_folder / "b.tif", "DOTS11x");
        QCOMPARE(openImage(m_folder / "b.tif")->info().width, std::int64_t(1));
        test::writeAll(m_folder / "c.dots", "DOTS?");
        EXPECT_ERROR(openImage(m_folder / "c.dots"), "c.dots: expected dots, found none");
    }
    void itIsFoundInFolders()
    {
        const auto folder = m_folder / "slices";
        std::filesystem::create_directories(folder);
        for (const char *name : {"s10.DOTS", "s2.dots"})
            test::writeAll(folder / name, "DOTS22abcd");
        test::writeAll(folder / "s3.dots", "DOTS"); // holds no image by its header
        QVERIFY(hasPictureExtension("x.dots") && !hasPictureExtension("x.dot"));
        QCOMPARE(picturesIn(folder).size(), std::size_t(2));
        QCOMPARE(openImage(folder)->info().pages, std::int64_t(2));
        const auto dropped = detectImages({folder.string()});
        QVERIFY2(dropped.problems.empty(), dropped.problems.empty() ? "" : dropped.problems[0].c_str());
        QCOMPARE(dropped.images, folder.string());
        const auto file = detectImages({(folder / "s2.dots").string()});
        QVERIFY(file.problems.empty());
    }
    void listsForPeopleNameIt()
    {
        const auto endings = usualImageEndings();
        QCOMPARE(endings, (std::vector<std::string>{".tif", ".tiff", ".btf", ".tf8", ".png", ".jpg", ".jpeg", ".npy", ".dots"}));
        const auto titles = formatTitles(); // of which this one has none
#ifdef RETICLE_VIPS
        QCOMPARE(titles, (std::vector<std::string>{"TIFF", "PNG", "JPEG", "NumPy .npy"}));
#else
        QCOMPARE(titles, (std::vector<std::string>{"TIFF (gray, RGB, 1 to 64 bit)", "NumPy .npy"}));
#endif
    }
    void theOneThatTakesAnythingIsLast()
    {
        const auto &all = formats();
        for (std::size_t i = 1; i < all.size(); ++i)
            QVERIFY2(all[i - 1].priority >= all[i].priority, all[i].name.c_str());
        for (std::size_t i = 0; i + 1 < all.size(); ++i)
            QVERIFY2(!all[i].magic.empty(), all[i].name.c_str());
        QVERIFY(all.size() >= 6 && all.back().magic.empty());
        for (const auto &format : all)
            for (const auto &ending : format.endings)
                QCOMPARE(formatOfEnding("x" + ending)->name, format.name);
    }
};

RETICLE_TEST(FormatsTest)
#include "FormatsTest.moc"
