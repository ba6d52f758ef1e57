#pragma once

#include "figure/Figure.h"
#include "foundation/Json.h"

#include <QString>

#include <functional>

class QObject;

namespace reticle {

class Session;
struct Failure;

/// A question for the layers of a network, and who gets the answer. One of `then`, `unknown` and `failed` is called, unless
/// it is no longer wanted, or `receiver` is gone.
struct LayerQuestion
{
    Json recipe;
    std::int64_t run = 0; ///< whose recipe it is; 0: of a training to come
    QString channel = {}; ///< of the service worker, where a newer question takes the place of an older one; empty: none
    std::function<bool()> wanted = {}; ///< asked at every step; empty: always
    std::function<void(const Result &layers)> then;
    std::function<void(const QString &sentence)> unknown; ///< what the network takes in and tells apart is not known
    std::function<void(const Failure &failure)> failed;
};

/// GUI thread; nothing is called from inside.
void askForLayers(Session *session, QObject *receiver, LayerQuestion question);

/// "Layer table of run 3 Cells": what the page of a run's layers is headed with; of run 0, or one that is gone, plainly.
QString layerTableTitle(const Session &session, std::int64_t run);
QString layerTabTitle(const Session &session, std::int64_t run); ///< "Layers of run 3"

} // namespace reticle
