#pragma once

#include <QWidget>

class QLabel;
class QScrollArea;
class QStackedWidget;
class QVBoxLayout;

namespace reticle {

class DataCard;
class DropTarget;
class MessageBar;

/// What the window shows without a project: a drop target, samples, recent projects; the drop target turns into a
/// DataCard when something was dropped.
class StartPage : public QWidget
{
    Q_OBJECT
public:
    explicit StartPage(QWidget *parent = nullptr);

    void refreshRecent();
    void setDropHovered(bool hovered);
    /// Shows the card and looks at the paths.
    void look(const QStringList &paths);
    DataCard *card(); ///< made when first asked for, so that the first paint does not wait for it
    MessageBar *message() const { return m_message; }
    void setSampleBusy(const QString &sample, bool busy, const QString &status = {});

Q_SIGNALS:
    void cardMade(reticle::DataCard *card);
    void browseFilesRequested();
    void browseFolderRequested();
    void openProjectRequested(const QString &folder); ///< empty: ask which
    void sampleRequested(const QString &simulator);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QStackedWidget *m_top;
    DropTarget *m_target;
    DataCard *m_card = nullptr;
    MessageBar *m_message;
    QVBoxLayout *m_recent;
    QWidget *m_sample = nullptr;
};

} // namespace reticle
