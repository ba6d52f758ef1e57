#pragma once

#include <QWidget>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace reticle {

/// A heading that folds what is below it. The summary on its right says in a word what is inside.
class Section : public QWidget
{
    Q_OBJECT
public:
    explicit Section(const QString &title, QWidget *parent = nullptr);

    QVBoxLayout *body() const { return m_body; }
    void setExpanded(bool expanded);
    bool isExpanded() const;
    void setSummary(const QString &text, bool problem = false);

Q_SIGNALS:
    void toggled(bool expanded);

private:
    QToolButton *m_header;
    QLabel *m_summary;
    QWidget *m_content;
    QVBoxLayout *m_body;
};

} // namespace reticle
