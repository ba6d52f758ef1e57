#pragma once

#include "files/ImageSource.h"
#include "foundation/Array.h"
#include "window/parts/FigureSource.h"
#include "window/parts/ImageLabels.h"
#include "window/parts/RemembersView.h"
#include "window/parts/ShowsRun.h"
#include "window/session/ImageData.h"
#include "window/session/OpenProject.h"

#include <QRect>
#include <QTimer>
#include <QWidget>

#include <array>
#include <map>
#include <optional>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace reticle {

class MessageBar;
class LiveModel;
class Session;
class StackViewer;
struct ImageOverlay;
class VolumePane;

/// A data set on show, with its labels and, where a model is chosen, that model's prediction of what is in sight, asked
/// for as one looks; from here whole stacks are predicted, evaluated and cleaned up.
class ImagePage : public QWidget, public ShowsRun, public FigureSource, public RemembersView
{
    Q_OBJECT
public:
    ImagePage(Session *session, const ImageData &data, QWidget *parent = nullptr);

    /// Only a stack, with the input below where it is known: "prediction" tabs.
    ImagePage(Session *session, const QString &stack, const ImageData *data, QWidget *parent = nullptr);
    ~ImagePage() override; ///< keeps what was typed last

    const ImageData &data() const { return m_data; }
    StackViewer *viewer() const { return m_viewer; }
    MessageBar *message() const { return m_message; }
    VolumePane *volume() const { return m_volume; }
    std::int64_t shownRun() const { return m_run; }
    /// Shows the predictions of this run's model; 0 switches them off.
    void setShownRun(std::int64_t run) override;
    /// Labels that these images have got meanwhile.
    void takeLabels(const ImageData &data);
    /// The views with their overlays, side by side as they are.
    std::optional<Figure> currentFigure() const override;
    Json viewState() const override;
    void restoreView(const Json &state) override;
    bool hasPrediction() const; ///< of the page on show
    LiveModel *model() const { return m_model; }

Q_SIGNALS:
    void predictRequested(std::int64_t run, const reticle::ImageData &data);
    void evaluateRequested(std::int64_t run, const reticle::ImageData &data);
    void postprocessRequested(std::int64_t run, const reticle::ImageData &data);
    void instancesRequested(std::int64_t run, const reticle::ImageData &data);
    void predicted(); ///< an overlay came

protected:
    void resizeEvent(QResizeEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    struct Predicted
    {
        QRect region;
        Array values; ///< (H, W) float32 of the foreground, or uint8 classes where there are more than two
        bool classes;
        bool image = false;    ///< what an autoencoder makes, scaled to 0..1
        std::int64_t number;   ///< counts the predictions that came
        Array wrong;           ///< (H, W) uint8: 1 missed, 2 extra; empty until it is known
        bool compared = false; ///< asked for already
    };

    /// Finds in the background where the prediction differs from the labels, and shows it.
    void compare(std::int64_t page, Predicted &predicted);
    void fitButtons();
    void build(bool withModels);
    void buildModels(QHBoxLayout *bar); ///< the choice of a model, and what can be done with it
    void buildActions(QHBoxLayout *bar);
    void connectVoxelSize();
    void connectViewer();
    void connectModels();
    void openSources(const QString &images, const QString &labels, const QString &overlay);
    void exportDialog();
    void remembered(ImageOverlay &overlay) const;
    ImageOverlay asShown(ImageOverlay overlay) const; ///< switched on and as strong as it was left
    void applyRestored();                             ///< once the images are there
    void openLabels(const QString &labels);
    void fillModels();
    void sayWhatIsEvaluated(); ///< in the button's tool tip
    void request();
    void takePrediction(std::int64_t page, const QRect &region, const Array &probability);
    void showOverlays();
    ImageOverlay stackOverlay() const; ///< of the stack that the page was opened for
    ImageOverlay predictionOverlay(std::int64_t page, const Predicted &predicted) const;
    ImageOverlay labelsOverlay(bool split) const;
    std::vector<ImageOverlay> differences(); ///< none before they are found; showOverlays() follows then
    void nameViews();
    void listSurfaces();
    /// With the images in the project, or says why not. Typing goes through sizes that nobody means, so it comes later.
    void keepVoxelSize();
    /// The labels as classes of the model on show, or of their own values without one.
    void classifyLabels();

    Session *m_session;
    ImageData m_data;
    StackViewer *m_viewer;
    MessageBar *m_message;
    VolumePane *m_volume = nullptr;
    QComboBox *m_models = nullptr;
    QLabel *m_busy = nullptr;
    QPushButton *m_predict = nullptr, *m_evaluate = nullptr, *m_postprocess = nullptr, *m_instances = nullptr, *m_more = nullptr;
    QLabel *m_modelsTitle = nullptr;
    LiveModel *m_model = nullptr;
    QString m_modelProblem; ///< in the message bar, until the model is open again
    std::int64_t m_run = 0;
    std::shared_ptr<ImageSource> m_images, m_labels, m_stack;
    std::shared_ptr<ImageSource> m_objects; ///< the labels with the file's own numbers; of a mask its foreground
    std::shared_ptr<ImageSource> m_truth;   ///< the labels as classes, 255 = ignored; null where they are none
    OpenedLabels m_opened;
    std::optional<Json> m_toRestore;    ///< until the images are there
    Json m_remembered = Json::object(); ///< overlays by name, as they were when the tab was closed
    QTimer m_requestTimer, m_voxelTimer;
    std::optional<std::array<double, 3>> m_voxel; ///< typed and not kept yet

    std::map<std::int64_t, Predicted> m_predictions; ///< by page, of m_run
    std::int64_t m_taken = 0;
};

} // namespace reticle
