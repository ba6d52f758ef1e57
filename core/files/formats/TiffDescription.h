#pragma once

#include "files/Reader.h"

namespace reticle::files {

/// What ImageDescription says beyond the TIFF's own tags.
struct TiffDescription
{
    enum class Kind { None, ImageJ, Ome, Shaped, Aperio };
    /// Where a plane of OME-TIFF is stored.
    struct Place
    {
        std::int32_t file = 0;       ///< of `files`
        std::int64_t directory = -1; ///< counted from 0; -1 = nowhere
        bool operator==(const Place &) const = default;
    };
    Kind kind = Kind::None;
    std::int64_t sizeZ = 1, sizeC = 1, sizeT = 1;
    std::int64_t images = 0;                   ///< planes announced; 0 = not said
    std::string order = "CZT";                 ///< of planes in the file, fastest first
    double pixelX = 0, pixelY = 0, pixelZ = 0; ///< nm
    double unit = 0, unitY = 0;                ///< ImageJ: nm of the units that the resolution tags count in, along x and y
    int significantBits = 0;                   ///< OME; 0 = not said
    std::int64_t probabilityClass = -1;        ///< as in ImageInfo
    std::int64_t series = 1;                   ///< OME: images of the metadata, of which one is described here
    /// OME: plane (t * sizeZ + z) * sizeC + c; empty where the metadata does not say, where a plane has no place, or where two
    /// planes have the same.
    std::vector<Place> places;
    std::vector<std::string> files; ///< OME: names without folders; the first is "" = the file that was opened
    std::string metadataFile;       ///< OME: the name (without folders) of the file that holds the metadata, where it is not here

    /// Of planes in several files, those of the file that was opened. Their axes stay where the planes fill them.
    TiffDescription ofThisFileAlone() const;
};

/// `samples`: those of one directory (OME counts them in SizeC). `fileName` and `uuid`: how OME metadata names the file that
/// was opened; the image that has planes in it is the one described. An empty `uuid` is read from the text.
/// Takes memory in proportion to the text, and up to 64 MB for planes that it announces.
TiffDescription readDescription(const std::string &text, std::int64_t samples, const std::string &fileName = {},
                                const std::string &uuid = {});
/// The UUID that OME metadata gives to its own file, or "".
std::string uuidOf(const std::string &omeText);

/// A size in nm as files give it, of a length that microscopes and telescopes make pixels of: without its sign, which
/// some programs give to the direction of slices; 0 (not known) below 1e-6 nm and above 1e9 nm.
double plausibleSize(double nm);

/// nm of "um", "µm", "micron", "nm", "mm", "cm", "inch", ...; 0 for an unknown one.
double nanometres(const std::string &unit);

} // namespace reticle::files
