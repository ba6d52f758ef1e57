#pragma once

#include <QWidget>

#include <functional>

class QHBoxLayout;
class QPushButton;
class QVBoxLayout;

namespace reticle {

/// A calm question or page over the window, dimming what lies below; Esc takes it away. One at a time: a new one takes
/// the old one's place.
class ModalOverlay : public QWidget
{
    Q_OBJECT
public:
    struct Choice
    {
        QString title;
        std::function<void()> trigger;
        bool primary = false;
        QString name; ///< object name of the button
    };

    /// Shows itself over `window`.
    ModalOverlay(QWidget *window, const QString &title, const QString &text, std::vector<Choice> choices);
    /// Above the buttons.
    void addContent(QWidget *content);
    /// Into the row of buttons, as its last; does not dismiss by itself.
    void addButton(QPushButton *button);
    void dismiss();

Q_SIGNALS:
    void dismissed();

protected:
    void paintEvent(QPaintEvent *) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    bool eventFilter(QObject *object, QEvent *event) override;

private:
    QWidget *m_box;
    QVBoxLayout *m_content;
    QHBoxLayout *m_buttons;
};

} // namespace reticle
