#include "window/pages/Pages.h"

#include "window/session/OpenProject.h"

#include <QAction>
#include <QCoreApplication>
#include <QMenu>

#include <algorithm>
#include <cassert>
#include <tuple>

namespace reticle {

namespace {

/// What a page could be of, the one that is meant first where none is named.
std::vector<ItemKey> thingsOf(ItemKey::Kind kind, const OpenProject &project)
{
    std::vector<ItemKey> keys;
    const auto newestFirst = [&](const auto &all) {
        for (auto it = all.rbegin(); it != all.rend(); ++it)
            keys.push_back({kind, it->id});
    };
    switch (kind) {
    case ItemKey::Kind::Data:
        for (const auto &set : project.dataSets())
            keys.push_back({kind, set.input});
        break;
    case ItemKey::Kind::Run: newestFirst(project.runs()); break;
    case ItemKey::Kind::Result: newestFirst(project.results()); break;
    case ItemKey::Kind::Comparison: newestFirst(project.comparisons()); break;
    case ItemKey::Kind::RunGroup: keys.push_back({kind}); break;
    default: break;
    }
    return keys;
}

} // namespace

QString PageKind::titleText() const
{
    return title ? QCoreApplication::translate("Pages", title) : QString();
}

Pages &Pages::instance()
{
    static Pages pages;
    return pages;
}

void Pages::add(PageKind kind)
{
    assert(kind.fits && kind.make && !find(QString::fromUtf8(kind.name)) && "a name may be registered once");
    const auto place = [](const PageKind &k) { return std::tuple(-k.rank, std::string(k.name)); };
    const auto at = std::find_if(m_kinds.begin(), m_kinds.end(), [&](const auto &other) { return place(kind) < place(*other); });
    m_kinds.insert(at, std::make_unique<const PageKind>(std::move(kind)));
}

const PageKind *Pages::find(const QString &name) const
{
    for (const auto &kind : m_kinds)
        if (name == QLatin1String(kind->name))
            return kind.get();
    return nullptr;
}

const PageKind *Pages::main(const OpenProject &project, const ItemKey &of) const
{
    for (const auto &kind : m_kinds)
        if (kind->rank > 0 && kind->of == of.kind && kind->fits(project, of))
            return kind.get();
    return nullptr;
}

std::vector<const PageKind *> Pages::offered(const OpenProject &project, const ItemKey &of) const
{
    std::vector<const PageKind *> kinds;
    const auto *first = main(project, of);
    for (const auto &kind : m_kinds)
        if (kind->title && kind->of == of.kind && kind.get() != first && kind->fits(project, of))
            kinds.push_back(kind.get());
    return kinds;
}

ItemKey Pages::subject(const PageKind &kind, const OpenProject &project, const ItemKey &current) const
{
    const auto fits = [&](const ItemKey &key) { return key.kind == kind.of && kind.fits(project, key); };
    ItemKey shown = current.thing();
    if (kind.of == ItemKey::Kind::Run && shown.kind == ItemKey::Kind::Prediction)
        shown = {ItemKey::Kind::Run, shown.id}; // that has made it
    if (fits(shown))
        return shown;
    const auto things = thingsOf(kind.of, project);
    const auto it = std::find_if(things.begin(), things.end(), fits);
    return it == things.end() ? ItemKey() : *it;
}

ItemKey Pages::completed(const ItemKey &key) const
{
    if (key.kind != ItemKey::Kind::Page || key.id == 0 || key.thing().kind != ItemKey::Kind::None)
        return key;
    const auto *kind = find(key.pageName());
    return kind ? ItemKey::page(key.pageName(), {kind->of, key.id}) : key;
}

void addPageActions(QMenu *menu, const OpenProject &project, const ItemKey &of, QObject *receiver,
                    std::function<void(const ItemKey &page)> open)
{
    for (const auto *kind : Pages::instance().offered(project, of)) {
        const QString name = QString::fromUtf8(kind->name);
        auto *action = menu->addAction(kind->titleText());
        action->setObjectName(QStringLiteral("page.") + name);
        QObject::connect(action, &QAction::triggered, receiver, [open, key = ItemKey::page(name, of)] { open(key); });
    }
}

} // namespace reticle
