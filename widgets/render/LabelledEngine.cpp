#include "widgets/render/LabelledEngine.h"

#include <QPaintEngine>
#include <QPainter>

namespace reticle {

LabelledEngine *labelledEngine(QPainter &painter)
{
    return dynamic_cast<LabelledEngine *>(painter.paintEngine());
}

Group::Group(QPainter &painter, const QString &name) : m_engine(labelledEngine(painter))
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
