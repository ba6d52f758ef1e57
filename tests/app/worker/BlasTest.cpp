#include "Worker.h"

#include <QDir>

using namespace reticle;

/// OpenBLAS is found behind the name libblas.so.3, and another BLAS is warned of.
class BlasTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void openBlasIsInUse()
    {
        test::Served served;
        const Json hello = served.ask("hello")["result"];
        const auto blas = hello["blas"].get<std::string>();
        QVERIFY2(blas.rfind("OpenBLAS", 0) == 0 || blas == "MKL", blas.c_str());
        QVERIFY2(hello["warnings"].empty(), hello["warnings"].dump().c_str());
    }
    void anotherIsWarnedOf()
    {
        {
            test::Served served;
            const Json hello = served.ask("hello")["result"];
            if (hello["blas"] == "MKL") { // a LibTorch that brings its own BLAS is not touched by another
                QVERIFY(hello["warnings"].empty());
                return;
            }
        }
        QString reference;
        for (const auto &folder : QDir("/usr/lib").entryList({"*-linux-gnu*"}))
            if (QFile::exists("/usr/lib/" + folder + "/blas/libblas.so.3"))
                reference = "/usr/lib/" + folder + "/blas";
        QVERIFY2(!reference.isEmpty(), "this test needs the package libblas3: packaging/setup installs it");
        qputenv("LD_LIBRARY_PATH", reference.toUtf8());
        test::Served served;
        const Json hello = served.ask("hello")["result"];
        qunsetenv("LD_LIBRARY_PATH");
        QCOMPARE(hello["warnings"].size(), size_t(1));
        QVERIFY(hello["warnings"][0].get<std::string>().find("not OpenBLAS") != std::string::npos);
        served.process().closeWriteChannel();
        served.process().waitForFinished();
        QVERIFY(served.process().readAllStandardError().contains("warning: The BLAS in use is"));
    }
};

RETICLE_TEST(BlasTest)
#include "BlasTest.moc"
