#pragma once

#include "files/Names.h"
#include "files/Reader.h"

namespace reticle::files {

/// The slices of one side of a data set: pages of a file, or pictures of a folder that may differ in size. Thread-safe.
class Slices
{
public:
    /// `labels`: read as labels; of a folder that holds both, the label images. `numbers`: images that are predictions, whose
    /// numbers are read as those of labels are.
    Slices(const std::filesystem::path &path, bool labels, bool numbers = false);

    std::int64_t pages() const { return static_cast<std::int64_t>(m_order.size()); }
    std::int64_t height(std::int64_t slice) const { return infoOf(slice).height; }
    std::int64_t width(std::int64_t slice) const { return infoOf(slice).width; }
    DType dtype() const { return m_source->info().dtype; }
    const ImageInfo &info() const { return m_source->info(); }
    bool isFolder() const { return m_folder != nullptr; }
    std::int64_t colors() const; ///< channels without opacity
    /// "FILE: page 3", or the file of a folder.
    std::string name(std::int64_t slice) const;
    std::string fileStem(std::int64_t slice) const; ///< folders only
    Array image(std::int64_t slice) const;          ///< in the file's numbers, opacity and all
    /// A part of it, its top left corner at (y, x); decodes no more than the file's kind needs.
    Array region(std::int64_t slice, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const;
    Array labels(std::int64_t slice, double threshold) const;
    /// "24 slices of 512 x 512, 8 bit"
    std::string text() const;
    /// Puts page order[i] at place i.
    void reorder(std::vector<std::int64_t> order) { m_order = std::move(order); }
    /// A sentence where these slices came to others in order, because no names match; else empty.
    const std::string &orderNote() const { return m_orderNote; }
    void setOrderNote(std::string note) { m_orderNote = std::move(note); }

private:
    const ImageInfo &infoOf(std::int64_t slice) const;

    std::shared_ptr<ImageSource> m_source;
    std::shared_ptr<FolderSource> m_folder; ///< the same, where it is one
    std::vector<std::int64_t> m_order;
    std::string m_orderNote;
};

struct SlicePair
{
    std::shared_ptr<Slices> images, labels;
};

/// Opens both and brings the labels into the order of the images. Throws Error when counts, names or sizes differ.
/// `numbers`: the images are predictions, as of Slices.
SlicePair openPair(const std::filesystem::path &images, const std::filesystem::path &labels, bool numbers = false);
/// The one way in which files of two folders are paired: pages of `others` come into the order of `first`, each with the one
/// whose name is the same without the words for images, labels and predictions, letters' case and leading zeros. Names
/// that have nothing in common, or say the same twice, stay in order, and others.orderNote() says so; a stack stays in order too.
/// Throws Error naming the files that lack a partner. `what`, such as "labels", is what `others` are.
void orderLike(const Slices &first, Slices &others, const std::filesystem::path &where, const std::string &what);
/// Opens `path` with its pages in the order of `first`. Throws Error where names, counts or sizes differ. What Slices::orderNote
/// would say is added to `notes`.
std::shared_ptr<ImageSource> openPartner(const ImageSource &first, const std::filesystem::path &path, FolderPart part,
                                         const std::string &what, std::vector<std::string> *notes = nullptr);

/// "512 x 512, 8 bit", "... RGB, 16 bit", "..., 32 bit floating point"
std::string kindText(const ImageInfo &info);

} // namespace reticle::files
