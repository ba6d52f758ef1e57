// The page of a table of the project.

#include "window/pages/Pages.h"
#include "window/pages/TablePage.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"

#include <QPointer>

namespace reticle {

namespace {

const PageRegistration tables({
    .name = "table",
    .title = QT_TRANSLATE_NOOP("Pages", "Table"),
    .icon = "table",
    .of = ItemKey::Kind::Data,
    .rank = 20,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *data = project.dataSet(key.id);
            return data && data->kind() == QStringLiteral("table");
        },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        auto *project = context.session->project();
        const DataSet &data = *project->dataSet(key.id);
        auto *page = new TablePage({data.title, data.path(), data.section});
        // The project may be closed, and another opened, while the page is still there.
        QPointer<OpenProject> of(project);
        QObject::connect(
            page, &TablePage::sectionChanged, context.receiver, [context, page, of, data = key.id](const Json &section) {
                try {
                    if (!of)
                        return;
                    of->setSection(data, section);
                    context.trainOn(data); // the form has what was chosen before
                } catch (const std::exception &e) {
                    page->message()->say(MessageBar::Level::Error,
                                         TablePage::tr("The choice was not saved: %1").arg(QString::fromUtf8(e.what())));
                }
            });
        QObject::connect(project, &OpenProject::changed, page, [page, project, data = key.id] {
            if (const auto *set = project->dataSet(data))
                page->setSection(set->section);
        });
        return page;
    },
});

} // namespace

} // namespace reticle
