#pragma once

#include <QHeaderView>
#include <QTableView>

#include <memory>

namespace reticle {

class TableFileModel;
class TableRoles;
class ReadTable;

/// A column's name, and below it what it is: "number · feature". The target is marked.
class TableFileHeader : public QHeaderView
{
    Q_OBJECT
public:
    explicit TableFileHeader(QWidget *parent = nullptr);
    /// As wide as name and role need.
    QSize sectionSizeFromContents(int column) const override;

protected:
    void paintSection(QPainter *painter, const QRect &rect, int column) const override;

private:
    QString second(int column) const;
    QFont firstFont() const, secondFont() const;
};

/// The rows of a table file as they are, with their numbers, in the order of the file. The keys T (use as target), Space (take
/// or leave out the column) and Ctrl+C work on what is current or selected.
class TableFileView : public QTableView
{
    Q_OBJECT
public:
    explicit TableFileView(QWidget *parent = nullptr);

    void setTable(std::shared_ptr<const ReadTable> table);
    void setRoles(std::shared_ptr<const TableRoles> roles);
    int currentColumn() const; ///< -1 = none
    void chooseColumn(int column);
    /// Makes the cell current and scrolls to it.
    void showCell(std::int64_t row, std::int64_t column);
    /// What Ctrl+C copies: the selected cells, separated by tabs, with the names of the columns where whole columns are
    /// selected. Empty where that is more than `mostCopied` cells.
    QString selectionAsText() const;
    static constexpr std::int64_t mostCopied = 2'000'000;

Q_SIGNALS:
    void columnChosen(int column);
    void menuRequested(const QPoint &global); ///< of the current column
    void targetKeyed();
    void featureKeyed();
    void copyRefused(); ///< too many cells

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void fitRows();
    void fitColumns();

    TableFileModel *m_model;
    TableFileHeader *m_header;
    int m_chosen = -1;
};

} // namespace reticle
