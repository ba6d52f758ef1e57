#pragma once

#include <QListWidget>
#include <QStringList>

#include <vector>

namespace reticle {

/// Image sets to choose several of, by tick. Each stands for a file or folder, or for a run whose output is still to be
/// made. Files may be dropped on it.
class ImageSetList : public QListWidget
{
    Q_OBJECT
public:
    struct Choice
    {
        QString title;
        QString path;         ///< empty of a run that has yet to predict
        std::int64_t run = 0; ///< then its number
        bool busy = false;    ///< it is at work
        bool operator==(const Choice &) const = default;
    };

    explicit ImageSetList(QWidget *parent = nullptr);

    /// Puts these in place of all there was; the current entry and what is in sight stay. `chosen`: paths that are ticked,
    /// in the order in which they were; those that are no choice are added, called by their file's name. Says nothing.
    void setChoices(const std::vector<Choice> &choices, const QStringList &chosen);
    QStringList chosen() const { return m_chosen; } ///< in the order in which they were ticked
    QString titleOf(const QString &path) const;
    int rowOf(const QString &path) const;             ///< -1 = none
    QStringList filesOf(const QMimeData *mime) const; ///< local ones

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosenChanged(const QStringList &paths);
    void runWanted(std::int64_t run); ///< ticked, though it has no output yet
    void filesDropped(const QStringList &paths);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragMoveEvent(QDragMoveEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    std::vector<Choice> m_choices;
    QStringList m_chosen;
    bool m_asShown = false; ///< the entries show m_choices and m_chosen
};

} // namespace reticle
