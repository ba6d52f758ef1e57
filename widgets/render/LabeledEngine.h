#pragma once

#include <QColor>
#include <QFont>
#include <QPointF>
#include <QString>
#include <QTransform>

class QPainter;

namespace reticle {

/// What a paint engine can be told beyond Qt's painting calls: which part of the figure is being drawn, and a label as a
/// whole. (QPainter cuts a label into runs of one script each: "β = 1" would become two pieces of text.)
class LabeledEngine
{
public:
    virtual ~LabeledEngine() = default;
    virtual void beginGroup(const QString &name) = 0;
    virtual void endGroup() = 0;
    virtual void drawLabel(const QTransform &transform, QPointF baseline, const QFont &font, const QColor &color, double opacity,
                           const QString &text) = 0;
};

/// The engine behind `painter` where it is one, else null.
LabeledEngine *labeledEngine(QPainter &painter);

/// A named part of the drawing, open as long as this lives.
class Group
{
public:
    Group(QPainter &painter, const QString &name);
    ~Group();
    Group(const Group &) = delete;
    Group &operator=(const Group &) = delete;

private:
    LabeledEngine *m_engine;
};

} // namespace reticle
