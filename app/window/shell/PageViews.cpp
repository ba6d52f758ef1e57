#include "window/shell/PageViews.h"

#include "window/parts/RemembersView.h"
#include "window/session/Settings.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"

#include <algorithm>

namespace reticle {

namespace {

bool isViewOf(const Json &view, const std::string &key)
{
    return view.is_array() && view.size() == 2 && view[0].is_string() && view[0] == key;
}

} // namespace

PageViews::PageViews(TabArea *tabs, QObject *parent) : QObject(parent), m_tabs(tabs)
{
    connect(m_tabs, &TabArea::closing, this, &PageViews::keepOne);
    connect(m_tabs, &TabArea::currentChanged, this, &PageViews::keep);
}

void PageViews::setProject(const QString &folder)
{
    m_setting = folder.isEmpty() ? QString() : QStringLiteral("views/") + QString::number(qHash(folder));
    m_views = Json::array();
    if (m_setting.isEmpty())
        return;
    const Json kept = Json::parse(ss(Settings::value(m_setting).toString()), nullptr, false);
    if (kept.is_array())
        m_views = kept;
}

void PageViews::take(const ItemKey &key)
{
    const auto *page = dynamic_cast<const RemembersView *>(m_tabs->page(key));
    if (!page || m_setting.isEmpty())
        return;
    const std::string name = ss(key.text());
    auto &views = m_views.get_ref<Json::array_t &>();
    std::erase_if(views, [&](const Json &view) { return isViewOf(view, name); });
    views.push_back({name, page->viewState()});
    if (views.size() > most)
        views.erase(views.begin(), views.end() - static_cast<std::ptrdiff_t>(most));
}

void PageViews::keep()
{
    for (const auto &key : m_tabs->keys())
        take(key);
    write();
}

void PageViews::keepOne(const ItemKey &key)
{
    take(key);
    write();
}

void PageViews::write() const
{
    if (!m_setting.isEmpty())
        Settings::setValue(m_setting, qs(m_views.dump()));
}

void PageViews::restore(const ItemKey &key, QWidget *made) const
{
    auto *page = dynamic_cast<RemembersView *>(made);
    if (!page)
        return;
    const std::string name = ss(key.text());
    for (const auto &view : m_views)
        if (isViewOf(view, name))
            page->restoreView(view[1]);
}

} // namespace reticle
