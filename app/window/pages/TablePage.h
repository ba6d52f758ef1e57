#pragma once

#include "foundation/Json.h"
#include "window/parts/FigureSource.h"

#include <QWidget>

#include <memory>
#include <optional>

class QLabel;
class QPushButton;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace reticle {

class ColumnPanel;
class MessageBar;
class ReadTable;
class TableFileView;
class TableRoles;

/// A table: its rows as they are in the file, what each column is and what it is used for, the chosen column as a histogram or
/// bars, and how a training would divide the rows. A column becomes the target, or is left out, by its menu, a key or a button.
/// The file is read on a thread; a page that is closed meanwhile does not wait for it.
class TablePage : public QWidget, public FigureSource
{
    Q_OBJECT
public:
    /// A table and the section "data" of a recipe that uses it.
    struct Subject
    {
        QString title;
        QString file;                  ///< absolute path
        Json section = Json::object(); ///< of data set "table"; what it does not say is as that data set's defaults
        std::uint64_t seed = 1;        ///< of a run; only matters where the section pins no split seed
    };

    explicit TablePage(Subject subject, QWidget *parent = nullptr);
    ~TablePage() override;

    /// The section as it is now, from whoever keeps it. Read anew where it says that the first line is something else.
    void setSection(const Json &section);
    const Json &section() const { return m_subject.section; }
    bool isReading() const { return m_reading; }
    /// What was read; null before that and where it cannot be read.
    const ReadTable *table() const { return m_table.get(); }
    const TableRoles *roles() const { return m_roles.get(); }
    TableFileView *cells() const { return m_cells; }
    ColumnPanel *panel() const { return m_panel; }
    MessageBar *message() const { return m_message; }
    /// The figure of the chosen column.
    std::optional<Figure> currentFigure() const override;

Q_SIGNALS:
    /// The user has changed target or columns. Keep the section, then call setSection().
    void sectionChanged(const reticle::Json &section);
    void read(); ///< the table is on show, or cannot be read
    void partsCounted();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeContent();
    void load();
    void showTable(std::shared_ptr<const ReadTable> table);
    void refuse(const QString &sentence);
    void showRoles();
    void showProblems();
    void countParts();
    void showMenu(const QPoint &at);
    void useAsTarget();
    void changeFeature();
    void arrange();

    Subject m_subject;
    MessageBar *m_message;
    QStackedWidget *m_stack;
    QLabel *m_state;
    QPushButton *m_again;
    QWidget *m_content;
    QLabel *m_title, *m_headline;
    QSplitter *m_splitter;
    TableFileView *m_cells;
    ColumnPanel *m_panel;
    QScrollArea *m_side;
    std::shared_ptr<const ReadTable> m_table;
    std::shared_ptr<const TableRoles> m_roles;
    QString m_problem; ///< in the message bar, about the table
    bool m_reading = false;
    int m_loads = 0, m_counts = 0; ///< answers to earlier questions are dropped
};

} // namespace reticle
