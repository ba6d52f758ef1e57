// The page of data whose files are not where the project looks for them.

#include "window/pages/Pages.h"
#include "window/session/Session.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

namespace reticle {

namespace {

constexpr const char *missingPageName = "missing";

QString trMissing(const char *text)
{
    return QCoreApplication::translate("MissingPage", text);
}

/// What would show these data if all of their files were there.
const PageKind *pageOfTheRest(const OpenProject &project, const ItemKey &key)
{
    for (const auto &kind : Pages::instance().all())
        if (kind->of == key.kind && kind->rank > 0 && QLatin1String(kind->name) != QLatin1String(missingPageName) &&
            kind->fits(project, key))
            return kind.get();
    return nullptr;
}

QWidget *makeMissingPage(const PageContext &context, const ItemKey &key)
{
    auto *project = context.session->project();
    const DataSet set = *project->dataSet(key.id);
    auto *page = new QWidget;
    page->setObjectName(QStringLiteral("missingPage"));
    page->setWindowTitle(set.title);
    auto *column = scrolledColumn(page);
    column->addLayout(pageHead(new QLabel(set.title), new QLabel(set.sentence)));

    auto *what = new QLabel(set.missing.size() == 1 ? trMissing("This file or folder is missing:")
                                                    : trMissing("These files or folders are missing:"));
    column->addWidget(what);
    for (const auto &path : set.missing) {
        auto *row = new QHBoxLayout;
        auto *where = new QLabel(path);
        where->setObjectName(QStringLiteral("missingPath"));
        where->setTextFormat(Qt::PlainText);
        where->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        where->setWordWrap(true);
        auto *find = new QPushButton(trMissing("Find it…"));
        find->setObjectName(QStringLiteral("findFile"));
        find->setProperty("primary", path == set.missing.first());
        find->setToolTip(trMissing("Choose where %1 is now").arg(QFileInfo(path).fileName()));
        find->setAccessibleName(trMissing("Find %1").arg(QFileInfo(path).fileName()));
        QObject::connect(find, &QPushButton::clicked, context.receiver, [context, path] { context.findFile(path); });
        row->addWidget(where, 1);
        row->addWidget(find, 0, Qt::AlignTop);
        column->addLayout(row);
    }
    column->addWidget(mutedLabel(
        trMissing("It was moved or renamed, or its disk is not connected or has another name. Choose where it is now: Reticle "
                  "compares the content, and looks for the other missing files at the same place. Runs, models and results stay "
                  "as they are.")));

    auto *buttons = new QHBoxLayout;
    auto *search = new QPushButton(trMissing("Search a folder…"));
    search->setObjectName(QStringLiteral("searchFolder"));
    search->setToolTip(trMissing("Search a folder and its subfolders for all missing files of this project"));
    QObject::connect(search, &QPushButton::clicked, context.receiver, [context] { context.findFile({}); });
    buttons->addWidget(search);
    auto *again = new QPushButton(trMissing("Check again"));
    again->setObjectName(QStringLiteral("checkAgain"));
    again->setToolTip(trMissing("For example after a disk was connected"));
    QPointer<OpenProject> of(project); // another one may be open when a button is pressed
    QObject::connect(again, &QPushButton::clicked, context.receiver, [of] {
        if (of)
            of->refresh();
    });
    buttons->addWidget(again);
    // With labels or tables missing, the images can be inspected all the same.
    if (const auto *rest = pageOfTheRest(*project, key); rest && QFileInfo::exists(set.path())) {
        auto *open = new QPushButton(trMissing("Open without it"));
        open->setObjectName(QStringLiteral("openWithoutIt"));
        const QString name = QLatin1String(rest->name);
        QObject::connect(open, &QPushButton::clicked, context.receiver,
                         [context, key, name] { context.open(ItemKey::page(name, key)); });
        buttons->addWidget(open);
    }
    buttons->addStretch(1);
    column->addLayout(buttons);
    column->addStretch(1);

    // Once the files are there, the page of the data takes this one's place.
    auto replaced = std::make_shared<bool>(false);
    QObject::connect(project, &OpenProject::changed, page, [context, key, page, of, replaced, shown = set.missing] {
        const auto *now = of ? of->dataSet(key.id) : nullptr;
        if (*replaced || !now || now->missing == shown)
            return;
        *replaced = true;
        const bool reopen = page->isVisible();
        QMetaObject::invokeMethod(
            context.receiver,
            [context, key, of, reopen] {
                if (!of || of != context.session->project())
                    return;
                context.close(key);
                if (reopen)
                    context.open(key);
            },
            Qt::QueuedConnection);
    });
    return page;
}

const PageRegistration missingPage({
    .name = missingPageName,
    .title = nullptr,
    .icon = "warning",
    .of = ItemKey::Kind::Data,
    .rank = 100,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *data = project.dataSet(key.id);
            return data && !data->missing.isEmpty();
        },
    .make = makeMissingPage,
});

} // namespace

} // namespace reticle
