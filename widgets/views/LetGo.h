#pragma once

#include <QWidget>

namespace reticle {

/// Takes away all child widgets of one that is built again. They are deleted by the event loop: one of them may be the
/// editor whose signal led here, and Qt goes on in its code when the signal has been handled. Dialogs over it stay.
inline void letGoOfChildren(QWidget *parent)
{
    for (auto *child : parent->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly)) {
        if (child->isWindow())
            continue;
        // What they still have to say is of no interest: it may be about things that are gone with them.
        child->disconnect(parent);
        for (auto *part : child->findChildren<QObject *>())
            part->disconnect(parent);
        child->hide();
        child->setParent(nullptr);
        child->deleteLater();
    }
}

} // namespace reticle
