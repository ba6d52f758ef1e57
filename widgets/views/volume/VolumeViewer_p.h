#pragma once

#include "widgets/views/volume/VolumeData.h"
#include "widgets/views/volume/VolumeViewer.h"

#include <QDialog>
#include <QSize>
#include <QTimer>

#include <deque>
#include <optional>

class QFrame;
class QHBoxLayout;
class QLabel;
class QScrollArea;
class QSlider;
class QToolButton;

namespace reticle {

class SchemaForm;
class VolumeLoader;

struct VolumeViewer::Private
{
    static constexpr int sliderSteps = 400;

    VolumeViewer *q;
    VolumeView *view = nullptr;
    SchemaForm *form = nullptr;
    QScrollArea *panel = nullptr;
    QFrame *panelLine = nullptr;
    int writing = 0;   ///< files of surfaces
    int picturing = 0; ///< pictures that are drawn or written; those that are drawn are in `pictureFiles`
    QToolButton *panelButton = nullptr, *surfaceButton = nullptr, *pictureButton = nullptr;
    QSlider *threshold = nullptr, *opacity = nullptr;
    QLabel *thresholdValue = nullptr, *opacityValue = nullptr, *status = nullptr;
    QWidget *sliders = nullptr;
    VolumeLoader *loader = nullptr, *finder = nullptr;
    QTimer surfaceTimer, loadTimer;

    std::shared_ptr<ImageSource> source;
    std::shared_ptr<ImageSource> filledFor; ///< what the form's entries are meant for
    int channel = -1;
    std::int64_t page = 0;                             ///< of the file, on show in the slice viewer
    VolumePages pages;                                 ///< that make the volume on show, or the one that is being read
    Point3 typedVoxel{};                               ///< nm, for the first form of a source; x = 0: none
    std::optional<std::pair<double, double>> contrast; ///< told from outside, for source and channel
    std::vector<SurfaceSource> surfaces;
    VolumeOptions options;
    QString surfaceNote;
    std::shared_ptr<const VolumeData> surfaceData; ///< of `surfaceKey`
    QString surfaceKey, wishedKey;                 ///< what was read and what is being looked for: name, version and kind
    /// Files of pictures under way, in the order in which they were asked for.
    struct PictureFile
    {
        QString path;
        double dpi = 0;
    };
    std::deque<PictureFile> pictureFiles;
    bool loading = false, fromSlider = false, filling = false;

    void build();
    QHBoxLayout *buildTools();
    void addLooks(QHBoxLayout *tools); ///< buttons that look from one side
    QToolButton *buildOpposite();      ///< the menu of the other sides
    void buildSliders();               ///< and the line below them
    void buildPanel();
    void layOut(QHBoxLayout *tools);
    void connectControls();
    QToolButton *textButton(const QString &text, const QString &tip, const char *name);
    QToolButton *iconButton(const QString &icon, const QString &tip, const char *name);
    QSlider *slider(const QString &name, QLabel *&value, const char *objectName, QHBoxLayout *row);
    void fillForm();
    Point3 proportions() const;                 ///< of a voxel: as typed, else as the file says
    const SurfaceSource *chosenSurface() const; ///< null for none and the image
    QString keyOf(const SurfaceSource &surface) const;
    std::vector<std::string> names() const;
    void load();
    void take(std::shared_ptr<const VolumeData> data);
    void changed();
    void wishSurface();
    void find();
    void showSliders();
    void showStatus();
    void set(const char *field, double value);
    void exportSurfaceAs();
    void showSurfaceButton(); ///< usable where there are surfaces and none are being written
    void followPictures();
    void showPictureButton(); ///< gives up the picture that is being drawn, or asks for one
    void writePicture(const QImage &picture);
    void pictureEnded();
    void exportPictureAs();
};

/// Asks for the size of a picture in pixels, and how many of them are to be printed in an inch.
class PictureDialog : public QDialog
{
public:
    explicit PictureDialog(QSize proposed, QWidget *parent = nullptr);
    QSize pictureSize() const;
    double dpi() const;

private:
    SchemaForm *m_form;
};

} // namespace reticle
