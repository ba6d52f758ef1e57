#pragma once

#include "files/formats/TensorFile.h"

namespace reticle {

/// An archive of LibTorch as Reticle wrote its models and checkpoints before it had files of its own: ZIP with a pickle.
/// Tensors and texts are taken out of it by a reader of our own; nothing in it runs, and its code is not even read.
/// `sealed`: it must be followed by the checksum that Reticle put behind a checkpoint. Throws Error where it is damaged,
/// ForeignFile where it is another program's.
TensorFile readTorchArchive(const ByteSource &bytes, bool sealed);

/// The 16 bytes that follow a checkpoint of before.
std::string torchArchiveSeal(std::string_view archive);

} // namespace reticle
