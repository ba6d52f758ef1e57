#pragma once

#include "files/ImageSource.h"
#include "files/LabelValues.h"

#include <QString>

#include <functional>
#include <memory>
#include <vector>

class QWidget;

namespace reticle {

/// Labels as pages show and compare them.
struct OpenedLabels
{
    std::shared_ptr<ImageSource> file;    ///< as they are; null until they are opened
    std::shared_ptr<ImageSource> shown;   ///< as classes, ignored pixels as background; the file where they are none
    std::shared_ptr<ImageSource> objects; ///< with the file's own numbers; of a mask its foreground
    std::vector<std::int64_t> values;     ///< that occur in the file; empty where they are no whole numbers
    bool dark = false;                    ///< which of two values is the foreground
    QString problem;                      ///< why there are none

    /// Classes, 255 = ignored: those of a model, or where it does not say (empty) those of the values; null where they are
    /// none. `note` gets a sentence on what was assumed, or stays empty.
    std::shared_ptr<ImageSource> truth(const files::LabelClasses &classes, std::string &note) const;
};

/// Reads all pages for what their values mean. Not for the GUI thread.
OpenedLabels readLabels(const std::string &path, bool dark);

/// Asks over the page's window for the values of black and white, and gives what was typed to `then`.
void askInputRange(QWidget *page, const QString &shown, std::function<void(const QString &)> then);

} // namespace reticle
