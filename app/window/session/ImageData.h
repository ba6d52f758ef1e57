#pragma once

#include "window/session/DataSet.h"

#include <array>
#include <optional>

namespace reticle {

struct InputInfo;
struct RunInfo;

/// Data of images with or without labels, as the pages of images take them.
struct ImageData : DataSet
{
    ImageData() = default;
    explicit ImageData(const DataSet &data);

    QString images, labels; ///< absolute paths; labels may be empty
    QString foreground = QStringLiteral("bright");
    int classes = 0;               ///< of the labels; 0 = not known
    std::array<double, 3> voxel{}; ///< sides x, y, z in nm that were typed for the images; x = 0: none were
    QString inputRange;            ///< as PredictOptions::inputRange, where it was asked for; empty = found out

    Json predictOptions() const; ///< what was asked for
};

/// Whether pages of images can show data of a section: its kind holds images, and it names some.
bool isOfImages(const Json &section);
bool isOfImages(const DataSet &data);
/// Whether the model of a run may be shown images: false where it was trained on data of another kind.
bool mayTakeImages(const RunInfo &run);
/// A section "data" of images; without labels of images alone.
Json imageSection(const QString &images, const QString &labels, const QString &foreground = QStringLiteral("bright"));
/// Sides of a voxel (x, y, z in nm; x = 0: the file's own) as a note.
Json voxelNote(const std::array<double, 3> &sides);
/// The section and notes of images that a project of before has, which knew no other data; nothing of any other input.
std::optional<std::pair<Json, Json>> imagesOfBefore(const InputInfo &input);

} // namespace reticle
