#pragma once

#include "files/ImageSource.h"
#include "foundation/Array.h"
#include "window/session/ImageData.h"
#include "window/session/ItemKey.h"
#include "window/session/OpenProject.h"
#include "window/shell/SidePanel.h"

#include <QRect>
#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;

namespace reticle {

class MessageBar;
class LiveModel;
class SchemaForm;
class Session;
class StackViewer;
class TableView;

/// Cleaning up a prediction: every change of the form is shown on the slice at once, with the scores before and after
/// where there are labels; then it is applied to all slices as an analysis.
class PostprocessPage : public QWidget, public HasSidePanel
{
    Q_OBJECT
public:
    PostprocessPage(Session *session, std::int64_t run, const ImageData &data, QWidget *parent = nullptr);

    /// Of a run's prediction of these data, with the input range that they have.
    static ItemKey keyOf(const OpenProject &project, std::int64_t run, const ImageData &data);
    QWidget *sidePanel() override { return m_side; }
    SchemaForm *form() const { return m_form; }
    TableView *scores() const { return m_scores; }
    StackViewer *viewer() const { return m_viewer; }
    /// What is predicted of a page of this size: all of it, or of a very large one the middle.
    static QRect previewRegion(std::int64_t width, std::int64_t height, std::int64_t classes);

Q_SIGNALS:
    void applyRequested(std::int64_t run, const reticle::Json &options);
    void previewed();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void takeCatalog(); ///< the steps, once the worker has told them
    void openModel();   ///< again where it failed or was lost
    void request();
    void preview();
    /// The labels as classes of the model, once both are there.
    void classifyLabels();

    Session *m_session;
    std::int64_t m_run;
    ImageData m_data;
    StackViewer *m_viewer;
    MessageBar *m_message;
    LiveModel *m_model;
    QString m_modelProblem; ///< in the message bar, until the model is open again
    QWidget *m_side;
    SchemaForm *m_form;
    TableView *m_scores;
    QLabel *m_state;
    QPushButton *m_apply;
    std::shared_ptr<ImageSource> m_images, m_labels, m_labelFile;
    std::vector<std::int64_t> m_labelValues;
    QString m_labelProblem; ///< why they are no classes, until it is shown
    bool m_modelOpened = false, m_modelAsked = false;
    Array m_probability; ///< (H, W) of the foreground, or (K, H, W) of more than two classes, of m_page
    std::int64_t m_page = -1;
    QRect m_region;              ///< of m_probability on that page
    std::int64_t m_classes = 0;  ///< 0 = the model is not open yet
    std::int64_t m_previews = 0; ///< asked for; answers to earlier ones are dropped
    QTimer m_requestTimer, m_previewTimer;
    std::int64_t m_request = 0;
};

} // namespace reticle
