#pragma once

#include "foundation/Array.h"
#include "foundation/Schema.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reticle {

/// Which parts of which images are compared.
struct ImageSetOptions
{
    std::string images, others; ///< files or folders of pictures; others: several, separated by ';'
    std::string names;          ///< of the sets in this order, separated by ';'; empty = from the files
    std::int64_t count = 100;   ///< images or crops of a set
    std::int64_t crop = 0;      ///< side in px; 0 = the largest part that all images have
    std::int64_t seed = 0;
    bool paired = true;
    std::int64_t channel = 0; ///< of images with several: 0 = their luma, else this one, from 1
};

template <class O> Schema<O> &addImageSetFields(Schema<O> &s)
{
    using I = ImageSetOptions;
    s.template field<std::string>(&I::images, {.name = "images",
                                               .title = "Original images",
                                               .help = "A stack, a picture or a folder of pictures",
                                               .path = true,
                                               .group = "Images"});
    s.template field<std::string>(&I::others, {.name = "others",
                                               .title = "Compared with",
                                               .help = "Stacks or folders to compare with the originals, such as what a network "
                                                       "made of them, separated by ';'; empty = none",
                                               .path = true,
                                               .group = "Images"});
    s.template field<std::string>(&I::names, {.name = "names",
                                              .title = "Names",
                                              .help = "Names of the sets in this order, separated by ';'; empty = the "
                                                      "files' names",
                                              .group = "Images"});
    s.template field<bool>(&I::paired, {.name = "paired",
                                        .title = "Made from one another",
                                        .help = "Whether each image belongs to one of the originals: by name in "
                                                "folders, in order in stacks; if not, sets may differ in number and "
                                                "size",
                                        .group = "Images"});
    s.template field<std::int64_t>(&I::count, {.name = "count",
                                               .title = "Number of images",
                                               .help = "So many images, or crops of them, of each set, chosen by the "
                                                       "seed where there are more",
                                               .min = 1,
                                               .max = 100000,
                                               .group = "Images"});
    s.template field<std::int64_t>(&I::crop, {.name = "crop",
                                              .title = "Crop",
                                              .help = "Side of the crops taken at places chosen by the seed; 0 = "
                                                      "whole images, or the middle that all of them have",
                                              .unit = "px",
                                              .min = 0,
                                              .max = 65536,
                                              .group = "Images"});
    s.template field<std::int64_t>(&I::channel,
                                   {.name = "channel",
                                    .title = "Channel",
                                    .help = "Of images with several: 0 = the luma of colors (Rec. 601), 1 = the first "
                                            "channel (red), 2 = the second, ...; gray images are taken as they are",
                                    .min = 0,
                                    .max = 1000,
                                    .group = "Images"});
    s.template field<std::int64_t>(&I::seed, {.name = "seed",
                                              .title = "Seed",
                                              .help = "Chooses images and places of crops",
                                              .min = 0,
                                              .max = 1e15,
                                              .group = "Images",
                                              .advanced = true});
    return s;
}

/// Sets of images of which equal parts are read: the first set is the originals.
/// Threads: const functions may be called from several at once.
class ImageSets
{
public:
    struct Place
    {
        std::int64_t image = 0, y = 0, x = 0; ///< number in its set, from 0; corner of the part
    };

    /// Throws Error: no images, files that cannot be read, paired sets of unlike number or size (both are listed),
    /// images smaller than the crop, more names than sets, a channel that they do not have.
    explicit ImageSets(const ImageSetOptions &options);
    ~ImageSets();

    std::size_t size() const; ///< number of sets
    const std::string &name(std::size_t set) const;
    std::string path(std::size_t set) const;
    DType dtype(std::size_t set) const;
    double pixelSize() const;   ///< width of a pixel in nm, of the originals; 0 = not known
    double pixelHeight() const; ///< nm; 0 = not known
    /// Parts read of a set; equal for all sets where they are paired.
    const std::vector<Place> &places(std::size_t set) const;
    std::int64_t rows() const; ///< of every part
    std::int64_t columns() const;
    /// (rows, columns) float64, colors as Rec. 601 luma (0.299 R + 0.587 G + 0.114 B) or the chosen channel. Throws
    /// Error: "FILE: page 6: it holds 3 non-finite values", pages counted from 0.
    /// Of larger parts only the middle of `side` x `side` is read.
    Array read(std::size_t set, std::size_t place, std::int64_t side = std::numeric_limits<std::int64_t>::max()) const;
    /// Smallest and largest finite number in the middle (up to 512 x 512) of the first, the middle and the last of a
    /// set's parts: what tells the range that a file is meant in, without reading all of it. (0, 0) = none is finite.
    std::pair<double, double> range(std::size_t set) const;
    /// SHA-256 of the files' names, the channel, the numbers of images and the places.
    std::string hash() const;
    /// What a person should know: colors that were turned into gray, images that were cut.
    const std::vector<std::string> &notes() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
