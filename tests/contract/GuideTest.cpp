#include "support/Test.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSet>

using namespace reticle;

/// The guide says what the program says: its links lead somewhere, and what it calls a button is the text of one.
class GuideTest : public QObject
{
    Q_OBJECT

    static QString sourceFolder() { return QString::fromStdString(test::source("").string()); }
    static QString guideFolder() { return QString::fromStdString(test::source("docs/guide").string()); }
    static QStringList guidePages() { return QDir(guideFolder()).entryList({"*.md"}, QDir::Files, QDir::Name); }
    static QString readGuide(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    /// Code blocks have stars and brackets of their own.
    static QString withoutCode(QString text)
    {
        static const QRegularExpression code("```.*?```|`[^`\n]*`", QRegularExpression::DotMatchesEverythingOption);
        return text.remove(code);
    }

private Q_SLOTS:
    void everyPageIsInTheIndex()
    {
        const QString index = readGuide(guideFolder() + "/README.md");
        QVERIFY(guidePages().size() > 10);
        for (const auto &page : guidePages())
            QVERIFY2(page == "README.md" || index.contains("](" + page + ")"), qPrintable(page));
    }
    void everyLinkLeadsSomewhere()
    {
        static const QRegularExpression link(R"(\]\(([^)#\s]+)(#[^)\s]*)?\))");
        int links = 0;
        for (const auto &page : guidePages())
            for (auto it = link.globalMatch(withoutCode(readGuide(guideFolder() + '/' + page))); it.hasNext(); ++links) {
                const QString target = it.next().captured(1);
                QVERIFY2(target.contains("://") || QFileInfo::exists(guideFolder() + '/' + target),
                         qPrintable(page + ": " + target));
            }
        QVERIFY(links > 20);
    }
    void namesOfButtonsAreThoseOfTheWindow()
    {
        QString texts;
        for (const char *room : {"/app/window", "/widgets", "/core/project"})
            for (QDirIterator it(sourceFolder() + room, {"*.cpp"}, QDir::Files, QDirIterator::Subdirectories); it.hasNext();)
                texts += readGuide(it.next());
        texts.remove('&'); // marks the key of a menu
        static const QRegularExpression name(R"((?<!\*)\*([^*\n|]+)\*(?!\*))");
        int names = 0;
        for (const char *page : {"first-segmentation.md", "export.md", "machines.md"})
            for (auto it = name.globalMatch(withoutCode(readGuide(guideFolder() + '/' + page))); it.hasNext(); ++names) {
                const QString shown = it.next().captured(1);
                QVERIFY2(texts.contains('"' + shown + '"'), qPrintable(QStringLiteral("%1: *%2*").arg(page, shown)));
            }
        QVERIFY(names > 30);
    }
    void theGlossaryHasEachWordOnce()
    {
        static const QRegularExpression row(R"(^\| \*\*([^*]+)\*\* \| (.+) \|$)", QRegularExpression::MultilineOption);
        QSet<QString> words;
        for (auto it = row.globalMatch(readGuide(guideFolder() + "/glossary.md")); it.hasNext();) {
            const auto match = it.next();
            QVERIFY2(match.captured(2).endsWith('.'), qPrintable(match.captured(1)));
            for (const auto &word : match.captured(1).split(", ")) {
                QVERIFY2(!words.contains(word), qPrintable(word));
                words.insert(word);
            }
        }
        for (const char *word :
             {"slice", "page", "image", "run", "job", "result", "figure", "prediction", "label", "class", "instance"})
            QVERIFY2(words.contains(word), word);
    }
};

RETICLE_TEST(GuideTest)
#include "GuideTest.moc"
