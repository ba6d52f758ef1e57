#pragma once

#include <QRect>
#include <QString>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

class QWidget;

namespace reticle {

class MainWindow;

/// What a step of the tour points at, as the window is now.
struct TourSpot
{
    QWidget *widget = nullptr; ///< null or hidden: the callout points at nothing
    QRect part = {};           ///< of the widget, in its coordinates; null: all of it
    QString text;              ///< one or two sentences
    QWidget *clear = nullptr;  ///< also spoken of: covered only where there is no other room
};

struct TourStep
{
    QString title;
    std::function<TourSpot()> spot;
    /// A number that changes as the step is done; nothing where the window does not show it now.
    std::function<std::optional<std::int64_t>()> mark;
    bool rises = true; ///< only a larger number says that the step is done
};

/// The steps of the tour through this window, from getting images to comparing runs. None of them starts or changes anything.
/// The functions may be called as long as the window is there. GUI thread.
std::vector<TourStep> tourSteps(MainWindow &window);

} // namespace reticle
