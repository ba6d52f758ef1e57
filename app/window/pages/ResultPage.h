#pragma once

#include "figure/Figure.h"

#include <QWidget>

class QScrollArea;
class QVBoxLayout;

namespace reticle {

class FigureView;
class MessageBar;
class TableView;

/// What an analysis found: its sentences, named numbers, figures and tables. Figures export by Ctrl+E or right click,
/// tables by right click.
class ResultPage : public QWidget
{
    Q_OBJECT
public:
    explicit ResultPage(QWidget *parent = nullptr);

    void setResult(const Result &result, const QString &title);
    const std::vector<FigureView *> &figures() const { return m_figures; }
    const std::vector<TableView *> &tables() const { return m_tables; }
    /// The figure that Ctrl+E means: the focused one, else the first.
    FigureView *shownView() const;
    MessageBar *message() const { return m_message; }

Q_SIGNALS:
    void exported(const QString &path);

private:
    /// Named numbers as a row of figures that the eye finds first.
    void addValues(QVBoxLayout *column, const Json &values);
    void addFigure(QVBoxLayout *column, const Figure &figure);
    void addTable(QVBoxLayout *column, const Table &table);

    MessageBar *m_message;
    QWidget *m_content = nullptr;
    QScrollArea *m_scroll;
    std::vector<FigureView *> m_figures;
    std::vector<TableView *> m_tables;
};

/// One figure alone, as large as the tab.
class FigurePage : public QWidget
{
    Q_OBJECT
public:
    explicit FigurePage(const Figure &figure, QWidget *parent = nullptr);
    FigureView *view() const { return m_view; }

Q_SIGNALS:
    void exported(const QString &path);

private:
    FigureView *m_view;
};

} // namespace reticle
