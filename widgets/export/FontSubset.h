#pragma once

#include <QByteArray>
#include <QtGlobal>

#include <set>

namespace reticle {

/// A TrueType font with the glyphs of these Unicode letters only, taken from the face that figures are drawn with
/// (Liberation Sans); empty where that is not installed.
QByteArray fontSubset(bool bold, bool italic, const std::set<uint> &letters);

} // namespace reticle
