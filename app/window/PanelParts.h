#pragma once

#include <QString>

class QLabel;
class QScrollArea;
class QWidget;

namespace reticle {

/// What the panels on the right are put together from. A parent may be given later, by a layout.

/// What the panel is about.
QLabel *headingLabel(const QString &text = {}, QWidget *parent = nullptr);
/// A remark that wraps.
QLabel *mutedLabel(const QString &text = {});
/// A form that is longer than the panel; it never moves sideways.
QScrollArea *scrolled(QWidget *form);

} // namespace reticle
