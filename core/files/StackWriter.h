#pragma once

#include "files/ImageSource.h"
#include "files/OutputGuard.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// What a name asks for.
enum class StackFormat {
    Tiff,    ///< .tif, .tiff, .btf, .tf8: all pages in one file, with ImageJ's description of its axes
    OmeTiff, ///< .ome.tif, .ome.tiff: the same with OME-XML
    Png,     ///< .png: one page
    Npy,     ///< .npy: one array (pages, height, width[, channels]), one page without the first axis
    Folder,  ///< a folder that is there, or a name without an ending: a TIFF for each file or page of the input
};
/// Letters' case does not matter. Throws Error naming what there is for any other ending.
StackFormat stackFormat(const std::filesystem::path &output);
/// What requireOutput() is to ask for.
Place stackPlace(const std::filesystem::path &output);

/// What the numbers of the pages are.
enum class StackNumbers {
    Probability, ///< 0 to 1, float32: a PNG holds them as 16 bit numbers, 65535 being probability 1
    Whole,       ///< labels or numbers of objects: a PNG holds those of 8 and 16 bit
    Values,      ///< anything else, float32: no PNG
};

/// The pages of a result, before the first of them is there.
struct StackPlan
{
    struct Page
    {
        std::int64_t height = 0, width = 0;
        std::string name;      ///< of the input's file, without its ending; pages of one file follow one another
        std::int64_t file = 0; ///< number of that file
    };
    std::vector<Page> pages;
    /// One for each file: axes, sizes of pixels and `pages` of what is written for it.
    std::vector<ImageInfo> files;
    bool fromFolder = false;     ///< the input is a folder, whose files give the names; else pages of one file are numbered
    std::int64_t pixelBytes = 4; ///< about, to choose BigTIFF where it is needed
    std::int64_t probabilityClass = -1; ///< of probabilities their class, which all but a .npy say then; -1 = not said

    /// Of all pages of a source, or of some.
    static StackPlan of(const ImageSource &source);
    static StackPlan of(const ImageSource &source, const std::vector<std::int64_t> &chosen);
    bool oneSize() const;
};

/// Throws Error with a way out where the name cannot hold such pages: several in a PNG, several sizes in one file. Asked
/// before any work is done for them.
void requireFormat(const std::filesystem::path &output, const StackPlan &plan, StackNumbers numbers);
/// What a reader of the file must know, in sentences: the scale of probabilities in a PNG, and that a .npy cannot say that
/// they are those of class 0. Empty where there is nothing.
std::string formatNote(const std::filesystem::path &output, StackNumbers numbers, std::int64_t probabilityClass = -1);

/// Writes the pages of a plan one after the other in the format that the name asks for. The result is in its place once
/// close() has returned; a writer that is destroyed before leaves nothing behind, of a folder no file either.
class StackWriter
{
public:
    /// Throws Error as requireFormat does, as files/OutputGuard.h does for a place where no result may go, a file of a folder
    /// too, and (Kind::Failed) for one that cannot be written.
    static std::unique_ptr<StackWriter> open(const std::filesystem::path &output, const StackPlan &plan, StackNumbers numbers);
    virtual ~StackWriter() = default;
    virtual void writePage(const Array &page) = 0; ///< (H, W) or (H, W, C)
    /// Throws Error unless all pages were written; `early`: unless at least one was, and the format can do with fewer.
    virtual void close(bool early = false) = 0;
};

} // namespace reticle
