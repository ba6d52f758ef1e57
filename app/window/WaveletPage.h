#pragma once

#include "base/Figure.h"
#include "window/OpenProject.h"
#include "window/SidePanel.h"

#include <QRect>
#include <QTimer>
#include <QWidget>

class QButtonGroup;
class QComboBox;
class QFormLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace reticle {

class FigureView;
class ImageView;
struct ImageOverlay;
class MessageBar;
class SchemaForm;
class Session;

/// Levels of detail of images, live: an image beside what was made of it, each whole, as all its coefficients, or as one
/// level alone, chosen by the buttons, by a click on that level in the curves, or by a click on one of its coefficients,
/// whose pixels are then outlined. Every change of filter, border, levels or images is shown at once; then all images are
/// measured as the analysis "wavelet-spectrum".
class WaveletPage : public QWidget, public HasSidePanel
{
    Q_OBJECT
public:
    WaveletPage(Session *session, const DataSet &data, QWidget *parent = nullptr);

    QWidget *sidePanel() override { return m_side; }
    SchemaForm *form() const { return m_form; }
    FigureView *curves() const { return m_curves; }
    ImageView *original() const { return m_original; }
    ImageView *other() const { return m_other; } ///< hidden without a set to compare with
    QComboBox *comparison() const { return m_comparison; }
    std::int64_t level() const { return m_level; } ///< of WaveletPreview: -1 = the image, -2 = all coefficients

public Q_SLOTS:
    void showLevel(std::int64_t level);

Q_SIGNALS:
    void measureRequested(const reticle::Json &options);
    void previewed();

private:
    void buildSide();
    void listComparisons();
    void ask();
    void show(const Json &answer);
    void showCoefficient(std::int64_t x, std::int64_t y);
    std::vector<ImageOverlay> supportOutline(int width, int height) const;
    void showLevels(const std::vector<std::string> &levels);

    Session *m_session;
    DataSet m_data;
    MessageBar *m_message;
    ImageView *m_original, *m_other;
    QLabel *m_originalTitle, *m_otherTitle;
    QWidget *m_otherSide;
    QHBoxLayout *m_levelRow;
    QButtonGroup *m_levelButtons;
    FigureView *m_curves;
    QWidget *m_side;
    SchemaForm *m_form;
    QComboBox *m_comparison;
    QComboBox *m_beside;
    QFormLayout *m_choices;
    QSpinBox *m_image;
    QLabel *m_state;
    QPushButton *m_measure;
    QTimer m_timer;
    std::vector<std::string> m_levels;
    std::int64_t m_level = -1;
    Json m_bands = Json::array(); ///< of WaveletPreview, while all coefficients are on show
    QRect m_support;              ///< pixels of the coefficient that was clicked; may reach beyond the image
    QString m_supportText;
    std::int64_t m_request = 0;
};

} // namespace reticle
