#pragma once

#include "foundation/Json.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QVBoxLayout;

namespace reticle {

class DataCard;
class DropTarget;
class MessageBar;

/// Data made to order that one can try the program on.
struct Sample
{
    QString name;      ///< of the card and of the project: "Tissue"
    QString text;      ///< what it is, in a few words
    QString simulator; ///< "tissue"
    Json options = Json::object();
    int cells = 34; ///< of the picture on its card
};
const std::vector<Sample> &samples();
/// By its name in any case, with - for spaces ("fine-tissue"); the first for a name that none has.
const Sample &sampleCalled(QString name);

/// What the window shows without a project: a drop target, samples, recent projects; the drop target turns into a
/// DataCard when something was dropped.
class StartPage : public QWidget
{
    Q_OBJECT
public:
    explicit StartPage(QWidget *parent = nullptr);

    void refreshRecent();
    void refreshTour(); ///< what the button says: whether a tour was left that can be continued
    void setDropHovered(bool hovered);
    /// Shows the card and looks at the paths.
    void look(const QStringList &paths);
    DataCard *card(); ///< made when first asked for, so that the first paint does not wait for it
    MessageBar *message() const { return m_message; }

Q_SIGNALS:
    void cardMade(reticle::DataCard *card);
    void browseFilesRequested();
    void browseFolderRequested();
    void openProjectRequested(const QString &folder); ///< empty: ask which
    void sampleRequested(const reticle::Sample &sample);
    void simulationRequested(); ///< any simulator, with settings
    void tourRequested();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QVBoxLayout *buildSamples();
    QVBoxLayout *buildRecent(); ///< what refreshRecent() fills
    void layOut(QVBoxLayout *samples, QVBoxLayout *recent);

    QStackedWidget *m_top;
    DropTarget *m_target;
    DataCard *m_card = nullptr;
    MessageBar *m_message;
    QVBoxLayout *m_recent;
    QPushButton *m_tour;
};

} // namespace reticle
