#pragma once

#include "figure/Figure.h"
#include "window/parts/FigureSource.h"
#include "window/session/ImageData.h"
#include "window/session/OpenProject.h"
#include "window/shell/SidePanel.h"

#include <QRect>
#include <QTimer>
#include <QWidget>

#include <array>
#include <set>

class QFormLayout;
class QGridLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace reticle {

class FigureView;
class ImageSetList;
class ImageView;
struct ImageOverlay;
class LevelBar;
class MessageBar;
class SchemaForm;
class Session;

/// Levels of detail of images, live: an image beside what was made of it, up to four at once, each whole, as all its
/// coefficients, without what is left out, as what is left out, or as one level alone, chosen by the buttons, by a click on
/// that level in the curves, or by a click on one of its coefficients, whose pixels are then outlined. Every change of
/// filter, border, levels, bands or images is shown at once; then all images are measured as the analysis
/// "wavelet-spectrum". Files dropped on it are compared with its images.
class WaveletPage : public QWidget, public HasSidePanel, public FigureSource
{
    Q_OBJECT
public:
    static constexpr std::size_t mostViews = 4;

    WaveletPage(Session *session, const ImageData &data, QWidget *parent = nullptr);

    QWidget *sidePanel() override { return m_side; }
    std::optional<Figure> currentFigure() const override;
    SchemaForm *form() const { return m_form; }
    FigureView *curves() const { return m_curves; }
    ImageView *view(std::size_t set) const { return m_views.at(set); } ///< hidden without so many sets
    ImageView *original() const { return view(0); }
    ImageView *other() const { return view(1); }
    ImageSetList *comparisons() const { return m_comparisons; }
    LevelBar *levels() const { return m_bar; }
    std::int64_t level() const;

public Q_SLOTS:
    void showLevel(std::int64_t level);
    /// Files or folders beside those that are compared already.
    void addComparisons(const QStringList &paths);
    /// The run's output has come (or, with an empty path, has not).
    void predicted(std::int64_t run, const QString &path);
    /// Writes the image on show without what is left out at full size, as TIFF.
    void saveReconstruction(const QString &path);

Q_SIGNALS:
    void measureRequested(const reticle::Json &options);
    void predictionRequested(std::int64_t run);
    void asked(); ///< for a preview
    void previewed();
    void saved(const QString &path);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    bool takeCatalog(); ///< the settings, once the worker has told them; false where they are there, or not known yet
    void buildViews();
    void buildSaving();
    void layOut();
    void buildSide();
    void connectViews();
    void connectSide();
    void connectSession();
    void showLevelAt(int panel, const QPointF &value); ///< what a point of the curves stands for
    void listComparisons();
    QStringList compared() const;
    void compare(const QStringList &paths);
    Json options() const;
    /// What a preview is asked for.
    struct Request
    {
        Json options;
        std::int64_t image = 0, level = 0;
    };
    void request();
    void ask();
    void show(const Json &answer, Request of);
    void showViews(std::size_t count);
    void fill(std::size_t set);
    void showCoefficient(std::int64_t x, std::int64_t y);
    void showMenu(std::size_t set, const QPoint &at);
    void saveDialog(bool all);
    std::vector<ImageOverlay> supportOutline(int width, int height) const;

    Session *m_session;
    ImageData m_data;
    MessageBar *m_message;
    std::array<ImageView *, mostViews> m_views{};
    std::array<QLabel *, mostViews> m_titles{};
    std::array<QWidget *, mostViews> m_holders{};
    QGridLayout *m_pictures;
    std::size_t m_shown = 0; ///< views on show
    LevelBar *m_bar;
    QPushButton *m_save;
    FigureView *m_curves;
    QWidget *m_side;
    SchemaForm *m_form;
    ImageSetList *m_comparisons;
    std::set<std::int64_t> m_predicting; ///< runs whose output was asked for
    QFormLayout *m_choices;
    QSpinBox *m_image;
    QLabel *m_state;
    QPushButton *m_measure;
    QTimer m_timer;
    Json m_answer;          ///< the last preview, its pictures apart
    Request m_shownRequest; ///< what it was asked for; the controls may say something else by now
    std::vector<Array> m_onShow;
    QRect m_support; ///< pixels of the coefficient that was clicked; may reach beyond the image
    QString m_supportText;
    std::int64_t m_request = 0;
};

} // namespace reticle
