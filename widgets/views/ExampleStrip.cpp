#include "widgets/views/ExampleStrip.h"

namespace reticle {

struct ExampleStrip::Private
{
    std::vector<std::vector<Array>> rows;
    QStringList titles;
    QString empty;
};

ExampleStrip::ExampleStrip(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>()) {}
ExampleStrip::~ExampleStrip() = default;
void ExampleStrip::setExamples(std::vector<Array> images, QStringList titles, std::vector<Kind> kinds)
{
    setRows({std::move(images)}, std::move(titles), std::move(kinds));
}
void ExampleStrip::setRows(std::vector<std::vector<Array>> rows, QStringList titles, std::vector<Kind>)
{
    d->rows = std::move(rows);
    d->titles = std::move(titles);
    update();
}
void ExampleStrip::clear() { d->rows.clear(); update(); }
int ExampleStrip::count() const { return d->rows.empty() ? 0 : int(d->rows.front().size()); }
int ExampleStrip::rows() const { return int(d->rows.size()); }
void ExampleStrip::setEmptyText(const QString &text) { d->empty = text; }
QSize ExampleStrip::sizeHint() const { return {480, 180}; }
QSize ExampleStrip::minimumSizeHint() const { return {180, 100}; }
bool ExampleStrip::hasHeightForWidth() const { return true; }
int ExampleStrip::heightForWidth(int width) const { return width / 3; }
void ExampleStrip::paintEvent(QPaintEvent *e) { QWidget::paintEvent(e); }
void ExampleStrip::mousePressEvent(QMouseEvent *e) { QWidget::mousePressEvent(e); }
void ExampleStrip::mouseReleaseEvent(QMouseEvent *e) { QWidget::mouseReleaseEvent(e); }
void ExampleStrip::mouseMoveEvent(QMouseEvent *e) { QWidget::mouseMoveEvent(e); }
void ExampleStrip::leaveEvent(QEvent *e) { QWidget::leaveEvent(e); }
void ExampleStrip::keyPressEvent(QKeyEvent *e) { QWidget::keyPressEvent(e); }
bool ExampleStrip::event(QEvent *e) { return QWidget::event(e); }

} // namespace reticle
