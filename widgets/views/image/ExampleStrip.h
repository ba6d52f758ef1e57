#pragma once

#include "foundation/Array.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <vector>

namespace reticle {

/// Small pictures side by side (input, target, prediction, …), replaced while a run goes on; click to enlarge. Gray,
/// RGB (H, W, 3), labels (integers of few values) and probabilities (floats within 0..1, or bytes 0..255) are told apart by
/// `kinds`.
class ExampleStrip : public QWidget
{
    Q_OBJECT
public:
    enum class Kind { Image, Labels, Probability };

    explicit ExampleStrip(QWidget *parent = nullptr);
    ~ExampleStrip() override;

    /// A row of pictures (H, W) or (H, W, 3); leading axes of size 1 are dropped. Titles stand above the first row.
    /// Kinds may be shorter: then by title ("target", "labels" / "prediction", "probability" / else image).
    void setExamples(std::vector<Array> images, QStringList titles, std::vector<Kind> kinds = {});
    /// Several rows with the same titles.
    void setRows(std::vector<std::vector<Array>> rows, QStringList titles, std::vector<Kind> kinds = {});
    void clear();
    int count() const;
    int rows() const;
    void setEmptyText(const QString &text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override;
    int heightForWidth(int width) const override;

Q_SIGNALS:
    void activated(int row, int index); ///< clicked or Enter; a window with the picture enlarged opens as well

protected:
    void paintEvent(QPaintEvent *) override;
    void mousePressEvent(QMouseEvent *) override;
    void mouseReleaseEvent(QMouseEvent *) override;
    void mouseMoveEvent(QMouseEvent *) override;
    void leaveEvent(QEvent *) override;
    void keyPressEvent(QKeyEvent *) override;
    bool event(QEvent *) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
