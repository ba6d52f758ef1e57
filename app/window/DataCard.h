#pragma once

#include "base/Dataset.h"

#include <QFrame>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace reticle {

class ImageView;
class MessageBar;

/// What was dropped and the way on: picture, one sentence, its labels with the choice of the foreground, "Train a
/// segmentation" and "Just look". Looking is done on a thread.
class DataCard : public QFrame
{
    Q_OBJECT
public:
    struct Choice
    {
        QString images, labels;
        QString foreground = QStringLiteral("bright");
        QString sentence;
        int classes = 0; ///< 0 = not known
    };

    explicit DataCard(QWidget *parent = nullptr);

    /// Looks at the paths; recognised() follows.
    void look(const QStringList &paths);
    void setLabels(const QString &path); ///< other labels; looked at anew
    Choice choice() const;
    bool isLooking() const { return m_looking; }
    const Detection &recognition() const { return m_recognition; }
    bool canTrain() const;

Q_SIGNALS:
    void recognised(); ///< also when nothing was recognised; see recognition()
    void trainRequested(const reticle::DataCard::Choice &choice);
    void lookRequested(const reticle::DataCard::Choice &choice);
    void cancelled();

private:
    void take(Detection recognition);
    void updateButtons();
    void updatePreview();
    void browseLabels();

    QStringList m_paths;
    Detection m_recognition;
    bool m_looking = false;
    int m_number = 0;
    ImageView *m_view;
    QLabel *m_title, *m_sentence, *m_labelsText;
    QComboBox *m_foreground;
    QWidget *m_foregroundRow;
    QPushButton *m_chooseLabels, *m_train, *m_look;
    MessageBar *m_message;
};

} // namespace reticle
