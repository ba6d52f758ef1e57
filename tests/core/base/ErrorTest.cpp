#include "base/Error.h"
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
