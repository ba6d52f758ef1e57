#include "support/Test.h"

#include <fstream>
#include <regex>
#include <set>

namespace fs = std::filesystem;

/// The compiler proves it for headers (CMakeLists.txt beside this file); this reads the sources too.
class LayeringTest : public QObject
{
    Q_OBJECT

    static QStringList offenders(const std::vector<std::string> &folders, const std::string &pattern)
    {
        const std::regex forbidden(pattern);
        QStringList found;
        int files = 0;
        for (const auto &folder : folders)
            for (const auto &entry : fs::recursive_directory_iterator(reticle::test::source(folder))) {
                const auto extension = entry.path().extension();
                if (extension != ".h" && extension != ".cpp")
                    continue;
                ++files;
                std::ifstream in(entry.path());
                std::string line;
                for (int n = 1; std::getline(in, line); ++n)
                    if (std::regex_search(line, forbidden))
                        found << QString::fromStdString(entry.path().string() + ":" + std::to_string(n) + " " + line);
            }
        if (files == 0)
            found << "no source files found: the test looks at the wrong folder";
        return found;
    }

    /// `folders` and all of core but what stands above base.
    static std::vector<std::string> baseRooms(std::vector<std::string> folders = {})
    {
        static const std::set<std::string> above{"data", "learn", "simulate", "analysis"};
        for (const auto &entry : fs::directory_iterator(reticle::test::source("core")))
            if (entry.is_directory() && !above.contains(entry.path().filename().string()))
                folders.push_back("core/" + entry.path().filename().string());
        return folders;
    }

private Q_SLOTS:
    void coreSeesNoQtOrVtk()
    {
        const auto found = offenders({"core", "app/worker"}, "#include *[<\"](Q[A-Z]|Qt|vtk|widgets/|window/)");
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }
    void windowSeesNoTorch()
    {
        const auto found = offenders(baseRooms({"widgets", "app/window", "core/data", "core/simulate"}),
                                     "#include *[<\"](torch|ATen|c10|learn/|analysis/)");
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }
    void baseSeesNothingAbove()
    {
        const auto base = offenders(baseRooms(), "#include *\"(data|learn|analysis|simulate)/");
        QVERIFY2(base.isEmpty(), qPrintable(base.join('\n')));
        const auto data = offenders({"core/data"}, "#include *\"(learn|analysis|simulate)/");
        QVERIFY2(data.isEmpty(), qPrintable(data.join('\n')));
        const auto learn = offenders({"core/learn"}, "#include *\"analysis/");
        QVERIFY2(learn.isEmpty(), qPrintable(learn.join('\n')));
    }
    void widgetsKnowNoWindow()
    {
        const auto found = offenders({"widgets"}, "#include *\"(window|app)/");
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }
};

RETICLE_TEST(LayeringTest)
#include "LayeringTest.moc"
