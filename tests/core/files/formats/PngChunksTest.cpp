#include "files/formats/PngChunks.h"

#include "support/Png.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::files;

class PngChunksTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    std::optional<PngChunks> chunksOf(const std::string &bytes) const
    {
        test::writeAll(m_folder / "made.png", bytes);
        return readPngChunks(RandomFile(m_folder / "made.png"));
    }

private Q_SLOTS:
    void readsTheTableOfColors()
    {
        const auto png =
            test::madePng(3, 1, 2, 3, {test::packedRow({0, 1, 2}, 2)}, {{"PLTE", std::string("\0\0\0\xff\0\0\0\x80\7", 9)}});
        const auto chunks = chunksOf(png);
        QVERIFY(chunks);
        QCOMPARE(chunks->bits, 2);
        QCOMPARE(chunks->color, 3);
        QVERIFY((chunks->palette == Palette{{0, 0, 0}, {255, 0, 0}, {0, 128, 7}}));
        QVERIFY(!chunks->transparent);
        QCOMPARE(chunks->orientation, 1);
    }
    void readsTransparencyAndOrientation()
    {
        const std::vector<std::pair<std::string, std::string>> opaque{{"PLTE", "abcdef"}, {"tRNS", "\xff\xff"}},
            clear{{"PLTE", "abcdef"}, {"tRNS", std::string("\xff\0", 2)}};
        QVERIFY(!chunksOf(test::madePng(1, 1, 8, 3, {"\1"}, opaque))->transparent);
        QVERIFY(chunksOf(test::madePng(1, 1, 8, 3, {"\1"}, clear))->transparent);
        for (int o = 1; o <= 8; ++o)
            QCOMPARE(chunksOf(test::madePng(1, 1, 8, 0, {"x"}, {{"eXIf", test::madeExif(o)}}))->orientation, o);
    }
    void textSaysWhoseProbabilityItIs()
    {
        const auto png = test::madePng(3, 1, 8, 0, {"abc"});
        QCOMPARE(chunksOf(png)->probabilityClass, std::int64_t(-1));
        const auto said = withPngText(png, probabilityClassKey, "2");
        QCOMPARE(chunksOf(said)->probabilityClass, std::int64_t(2));
        // As any writer of PNG makes such a chunk, behind the header.
        const std::string chunk = std::string(probabilityClassKey) + std::string("\0002", 2);
        QVERIFY(said == test::madePng(3, 1, 8, 0, {"abc"}, {{"tEXt", chunk}}));
        QCOMPARE(chunksOf(withPngText(png, "Comment", "2"))->probabilityClass, std::int64_t(-1));
        QCOMPARE(chunksOf(withPngText(png, probabilityClassKey, "300"))->probabilityClass, std::int64_t(-1));
    }
    void otherFilesAreNone()
    {
        QVERIFY(!chunksOf("\x89PNG"));
        QVERIFY(!chunksOf("\xff\xd8\xff"));
        // Cut anywhere, what is there is read.
        const auto png = test::madePng(3, 1, 8, 3, {"abc"}, {{"PLTE", std::string(768, 'x')}});
        for (std::size_t n = 8; n < png.size(); ++n)
            QVERIFY(chunksOf(png.substr(0, n))->palette.size() <= 256);
    }
    /// The same numbers as grays: the table and everything else is gone, the check sum fits.
    void becomesGray()
    {
        const auto png = test::madePng(3, 1, 4, 3, {test::packedRow({0, 5, 9}, 4)},
                                       {{"PLTE", std::string(48, 'x')}, {"tRNS", std::string("\0", 1)}, {"tEXt", "a"}});
        test::writeAll(m_folder / "made.png", png);
        QVERIFY(asGrayPng(RandomFile(m_folder / "made.png")) == test::madePng(3, 1, 4, 0, {test::packedRow({0, 5, 9}, 4)}));
        // A header that was damaged stays so.
        auto damaged = png;
        damaged[29] = static_cast<char>(damaged[29] ^ 1);
        test::writeAll(m_folder / "made.png", damaged);
        QVERIFY(asGrayPng(RandomFile(m_folder / "made.png")).substr(0, 33) == damaged.substr(0, 33));
    }
};

RETICLE_TEST(PngChunksTest)
#include "PngChunksTest.moc"
