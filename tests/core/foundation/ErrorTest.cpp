#include "foundation/Error.h"
#include "support/Test.h"

using reticle::Error;

class ErrorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsAsOneSentence()
    {
        const Error e({"a.tif", "a TIFF", "an empty file", "check the copy"});
        QCOMPARE(e.what(), "a.tif: expected a TIFF, found an empty file; check the copy.");
        QCOMPARE(Error({"", "", "nothing", ""}).what(), "found nothing.");
        QCOMPARE(Error(Error::Kind::Failed, "disk", "no space left").what(), "disk: no space left");
    }
    void tellsWhereItHappened()
    {
        const auto e = Error({"page 3", "8 bit", "12 bit", ""}).within("a.tif");
        QCOMPARE(e.what(), "a.tif: page 3: expected 8 bit, found 12 bit.");
        QCOMPARE(e.parts().where, std::string("a.tif: page 3"));
    }
    /// Sentences go to a terminal, a log and a message: one line each, whatever they quote.
    void whatIsQuotedIsPrintableAndShort()
    {
        const std::string zero("cut\0here", 8);
        QCOMPARE(Error({"", "a path", zero, ""}).what(), "expected a path, found cut\\u0000here.");
        QCOMPARE(Error({"a\nb.tif", "a TIFF", "caf\xe9", ""}).what(), "a\\nb.tif: expected a TIFF, found caf\xef\xbf\xbd.");
        QCOMPARE(Error(Error::Kind::Failed, "x\x1b[2J", "line one\nline two").what(), "x\\u001b[2J: line one line two");
        const std::string much(100000, 'x');
        const Error e = Error({much, much, much, much}).within(much).within(much);
        const std::string sentence = e.what();
        QVERIFY2(sentence.size() <= 4000, std::to_string(sentence.size()).c_str());
        QVERIFY(sentence.find("…") != std::string::npos && sentence.ends_with("x."));
        QVERIFY(e.parts().where.size() <= 1000);
        QVERIFY(std::string(Error(Error::Kind::Failed, much, much).what()).size() <= 4000);
        QCOMPARE(reticle::nearestName(much, {"batch"}), std::string());
    }
    void givesTheExitStatus()
    {
        QCOMPARE(Error({"", "a", "b", ""}).exitStatus(), 2);
        QCOMPARE(Error(Error::Kind::Cancelled, "", "stopped").exitStatus(), 3);
        QCOMPARE(Error(Error::Kind::Failed, "", "stopped").exitStatus(), 4);
    }
    void findsTheNearestName()
    {
        QCOMPARE(reticle::nearestName("unte", {"fcn", "unet", "atrous"}), std::string("unet"));
        QCOMPARE(reticle::nearestName("batchsize", {"batch", "batch-size"}), std::string("batch-size"));
        QCOMPARE(reticle::nearestName("xyz", {"unet"}), std::string());
    }
};

RETICLE_TEST(ErrorTest)
#include "ErrorTest.moc"
