#pragma once

#include <QString>

class QHBoxLayout;
class QLabel;
class QScrollArea;
class QVBoxLayout;
class QWidget;

namespace reticle {

/// What pages and the panels on the right are put together from. A parent may be given later, by a layout. Texts are plain:
/// names that look like markup are shown as they are.

/// What the panel is about.
QLabel *headingLabel(const QString &text = {}, QWidget *parent = nullptr);
/// A remark that wraps.
QLabel *mutedLabel(const QString &text = {});
/// A form that is longer than the panel; it never moves sideways.
QScrollArea *scrolled(QWidget *form);

/// The name of a page's part.
QLabel *sectionTitle(const QString &text);
/// A page's heading: the title, under it what it is (muted, wraps). What else belongs there is added on the right.
QHBoxLayout *pageHead(QLabel *title, QLabel *subtitle);
/// Fills a page: `message` stays at the top, what is added to the column that is returned scrolls below it.
QVBoxLayout *scrolledColumn(QWidget *page, QWidget *message = nullptr);

} // namespace reticle
