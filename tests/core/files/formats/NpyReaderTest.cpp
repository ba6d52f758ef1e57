#include "files/Reader.h"

#include "support/ReferenceImages.h"

#include <QRegularExpression>

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;

namespace {

/// A header of version `major` with these words, padded as NumPy does, and `data` behind it.
std::string npy(std::string words, const std::string &data, int major = 1)
{
    const std::size_t start = major > 1 ? 12 : 10;
    words.append(63 - (words.size() + start) % 64, ' ');
    words += '\n';
    std::string bytes = "\x93NUMPY";
    bytes += static_cast<char>(major);
    bytes += '\0';
    for (std::size_t i = 0; i < start - 8; ++i)
        bytes += static_cast<char>(words.size() >> (8 * i) & 255);
    return bytes + words + data;
}

std::string words(const std::string &descr, const std::string &shape, bool fortran = false)
{
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

/// 0, 1, 2, ... of one byte each.
std::string counting(std::size_t n)
{
    std::string s;
    for (std::size_t i = 0; i < n; ++i)
        s += static_cast<char>(i);
    return s;
}

} // namespace

class NpyReaderTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }
    std::shared_ptr<ImageSource> open(const std::string &bytes) const
    {
        test::writeAll(path("made.npy"), bytes);
        return openNpy(path("made.npy"));
    }

private Q_SLOTS:
    void reference_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, entry] : test::referenceImages().items())
            if (fs::path(name).extension() == ".npy")
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    /// Every number type in both byte orders, C and Fortran order, versions 1 to 3, as NumPy writes them.
    void reference()
    {
        QFETCH(QString, name);
        const auto difference = test::differenceFromReference(name.toStdString());
        QVERIFY2(difference.empty(), difference.c_str());
    }

    void otherFilesAreLeftToOthers()
    {
        test::writeAll(path("x.npy"), "\x93NUMP");
        QVERIFY(!openNpy(path("x.npy")));
        test::writeAll(path("x.npy"), "PK\x03\x04 is an npz");
        QVERIFY(!openNpy(path("x.npy")));
        EXPECT_ERROR(openNpy(path("none.npy")), "none.npy: expected a readable file");
    }
    void axesAreToldByTheirExtent_data()
    {
        QTest::addColumn<QString>("shape");
        QTest::addColumn<QString>("axes");
        QTest::addColumn<int>("pages");
        QTest::addColumn<int>("channels");
        QTest::newRow("2") << "(5, 7)"
                           << "YX" << 1 << 1;
        QTest::newRow("3") << "(2, 5, 7)"
                           << "ZYX" << 2 << 1;
        QTest::newRow("3, RGB") << "(5, 7, 3)"
                                << "YXC" << 1 << 3;
        QTest::newRow("3, RGBA") << "(5, 7, 4)"
                                 << "YXC" << 1 << 4;
        QTest::newRow("3, one channel") << "(5, 7, 1)"
                                        << "YX" << 1 << 1;
        QTest::newRow("3, two channels") << "(5, 7, 2)"
                                         << "YXC" << 1 << 2;
        QTest::newRow("3, one page") << "(1, 5, 7)"
                                     << "ZYX" << 1 << 1;
        QTest::newRow("3, three pages") << "(3, 5, 7)"
                                        << "ZYX" << 3 << 1;
        QTest::newRow("3, small images") << "(9, 4, 3)"
                                         << "ZYX" << 9 << 1;
        QTest::newRow("3, five channels") << "(20, 21, 5)"
                                          << "YXC" << 1 << 5;
        QTest::newRow("3, five columns") << "(20, 19, 5)"
                                         << "ZYX" << 20 << 1;
        QTest::newRow("3, sixteen channels") << "(64, 64, 16)"
                                             << "YXC" << 1 << 16;
        QTest::newRow("3, seventeen columns") << "(70, 70, 17)"
                                              << "ZYX" << 70 << 1;
        QTest::newRow("4, channel last") << "(2, 5, 7, 1)"
                                         << "ZYX" << 2 << 1;
        QTest::newRow("4, eight channels") << "(2, 32, 32, 8)"
                                           << "ZYXC" << 2 << 8;
        QTest::newRow("4, ones last") << "(5, 7, 1, 1)"
                                      << "YX" << 1 << 1;
        QTest::newRow("5, ones first") << "(1, 1, 1, 5, 7)"
                                       << "TZYX" << 1 << 1;
        QTest::newRow("4, channels last") << "(2, 5, 7, 3)"
                                          << "ZYXC" << 2 << 3;
        QTest::newRow("4, channels before the rows") << "(2, 3, 5, 7)"
                                                     << "ZYXC" << 2 << 3;
        QTest::newRow("4, time") << "(2, 6, 5, 7)"
                                 << "TZYX" << 12 << 1;
        QTest::newRow("4, one channel") << "(2, 1, 5, 7)"
                                        << "ZYX" << 2 << 1;
        QTest::newRow("5") << "(2, 2, 2, 5, 7)"
                           << "TZYXC" << 4 << 2;
        QTest::newRow("6") << "(2, 2, 2, 6, 5, 7)"
                           << "QQTZYX" << 48 << 1;
    }
    void axesAreToldByTheirExtent()
    {
        QFETCH(QString, shape);
        QFETCH(QString, axes);
        QFETCH(int, pages);
        QFETCH(int, channels);
        std::size_t count = 1;
        for (const auto &n : shape.mid(1).split(QRegularExpression("[,)]"), Qt::SkipEmptyParts))
            count *= n.trimmed().toUInt();
        const auto source = open(npy(words("|u1", shape.toStdString()), counting(count)));
        QCOMPARE(QString::fromStdString(source->info().axes), axes);
        QCOMPARE(source->info().pages, std::int64_t(pages));
        QCOMPARE(source->info().channels, std::int64_t(channels));
        QCOMPARE(source->info().times,
                 std::int64_t(axes.contains('T') && !shape.startsWith("(1, 1, 1") ? 2 << axes.count('Q') : 1));
        QCOMPARE(source->info().alpha, channels == 4);
        // The last value is the last of the last page.
        const Array last = source->readPage(pages - 1);
        QCOMPARE(last.value(last.size() - 1), static_cast<double>((count - 1) % 256));
    }
    void opacityIsOfUnsignedBytes()
    {
        QVERIFY(!open(npy(words("<u2", "(5, 7, 4)"), std::string(280, 'x')))->info().alpha);
        QVERIFY(!open(npy(words("|i1", "(5, 7, 4)"), std::string(140, 'x')))->info().alpha);
    }
    /// Channels of every pixel, in C and Fortran order: value = 100 y + 10 x + c.
    void channelsBehindThePixels()
    {
        for (const std::int64_t channels : {1, 2, 3, 4})
            for (const bool fortran : {false, true}) {
                std::string data(static_cast<std::size_t>(6 * 9 * channels), '\0');
                for (std::int64_t y = 0; y < 6; ++y)
                    for (std::int64_t x = 0; x < 9; ++x)
                        for (std::int64_t c = 0; c < channels; ++c)
                            data[static_cast<std::size_t>(fortran ? (c * 9 + x) * 6 + y : (y * 9 + x) * channels + c)] =
                                static_cast<char>(20 * y + 4 * x % 20 + c);
                const auto source = open(npy(words("|u1", fmt::format("(6, 9, {})", channels), fortran), data));
                QCOMPARE(source->info().channels, channels);
                QCOMPARE(source->info().width, std::int64_t(9));
                const Array page = source->readPage(0), part = source->readRegion(0, 2, 3, 3, 4);
                QCOMPARE(page.rank(), channels > 1 ? 3 : 2);
                for (std::int64_t y = 0; y < 3; ++y)
                    for (std::int64_t x = 0; x < 4; ++x)
                        for (std::int64_t c = 0; c < channels; ++c) {
                            const double expected = static_cast<double>((20 * (y + 2) + 4 * (x + 3) % 20 + c) & 255);
                            QCOMPARE(part.value((y * 4 + x) * channels + c), expected);
                            QCOMPARE(page.value(((y + 2) * 9 + x + 3) * channels + c), expected);
                        }
            }
    }
    void halves()
    {
        for (const bool big : {false, true})
            for (const bool fortran : {false, true}) {
                std::string data;
                for (const int v : {0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555})
                    data += big ? std::string{static_cast<char>(v >> 8), static_cast<char>(v)}
                                : std::string{static_cast<char>(v), static_cast<char>(v >> 8)};
                const auto source = open(npy(words(big ? ">f2" : "<f2", fortran ? "(3, 2)" : "(2, 3)", fortran), data));
                QCOMPARE(source->info().dtype, DType::Float32);
                const Array page = source->readPage(0);
                const std::vector<float> row{1, -2, 65504, 0x1p-14f, 0x1p-24f, 0.333251953125f};
                for (std::size_t i = 0; i < 6; ++i)
                    QCOMPARE(page.data<float>()[fortran ? (i % 3) * 2 + i / 3 : i], row[i]);
            }
        EXPECT_ERROR(open(npy(words("<f2", "(2, 4)"), counting(12))), "expected 8 values of 2 bytes");
    }
    /// Told by the header alone.
    void filesWithoutNumbers()
    {
        const auto holdsNone = [&](const std::string &bytes) {
            test::writeAll(path("x.npy"), bytes);
            return holdsNoNumbers(path("x.npy"));
        };
        QVERIFY(holdsNone(npy(words("|O", "()"), "\x80\x04 a pickle")));
        QVERIFY(holdsNone(npy("{\"descr\":\"O\",\"fortran_order\":False,\"shape\":()}", "")));
        QVERIFY(holdsNone(npy("{'fortran_order': False, 'shape': (), 'descr': '|O'}", "", 2)));
        QVERIFY(holdsNone(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", counting(24))));
        for (const char *type : {"<f4", "|b1", "<U5", ""})
            QVERIFY(!holdsNone(npy(words(type, "(2, 3)"), counting(24))));
        QVERIFY(!holdsNone("an Object"));
        QVERIFY(!holdsNone("\x93NUMPY"));
        QVERIFY(!holdsNone(""));
        QVERIFY(!holdsNoNumbers(path("none.npy")));
    }
    void headersAsOthersWriteThem()
    {
        // Python 2's long numbers, double quotes, another order of the entries, no spaces, more bytes than are needed.
        for (const char *text : {"{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L), }",
                                 "{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(2,3)}",
                                 "{'shape': (2, 3), 'fortran_order': False, 'descr': '|u1'}"}) {
            const auto source = open(npy(text, counting(60)));
            QCOMPARE(source->info().height, std::int64_t(2));
            QCOMPARE(source->readPage(0).value(5), 5.0);
        }
        for (const int major : {1, 2, 3})
            QCOMPARE(open(npy(words("|u1", "(2, 3)"), counting(6), major))->readPage(0).value(5), 5.0);
    }
    void bothByteOrdersAndBothOrdersOfAxes()
    {
        // 2 x 3 numbers 0x0100 ... 0x0105 in rows or, for Fortran, in columns.
        const auto source = [&](bool big, bool fortran) {
            std::string data;
            for (const int n : fortran ? std::array{0, 3, 1, 4, 2, 5} : std::array{0, 1, 2, 3, 4, 5})
                data += big ? std::string{'\1', static_cast<char>(n)} : std::string{static_cast<char>(n), '\1'};
            return open(npy(words(big ? ">u2" : "<u2", "(2, 3)", fortran), data));
        };
        for (const bool big : {false, true})
            for (const bool fortran : {false, true}) {
                const auto s = source(big, fortran);
                const Array page = s->readPage(0);
                for (std::int64_t i = 0; i < 6; ++i)
                    QCOMPARE(page.value(i), 256.0 + static_cast<double>(i));
                QCOMPARE(s->readRegion(0, 1, 1, 1, 2).value(0), 260.0);
                QCOMPARE(s->readRegion(0, 1, 1, 1, 2).value(1), 261.0);
            }
    }
    void whatIsNoPictureIsRefused_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char *name, const std::string &header, const char *sentence) {
            QTest::newRow(name) << QString::fromStdString(header) << sentence;
        };
        row("no numbers", words("<U5", "(2, 3)"),
            "made.npy: expected numbers of type bool, uint, int, float16, float32 or float64, found \"<U5\"");
        row("complex", words("<c8", "(2, 3)"), "found \"<c8\"; convert the array with astype");
        row("long reals", words("<f16", "(2, 3)"), "found \"<f16\"");
        row("objects", words("|O", "(2, 3)"),
            "expected an array of numbers, found Python objects, as in the _seg.npy files of Cellpose, which hold no image; use "
            "the "
            "masks that were saved as PNG or TIFF");
        row("a long type", words("<U5000000000000000000000000000", "(2, 3)"), "found \"<U500000000000000000\"");
        row("structured", "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
            "expected an array of plain numbers, found a structured array");
        row("no type", "{'fortran_order': False, 'shape': (2, 3), }",
            "expected a NumPy header with \"descr\", found none; the file is damaged");
        row("no order", "{'descr': '|u1', 'shape': (2, 3), }", "with \"fortran_order\"");
        row("no shape", "{'descr': '|u1', 'fortran_order': False, }", "with \"shape\"");
        row("a shape that is none", "{'descr': '|u1', 'fortran_order': False, 'shape': 5, }",
            "expected a NumPy shape such as (24, 512, 512), found 5");
        row("a shape without end", "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 6", "expected a NumPy shape");
        row("words", words("|u1", "(two, 3)"), "found (two, 3)");
        row("below zero", words("|u1", "(-2, 3)"), "found (-2, 3)");
        row("beyond 64 bits", words("|u1", "(99999999999999999999, 3)"), "found (99999999999999999999, 3)");
        row("nothing", words("|u1", "(0, 3)"), "expected an image or a stack, found an array without elements");
        row("a line", words("|u1", "(6,)"), "expected an array of 2 or more axes, found 1");
        row("a point", words("|u1", "()"), "expected an array of 2 or more axes, found 0");
        row("more than there can be", words("<f4", "(4000000, 4000000, 4000)"), "found a file of");
        row("more than can be counted", words("<f4", "(4000000000, 4000000000, 4000000000)"),
            "expected a shape that fits in the file, found a dimension of 4000000000");
        row("one too many", words("|u1", "(3, 3)"), "expected 9 values of 1 bytes");
    }
    void whatIsNoPictureIsRefused()
    {
        QFETCH(QString, header);
        QFETCH(QString, sentence);
        EXPECT_ERROR(open(npy(header.toStdString(), counting(6))), sentence.toStdString());
        EXPECT_ERROR(open(npy(header.toStdString(), counting(6))), "made.npy: expected");
    }
    void brokenHeadersAreRefused()
    {
        EXPECT_ERROR(open("\x93NUMPY"), "made.npy: expected a NumPy header at byte 0, found a file that ends at byte 6");
        EXPECT_ERROR(open(npy(words("|u1", "(2, 3)"), counting(6), 4)),
                     "expected a NumPy file of version 1, 2 or 3, found version 4");
        EXPECT_ERROR(open(std::string("\x93NUMPY\0\0\x08\0        ", 18)), "found version 0");
        EXPECT_ERROR(open(std::string("\x93NUMPY\x01\0\xff\xff{}", 12)), "it is truncated or damaged");
        EXPECT_ERROR(open(std::string("\x93NUMPY\x02\0\0\0\0\x7f{}", 14)), "found 2130706432 bytes of it; the file is damaged");
        EXPECT_ERROR(open(std::string("\x93NUMPY\x02\0\0\0", 10)), "it is truncated or damaged");
    }
    void numbersBeyondTheirTypeAreRefused()
    {
        const std::string data = std::string(7, '\xff') + '\x7f' + std::string(7, '\0') + '\x80';
        const auto source = open(npy(words("<u8", "(2, 1)"), data));
        QCOMPARE(source->readRegion(0, 0, 0, 1, 1).data<std::int64_t>()[0], std::numeric_limits<std::int64_t>::max());
        EXPECT_ERROR(source->readPage(0), "made.npy: page 0: expected numbers below 2^63, found a larger one");
        QCOMPARE(open(npy(words("<i8", "(2, 1)"), data))->readPage(0).data<std::int64_t>()[1],
                 std::numeric_limits<std::int64_t>::min());
    }
    void truncated()
    {
        for (const char *name : {"little_uint16.npy", "big_fortran_float64.npy", "zcyx.npy"}) {
            const auto otherwise = test::whatACutFileGives(name, path("cut.bin"));
            QVERIFY2(otherwise.empty(), (name + (": " + otherwise)).c_str());
        }
        // Cut after it was opened.
        const auto source = open(npy(words("|u1", "(9, 100, 100)"), std::string(90000, 'x')));
        fs::resize_file(path("made.npy"), 5000);
        EXPECT_ERROR(source->readPage(8), "made.npy: page 8: expected its pixels, found the end of the file; it is truncated");
    }
    void regionsLieInsideThePage()
    {
        const auto source = open(npy(words("|u1", "(2, 5, 7)"), counting(70)));
        EXPECT_ERROR(source->readPage(2), "made.npy: expected a page from 0 to 1, found 2");
        EXPECT_ERROR(source->readRegion(1, 4, 0, 2, 1),
                     "made.npy: page 1: expected a region inside 7 x 5, found 1 x 2 at column 0, row 4");
        QCOMPARE(source->readRegion(1, 4, 6, 1, 1).value(0), 69.0);
    }

    /// A sparse file of 8.4 GB: opened, and pages read from its ends, without reading the rest.
    void largeFilesAreReadInParts_data()
    {
        QTest::addColumn<bool>("fortran");
        QTest::newRow("C") << false;
        QTest::newRow("Fortran") << true;
    }
    void largeFilesAreReadInParts()
    {
        QFETCH(bool, fortran);
        const std::int64_t pages = 2000, side = 2048;
        const std::string shape =
            fortran ? fmt::format("({}, {}, {})", side, side, pages) : fmt::format("({}, {}, {})", pages, side, side);
        test::writeAll(path("large.npy"), npy(words("|u1", shape, fortran), ""));
        const auto start = static_cast<std::int64_t>(fs::file_size(path("large.npy")));
        fs::resize_file(path("large.npy"), static_cast<std::uintmax_t>(start + pages * side * side));
        {
            std::fstream f(path("large.npy"), std::ios::in | std::ios::out | std::ios::binary);
            f.seekp(start + pages * side * side - 1);
            f.put(77);
        }
        const auto source = openImage(path("large.npy"));
        if (fortran) {
            // The last axis is the slowest there: a row of the last columns of the first page lies at the end.
            QCOMPARE(source->info().pages, side);
            QCOMPARE(source->readRegion(side - 1, side - 1, pages - 1, 1, 1).value(0), 77.0);
            QCOMPARE(source->readRegion(0, 0, pages - 2, 2, 2).value(0), 0.0);
        } else {
            QCOMPARE(source->info().pages, pages);
            QCOMPARE(source->readPage(0).value(0), 0.0);
            QCOMPARE(source->readPage(pages - 1).value(side * side - 1), 77.0);
        }
        fs::remove(path("large.npy"));
    }
    void severalThreadsReadOneFile()
    {
        QCOMPARE(test::wrongPagesOfThreads(*openImage(test::referenceImage("zcyx_fortran.npy"))), 0);
    }
};

RETICLE_TEST(NpyReaderTest)
#include "NpyReaderTest.moc"
