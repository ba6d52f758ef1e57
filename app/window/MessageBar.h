#pragma once

#include <QFrame>

#include <functional>

class QLabel;
class QToolButton;
class QHBoxLayout;

namespace reticle {

struct Failure;

/// One sentence beside what it is about, with the way out as a button; stays until closed or replaced. Hidden while it
/// has nothing to say.
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

    explicit MessageBar(QWidget *parent = nullptr);

    void say(Level level, const QString &sentence, std::vector<Action> actions = {});
    /// The failure's sentence and its way out.
    void sayFailure(const Failure &failure, std::vector<Action> actions = {});
    void clear();
    QString text() const;
    Level level() const { return m_level; }

protected:
    void paintEvent(QPaintEvent *) override;

private:
    Level m_level = Level::Info;
    QLabel *m_text;
    QHBoxLayout *m_buttons;
};

} // namespace reticle
