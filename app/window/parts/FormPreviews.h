#pragma once

#include "foundation/Json.h"

#include <QObject>

#include <cstdint>

namespace reticle {

class MessageBar;
class Session;
class SidePanel;
class TabArea;

/// What the forms show of a recipe before it is trained, each in a tab: augmented examples and the layers of its network.
/// GUI thread.
class FormPreviews : public QObject
{
    Q_OBJECT
public:
    FormPreviews(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent = nullptr);

    void showAugmentation(const Json &recipe);
    void showLayers(const Json &recipe, std::int64_t run = 0); ///< of a run, or of the form for training

private:
    Session *m_session;
    TabArea *m_tabs;
    SidePanel *m_side;
    MessageBar *m_message;
    std::int64_t m_layersRequest = 0; ///< number of the last request for a layer table: answers to earlier ones are dropped
};

} // namespace reticle
