#pragma once

#include <QFrame>

#include <functional>

class QLabel;
class QToolButton;
class QHBoxLayout;

namespace reticle {

struct Failure;

/// One sentence with the way out as a button; stays until closed or replaced. Hidden while it has nothing to say. Over a page
/// it floats above the bottom, so that nothing moves under the pointer; in a column of a form or a card it stands where it is
/// put.
class MessageBar : public QFrame
{
    Q_OBJECT
public:
    enum class Level { Info, Positive, Warning, Error };
    struct Action
    {
        QString title;
        std::function<void()> trigger;
    };

    enum class Place { OverPage, InColumn };

    explicit MessageBar(QWidget *parent = nullptr, Place place = Place::OverPage);

    /// Floats over this widget instead of its parent, of which that is a part.
    void setAnchor(QWidget *anchor);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    void say(Level level, const QString &sentence, std::vector<Action> actions = {});
    /// The failure's sentence and its way out.
    void sayFailure(const Failure &failure, std::vector<Action> actions = {});
    void clear();
    QString text() const;
    Level level() const { return m_level; }

protected:
    void paintEvent(QPaintEvent *) override;
    void moveEvent(QMoveEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *object, QEvent *event) override;

private:
    void place();
    bool floats() const { return m_place == Place::OverPage && parentWidget(); }

    Place m_place;
    QWidget *m_anchor = nullptr;
    bool m_placing = false;
    Level m_level = Level::Info;
    QLabel *m_text;
    QHBoxLayout *m_buttons;
};

} // namespace reticle
