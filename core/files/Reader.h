#pragma once

#include "files/ImageSource.h"
#include "foundation/Error.h"

#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the readers of single formats share. Not included outside core/files.
namespace reticle::files {

/// A file read at given offsets; no position of its own, so that threads need no lock. Plain reads rather than a memory
/// map: a file that shrinks while it is shown gives an error, not a signal.
class RandomFile
{
public:
    /// Throws Error for a file that cannot be opened or is empty.
    explicit RandomFile(const std::filesystem::path &path);
    ~RandomFile();
    RandomFile(const RandomFile &) = delete;
    RandomFile &operator=(const RandomFile &) = delete;

    std::uint64_t size() const { return m_size; }
    const std::string &name() const { return m_name; }
    /// Number of bytes read, fewer than `bytes` at the end of the file.
    std::size_t readSome(std::uint64_t offset, void *to, std::size_t bytes) const;
    /// Throws Error ("truncated") when fewer are there; `what` says what was being read.
    void read(std::uint64_t offset, void *to, std::size_t bytes, const std::string &what) const;

private:
    std::string m_name;
    std::uint64_t m_size = 0;
    int m_fd = -1;
};

/// What a file is read for. As an image it is read as it is meant to be seen: a table of colors is looked up (see
/// PaletteUse), white-is-zero of up to 16 bits is inverted, and gray of 1, 2 and 4 bits is spread over 0 to 255. As labels, the
/// numbers are taken as they are stored.
enum class Purpose { Image, Labels };

/// How a file is opened.
struct ReadOptions
{
    bool check = true; ///< decode the first page at once where it is small, so that a truncated image is refused when opened
    Purpose purpose = Purpose::Image;
    bool alone = false; ///< of an image whose planes are in several files, only those of this one
};

/// A format of image files. Each registers itself at the end of the file that reads it, which is all that a new one takes:
/// drops, folders, dialogs and messages go by the register.
struct Format
{
    std::string name;                    ///< "TIFF"
    std::string title = {};              ///< in the list of what can be opened, where a file cannot; empty = not in it
    bool usual = false;                  ///< its endings are in the list of file dialogs
    std::vector<std::string> endings;    ///< of files of a folder that are images, ".tif", in lower case
    std::vector<std::string> magic = {}; ///< how its files begin, one of these; empty = `open` finds out by itself
    int priority = 0;                    ///< the highest is asked first; one that takes anything is the lowest
    /// Nothing when the file is of another kind; throws Error when it is of this one but broken. Of any thread.
    std::function<std::shared_ptr<ImageSource>(const std::filesystem::path &path, const ReadOptions &options)> open;
    /// Whether a file of a folder with such an ending holds an image at all, by its header; empty = all do.
    std::function<bool(const std::filesystem::path &path)> holdsImage = {};

    bool beginsLike(std::string_view start) const; ///< whether it may be of this format by its first bytes
};

/// `const FormatRegistration registration({.name = "TIFF", …});` at namespace scope of a file *Reader.cpp.
struct FormatRegistration
{
    explicit FormatRegistration(Format format);
};

/// By priority. Filled before main, read-only after.
const std::vector<Format> &formats();
/// The format whose ending the file has; null where there is none.
const Format *formatOfEnding(const std::filesystem::path &path);
/// What can be opened, for a sentence: "TIFF", "PNG", ….
std::vector<std::string> formatTitles();

/// Each returns nothing when the file is of another kind, and throws Error when it is of this kind but broken. All turn
/// images upright where the file says how it is stored.
/// openTiff decodes through libvips what libtiff cannot; without libvips it throws. `alone`: of an OME-TIFF whose planes are in
/// several files, only those of this one.
std::shared_ptr<ImageSource> openTiff(const std::filesystem::path &path, Purpose purpose = Purpose::Image, bool alone = false);
std::shared_ptr<ImageSource> openNpy(const std::filesystem::path &path);
/// True for a .npy of Python objects or records, such as the _seg.npy of Cellpose. Only its header is read.
bool holdsNoNumbers(const std::filesystem::path &npy);
/// Decodes the first page at once where it is small, when `check` is set: a truncated image is refused when opened.
std::shared_ptr<ImageSource> openVips(const std::filesystem::path &path, bool check, Purpose purpose = Purpose::Image);
/// The directories of a TIFF as libvips decodes them, thumbnails and pyramid levels counted as pages and nothing turned;
/// nothing in a build without libvips. Throws Error where libvips cannot read the first either.
std::shared_ptr<ImageSource> openVipsTiff(const std::filesystem::path &path);

/// A single file; `check` and `alone` as above.
std::shared_ptr<ImageSource> openFile(const std::filesystem::path &path, bool check, Purpose purpose = Purpose::Image,
                                      bool alone = false);

/// Pictures of a folder as one source. With `differing` they may differ in size (each page has its own); number type
/// and channels are always the same.
class FolderSource : public ImageSource
{
public:
    virtual const ImageInfo &pageInfo(std::int64_t page) const = 0;
    /// The file that page `page` comes from.
    virtual const std::filesystem::path &fileOf(std::int64_t page) const = 0;
};
/// Which images of a folder that holds "x.png" and "x_mask.png" alike; all of one that does not. Labels are read as such, and
/// so are images that are `numbers`.
enum class FolderPart { Images, Labels };
std::shared_ptr<FolderSource> openFolder(const std::filesystem::path &folder, bool differing,
                                         FolderPart part = FolderPart::Images, bool numbers = false);
/// The same for a list of files.
std::vector<std::filesystem::path> partOf(const std::vector<std::filesystem::path> &files, FolderPart part);

/// Files in `folder` that look like images by their extension, in natural order; hidden ones and .npy files without
/// numbers are left out.
std::vector<std::filesystem::path> picturesIn(const std::filesystem::path &folder);
bool hasPictureExtension(const std::filesystem::path &path);
/// Numbers inside names compare as numbers: "s2" before "s10".
bool naturalLess(const std::string &a, const std::string &b);

/// How Reticle's files name the class whose probability they hold: in ImageJ's description and in a PNG, and in OME.
inline constexpr const char *probabilityClassKey = "reticle-probability-of-class";
inline constexpr const char *probabilityClassNamespace = "reticle:probability-of-class";
/// The class that is written behind such a name; -1 for anything else.
std::int64_t probabilityClassOf(const std::string &text);

/// Reverses the bytes of each of `count` values of `size` bytes.
void swapBytes(void *values, std::size_t count, std::size_t size);

/// Throws Error when a page of this size cannot come from `stored` bytes. `ratio`: the largest that the compression can
/// reach; 0 = not known.
void checkClaim(const ImageInfo &info, std::uint64_t stored, double ratio);
/// Throws Error (Kind::Failed) when height x width pixels would not fit in half of the memory.
void checkMemory(const ImageInfo &info, std::int64_t page, std::int64_t height, std::int64_t width);
/// Width x height for a sentence.
std::string sizeText(const ImageInfo &info);
/// The region must lie inside the page; throws Error naming file and page.
void checkRegion(const ImageInfo &info, std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                 std::int64_t width);
/// "FILE: page 3", counted from 0 as in recipes and in the window.
std::string pageName(const std::string &file, std::int64_t page);
std::vector<std::int64_t> pageShape(const ImageInfo &info, std::int64_t height, std::int64_t width);

} // namespace reticle::files
