#include "Worker.h"

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
        const char *reference = "/usr/lib/x86_64-linux-gnu/blas";
        if (!std::filesystem::exists(std::filesystem::path(reference) / "libblas.so.3"))
            QSKIP("the reference BLAS (libblas3) is not installed");
        qputenv("LD_LIBRARY_PATH", reference);
        test::Served served;
        const Json hello = served.ask("hello")["result"];
        qunsetenv("LD_LIBRARY_PATH");
        if (hello["blas"] == "MKL")
            QSKIP("this LibTorch brings its own BLAS");
        QCOMPARE(hello["warnings"].size(), size_t(1));
        QVERIFY(hello["warnings"][0].get<std::string>().find("not OpenBLAS") != std::string::npos);
        served.process().closeWriteChannel();
        served.process().waitForFinished();
        QVERIFY(served.process().readAllStandardError().contains("warning: The BLAS in use is"));
    }
};

RETICLE_TEST(BlasTest)
#include "BlasTest.moc"
