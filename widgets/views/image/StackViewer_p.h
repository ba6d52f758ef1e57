#pragma once

#include "widgets/views/image/StackViewer.h"

#include <array>
#include <vector>

class QComboBox;
class QFrame;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSlider;
class QSplitter;
class QToolButton;

namespace reticle {

class HistogramStrip;
class OverlayList;

struct StackViewer::Private
{
    explicit Private(StackViewer *viewer) : q(viewer) {}

    /// A view with the line of text above it that says what it shows.
    struct Pane
    {
        QWidget *widget = nullptr;
        QLabel *title = nullptr;
        ImageView *view = nullptr;
    };
    /// What a further view shows, whether it is there or not.
    struct Content
    {
        std::shared_ptr<ImageSource> source; ///< null = the first's
        std::vector<ImageOverlay> overlays;
        QString title;
    };

    StackViewer *q;
    Pane first;
    std::vector<Pane> further;
    std::array<Content, StackViewer::mostViews - 1> contents; ///< of the further ones
    QSplitter *splitter = nullptr;                            ///< one row of views, or two of them one above the other
    std::array<QSplitter *, 2> lines{};                       ///< the rows
    QString title;
    QScrollArea *panel = nullptr;
    QFrame *panelLine = nullptr;
    HistogramStrip *histogram = nullptr;
    QPushButton *automatic = nullptr;
    OverlayList *overlayList = nullptr;
    QLabel *overlayHeading = nullptr, *zoomLabel = nullptr, *readout = nullptr, *sliceTotal = nullptr;
    QComboBox *channel = nullptr;
    QWidget *sliceRow = nullptr;
    QSlider *slice = nullptr;
    QLineEdit *sliceNumber = nullptr;
    QToolButton *splitButton = nullptr, *panelButton = nullptr, *volumeButton = nullptr;
    std::vector<QWidget *> toolOrder;
    bool fromList = false;

    void build();
    static Pane makePane(QWidget *parent);
    QToolButton *button(const QString &icon, const QString &tip);
    void buildLines(); ///< what the views lie in, with the first
    void buildTools(QHBoxLayout *tools);
    void buildSplitButton();
    void connectTools();
    void buildPanel();
    void connectPanel();
    void buildSlices();
    void buildReadout();
    void layOut(QHBoxLayout *tools);
    void orderTabs();
    void follow(ImageView *view); ///< what it says of the pixel below the cursor
    void followFirst();

    void showSlice();
    void showContrast();
    void showZoom();
    void showChannels();
    void showTitles();
    void arrange(); ///< two and three stand in a row, four in two rows
    void showViewsButton();
    void showOverlays();
    void fill(std::size_t i); ///< a further view, where it is there
};

} // namespace reticle
