#include "files/formats/Pickle.h"

#include "support/Test.h"
#include "support/TorchArchives.h"

using namespace reticle;

namespace {

PickledAttributes readOf(const std::string &pickle)
{
    return readPickle(pickle, MemoryBytes("", "x.pt"));
}

std::string times(std::size_t n, const std::string &text)
{
    std::string all;
    for (std::size_t i = 0; i < n; ++i)
        all += text;
    return all;
}

} // namespace

class PickleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsTensorsAndTexts()
    {
        const test::ArchivedTensor t{
            .type = "LongStorage", .file = "12", .stored = 70000, .offset = 3, .shape = {300, 2}, .strides = {2, 1}};
        const auto all = readOf(test::pickleOf({{"t0", t.pickled()}, {"names", test::pickledText("a\n")}}));
        QCOMPARE(all.size(), std::size_t(2));
        QCOMPARE(std::get<std::string>(all.at("names")), std::string("a\n"));
        const auto &read = std::get<PickledTensor>(all.at("t0"));
        QVERIFY(read.storage == "12" && read.dtype == DType::Int64 && read.stored == 70000 && read.offset == 3);
        QVERIFY(read.shape == t.shape && read.strides == t.strides);
        QVERIFY(std::get<PickledTensor>(
                    readOf(test::pickleOf({{"t", test::ArchivedTensor{.stored = std::int64_t(1) << 40}.pickled()}})).at("t"))
                    .stored == std::int64_t(1) << 40);
    }
    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("pickle");
        const auto row = [](const char *name, const std::string &pickle) {
            QTest::newRow(name) << QByteArray(pickle.data(), static_cast<qsizetype>(pickle.size()));
        };
        const std::string object = "\x80\x02"
                                   "c__torch__\nModule\n)\x81";
        row("nothing", "");
        row("a function of the system", "\x80\x02"
                                        "cos\nsystem\n(" +
                                            test::pickledText("ls") + "tR.");
        row("the state of another object", object + "K\x01"
                                                    "b.");
        row("an object of another class", "\x80\x02"
                                          "c__torch__\nOther\n)\x81}b.");
        row("a class called", "\x80\x02"
                              "c__torch__\nModule\n)R.");
        row("a type called", "\x80\x02"
                             "ctorch\nFloatStorage\n)R.");
        row("code by text", "\x80\x02"
                            "cbuiltins\neval\n.");
        row("another protocol", "\x80\x04"
                                "c__torch__\nModule\n)\x81}b.");
        row("an instruction of another protocol", object + "}\x94"
                                                           "b.");
        row("INST", "(ios\nsystem\n.");
        row("a tensor of another machine",
            test::pickleOf({{"t", "ctorch._utils\n_rebuild_tensor_v2\n((" + test::pickledText("storage") +
                                      "ctorch\nFloatStorage\n" + test::pickledText("0") + test::pickledText("cuda") + "K\x01tQ" +
                                      test::pickledNumber(0) + "(t(t\x89)tR"}}));
        row("a storage outside", test::pickleOf({{"t", test::ArchivedTensor{.file = "../0"}.pickled()}}));
        row("a storage of objects", test::pickleOf({{"t", test::ArchivedTensor{.type = "UntypedStorage"}.pickled()}}));
        row("a negative size",
            test::pickleOf({{"t", test::ArchivedTensor{.stored = 1, .shape = {-1}, .strides = {1}}.pickled()}}));
        row("a negative stride",
            test::pickleOf({{"t", test::ArchivedTensor{.stored = 1, .shape = {1}, .strides = {-1}}.pickled()}}));
        row("fewer strides than sides",
            test::pickleOf({{"t", test::ArchivedTensor{.stored = 1, .shape = {1, 1}, .strides = {1}}.pickled()}}));
        row("a name twice", test::pickleOf({{"t", test::pickledText("a")}, {"t", test::pickledText("b")}}));
        std::string copies =
            object + "}" + test::pickledText("t") + test::pickledText(std::string(2 << 20, 'a')) + std::string("q\0s", 3);
        for (int i = 0; i < 1000; ++i)
            copies += test::pickledText(std::to_string(i)) + std::string("h\0s", 3);
        row("one long text a thousand times", copies + "b.");
        row("a number as an attribute", test::pickleOf({{"t", "K\x01"}}));
        row("built twice", object + "}b}b.");
        row("something left over", object + "}bK\x01.");
        row("bytes after the end", object + "}b.K");
        row("no end", object + "}b");
        row("a text that is too long", "\x80\x02X\xff\xff\xff\xff"
                                       "abc.");
        row("a memory that is not there", "\x80\x02h\x07.");
        row("a memory that is far", object + "r\xff\xff\xff\xff}b.");
        row("a dictionary in itself", object + "}q\1" + test::pickledText("a") + "h\1sb.");
        row("tuples in tuples", object + "}" + times(100000, "\x85") + "b.");
        row("a tuple of many", object +
                                   "}"
                                   "(" +
                                   times(1000, "K\1") + "tb.");
        row("more than fits on the stack", "\x80\x02" + times(200000, "N") + ".");
        row("marks without end", "\x80\x02" + times(200000, "(") + ".");
        row("a pickle that is too long", "\x80\x02" + times(3 << 20, "N0") + ".");
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, pickle);
        try {
            readOf(pickle.toStdString());
            QFAIL("was read");
        } catch (const ForeignFile &e) {
            QVERIFY2(std::string(e.what()).find("Nothing in it was used") != std::string::npos, e.what());
        }
    }
};

RETICLE_TEST(PickleTest)
#include "PickleTest.moc"
