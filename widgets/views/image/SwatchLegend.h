#pragma once

#include <QColor>
#include <QWidget>

#include <vector>

namespace reticle {

/// Colors with what they stand for, in as many rows as the width needs.
class SwatchLegend : public QWidget
{
    Q_OBJECT
public:
    struct Entry
    {
        QColor color;
        QString name;
    };
    explicit SwatchLegend(QWidget *parent = nullptr);
    void setEntries(std::vector<Entry> entries);
    const std::vector<Entry> &entries() const { return m_entries; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *) override;

private:
    int arrange(int width, QPainter *painter) const;
    std::vector<Entry> m_entries;
};

} // namespace reticle
