// What a page of levels of detail compares its images with.

#include "widgets/forms/SchemaForm.h"
#include "window/pages/WaveletPage.h"
#include "window/parts/ImageSetList.h"
#include "window/session/Predictions.h"
#include "window/session/Session.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>

namespace reticle {

/// The files of the setting "others".
QStringList WaveletPage::compared() const
{
    const QString others = qs(m_form->values().value("others", std::string()));
    if (others.isEmpty())
        return {};
    if (QFileInfo::exists(others)) // a name may hold a ';'
        return {others};
    QStringList paths;
    for (const auto &part : others.split(';', Qt::SkipEmptyParts))
        if (const QString path = part.trimmed(); !path.isEmpty()) // "a.tif; "
            paths << path;
    return paths;
}

void WaveletPage::compare(const QStringList &paths)
{
    m_form->setValues({{"others", ss(paths.join(';'))}});
}

void WaveletPage::addComparisons(const QStringList &paths)
{
    QStringList all = compared();
    for (const auto &path : paths)
        if (!all.contains(path))
            all << path;
    compare(all);
}

void WaveletPage::predicted(std::int64_t run, const QString &path)
{
    m_predicting.erase(run);
    if (!path.isEmpty())
        addComparisons({path});
    listComparisons();
}

/// Other data of the project, what its models predicted and could predict, by file.
void WaveletPage::listComparisons()
{
    std::vector<ImageSetList::Choice> choices;
    if (const auto *project = m_session->project()) {
        for (const auto &set : project->dataSets())
            if (isOfImages(set) && set.path() != m_data.images)
                choices.push_back({set.title, set.path()});
        for (const auto &run : project->runs()) {
            if (!mayTakeImages(run))
                continue;
            const QStringList files = project->predictions(run.id);
            for (const auto &file : files)
                choices.push_back(
                    {tr("run %1: %2").arg(run.id).arg(file), QDir(project->predictionsFolder(run.id)).filePath(file)});
            const bool busy = m_predicting.count(run.id) > 0;
            if (project->hasModel(run.id) && (busy || !files.contains(predictionFile(*project, run, m_data))))
                choices.push_back(
                    {busy ? tr("run %1: its output is being made").arg(run.id) : tr("output of run %1, to be made").arg(run.id),
                     {},
                     run.id,
                     busy});
        }
    }
    m_comparisons->setChoices(choices, compared());
}

/// The form's, with names that tell runs apart where none are given.
Json WaveletPage::options() const
{
    Json all = m_form->values();
    const QStringList paths = compared();
    if (all.value("names", std::string()).empty() && !paths.isEmpty()) {
        QStringList names{m_data.title};
        for (const auto &path : paths)
            names << m_comparisons->titleOf(path);
        for (auto &name : names)
            name.replace(';', ',');
        all["names"] = ss(names.join(';'));
    }
    return all;
}

void WaveletPage::dragEnterEvent(QDragEnterEvent *event)
{
    if (!m_comparisons->filesOf(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void WaveletPage::dropEvent(QDropEvent *event)
{
    if (const auto files = m_comparisons->filesOf(event->mimeData()); !files.isEmpty()) {
        event->acceptProposedAction();
        addComparisons(files);
    }
}

bool WaveletPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Drop && watched == m_form->editor(QStringLiteral("others"))) {
        dropEvent(static_cast<QDropEvent *>(event));
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace reticle
