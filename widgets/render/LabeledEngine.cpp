#include "widgets/render/LabeledEngine.h"

#include <QPaintEngine>
#include <QPainter>

namespace reticle {

LabeledEngine *labeledEngine(QPainter &painter)
{
    return dynamic_cast<LabeledEngine *>(painter.paintEngine());
}

Group::Group(QPainter &painter, const QString &name) : m_engine(labeledEngine(painter))
{
    if (m_engine)
        m_engine->beginGroup(name);
}

Group::~Group()
{
    if (m_engine)
        m_engine->endGroup();
}

} // namespace reticle
