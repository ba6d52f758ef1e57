#include "support/Test.h"

#ifdef RETICLE_TEST_GUI
#include <QApplication>
#else
#include <QCoreApplication>
#endif

#include <QTemporaryDir>

#include <cstdio>
#include <cstring>
#include <memory>

namespace reticle::test {

std::map<std::string, Maker> &makers()
{
    static std::map<std::string, Maker> m;
    return m;
}

} // namespace reticle::test

/// PROGRAM [XTest [Qt Test's own arguments]]: one class, or all of them.
int main(int argc, char **argv)
{
#ifdef RETICLE_TEST_GUI
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") && qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
#else
    QCoreApplication app(argc, argv);
#endif
    // What workers and trainings remember of the user is not the user's here.
    const QTemporaryDir state;
    qputenv("RETICLE_STATE", state.path().toUtf8());
    const auto &makers = reticle::test::makers();
    const std::string wanted = argc > 1 && argv[1][0] != '-' ? argv[1] : "";
    if (!wanted.empty() && !makers.count(wanted)) {
        std::fprintf(stderr, "no test class %s in this program\n", wanted.c_str());
        return 1;
    }
    if (!wanted.empty()) {
        for (int i = 1; i + 1 < argc; ++i)
            argv[i] = argv[i + 1];
        --argc;
    }
    int failed = 0;
    for (const auto &[name, make] : makers)
        if (wanted.empty() || wanted == name) {
            const std::unique_ptr<QObject> test(make());
            failed += QTest::qExec(test.get(), argc, argv);
        }
    return failed ? 1 : 0;
}
