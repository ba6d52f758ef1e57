#include "documents/PlainText.h"

#include "support/Test.h"

using namespace reticle;

class PlainTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void badBytesAreReplaced()
    {
        QCOMPARE(validUtf8("größer"), std::string("größer"));
        QCOMPARE(validUtf8("caf\xe9.tif"), std::string("caf\xef\xbf\xbd.tif"));
        QCOMPARE(validUtf8("\xf0\x9f\x94\xac"), std::string("\xf0\x9f\x94\xac")); // a microscope, four bytes
        // Cut letters, overlong ones, surrogates and beyond the last letter.
        for (const char *bad : {"\xc3", "\xe2\x82", "\xf0\x9f\x94", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", "\xff", "\x80"}) {
            const std::string mended = validUtf8(bad);
            QVERIFY2(mended.find("\xef\xbf\xbd") == 0, bad);
            QCOMPARE(QString::fromStdString(mended).toStdString(), mended);
        }
    }
    void controlCharactersAreWrittenOut()
    {
        QCOMPARE(printable(std::string("a\0b", 3)), std::string("a\\u0000b"));
        QCOMPARE(printable("a\nb\r\tc\x1b[2J"), std::string("a\\nb\\r\\tc\\u001b[2J"));
        QCOMPARE(printable("\x7f\xc2\x85"), std::string("\\u007f\\u0085"));
        QCOMPARE(printable("a\u2028b\u202ec\u2066"), std::string("a\\u2028b\\u202ec\\u2066"));
        QCOMPARE(printable("C:\\data"), std::string("C:\\data"));
    }
    void runningTextBecomesOneLine()
    {
        QCOMPARE(oneLine("first\nsecond\r\n\tthird\n"), std::string("first second third"));
        QCOMPARE(oneLine(std::string("cut\0here", 8)), std::string("cut\\u0000here"));
        QCOMPARE(oneLine(""), std::string());
    }
    void theMiddleOfLongTextGivesWay()
    {
        QCOMPARE(shortened("short", 16), std::string("short"));
        const std::string text = shortened("begin" + std::string(1000, 'x') + "end", 40);
        QVERIFY(text.size() <= 40);
        QVERIFY(text.rfind("begin", 0) == 0 && text.ends_with("end") && text.find("…") != std::string::npos);
        // Never within a letter, wherever it would be cut.
        std::string umlauts;
        for (int i = 0; i < 200; ++i)
            umlauts += "ä";
        for (std::size_t maximum = 0; maximum < 60; ++maximum)
            for (const char *before : {"", "x"}) {
                const std::string cut = shortened(before + umlauts, maximum);
                QVERIFY(cut.size() <= std::max<std::size_t>(maximum, 16));
                QCOMPARE(validUtf8(cut), cut);
            }
    }
};

RETICLE_TEST(PlainTextTest)
#include "PlainTextTest.moc"
