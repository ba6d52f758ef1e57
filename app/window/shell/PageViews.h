#pragma once

#include "foundation/Json.h"
#include "window/session/ItemKey.h"

#include <QObject>
#include <QString>

class QWidget;

namespace reticle {

class TabArea;

/// The views of a project's pages from one session to the next, and from a closed tab to the next time it is opened. Kept with
/// the window's settings, for the last hundred things that were looked at. GUI thread.
class PageViews : public QObject
{
    Q_OBJECT
public:
    explicit PageViews(TabArea *tabs, QObject *parent = nullptr);

    /// Those of this project from now on; empty: of none. Views of the former one must have been kept.
    void setProject(const QString &folder);
    void keep();                      ///< of all pages that are open
    void keepOne(const ItemKey &key); ///< before its page goes
    /// Of a page that was just made, before its tab is there.
    void restore(const ItemKey &key, QWidget *made) const;

private:
    void take(const ItemKey &key);
    void write() const;

    static constexpr std::size_t most = 100;
    TabArea *m_tabs;
    QString m_setting;            ///< empty: of no project
    Json m_views = Json::array(); ///< [key, state], the latest last
};

} // namespace reticle
