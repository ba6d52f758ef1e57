#pragma once

#include "foundation/Json.h"

#include <QWidget>

#include <string>
#include <vector>

class QButtonGroup;
class QCheckBox;
class QGridLayout;

namespace reticle {

/// What of a wavelet decomposition is shown: a row of buttons, and below the levels a box for each band that says whether
/// it is kept in the reconstruction. Where there is no room for one row the levels stand in a second one.
class LevelBar : public QWidget
{
    Q_OBJECT
public:
    /// In place of a level; of WaveletPreview.
    static constexpr std::int64_t wholeImage = -1, allCoefficients = -2, reconstruction = -3, residual = -4;

    explicit LevelBar(QWidget *parent = nullptr);

    void setBeside(QWidget *widget); ///< at the right end of the first row; taken over
    QSize minimumSizeHint() const override;

    /// "8", ..., "1". A level on show that there is no more gives way to the coarsest, with chosen().
    void setLevels(const std::vector<std::string> &levels);
    std::int64_t level() const { return m_level; }
    void setLevel(std::int64_t level); ///< says nothing
    /// {"A": bool, "1": [H, V, D], ...}, true = left out; as a preview's "left-out". Says nothing.
    void setLeftOut(const Json &leftOut);

Q_SIGNALS:
    void chosen(std::int64_t level);
    /// By a click on a box: the setting "drop".
    void dropChanged(const QString &drop);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QString drop() const;
    void showBoxes();
    QWidget *newButton(const QString &text, const QString &tip, std::int64_t id);
    bool fitsOneRow() const;
    void arrange();

    QGridLayout *m_grid;
    QButtonGroup *m_buttons;
    QWidget *m_views; ///< image, all, rebuilt, residual
    QWidget *m_title; ///< of the second row
    QWidget *m_beside = nullptr;
    std::vector<QWidget *> m_levelButtons;
    std::vector<std::string> m_levels;
    std::int64_t m_level = wholeImage;
    struct Box
    {
        int level; ///< 0 = the approximation
        int band;  ///< H, V, D
        QCheckBox *box;
    };
    std::vector<Box> m_boxes;
    std::vector<QWidget *> m_boxLabels;
};

} // namespace reticle
