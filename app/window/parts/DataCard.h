#pragma once

#include "data/Dataset.h"
#include "window/session/DataSet.h"

#include <QFrame>
#include <QTimer>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace reticle {

class ImageView;
class MessageBar;
class SchemaForm;
class Section;
class Session;

/// Data of any kind and the way on: one sentence, what is wrong, the settings of their section, "Train" and "Just look". Of
/// images also a preview and the labels with the choice of the foreground. It shows a drop, looked at on a thread, or data of
/// the project, for which no other page may be there.
class DataCard : public QFrame
{
    Q_OBJECT
public:
    struct Choice
    {
        Json section = Json::object(); ///< "data" of a recipe
        QString sentence;
        Json notes = Json::object(); ///< for the project to remember

        QString path() const; ///< of the first file or folder
    };

    explicit DataCard(QWidget *parent = nullptr);

    /// Takes schemas from its catalog, once it has one; before, from this program.
    void setSession(Session *session);
    /// Data of the project; what is set is told by sectionChanged().
    void setData(const DataSet &data);
    /// Looks at the paths; recognized() follows.
    void look(const QStringList &paths);
    void setLabels(const QString &path); ///< other labels; looked at anew
    Choice choice() const;
    bool isLooking() const { return m_looking; }
    const Detection &recognition() const { return m_recognition; }
    bool canTrain() const;
    SchemaForm *form() const { return m_form; } ///< of the section's settings

Q_SIGNALS:
    void recognized(); ///< also when nothing was recognized; see recognition()
    void trainRequested(const reticle::DataCard::Choice &choice);
    void lookRequested(const reticle::DataCard::Choice &choice);
    void sectionChanged(const reticle::Json &section); ///< of data of the project
    void cancelled();

private:
    void setUpTexts(); ///< and the picture that they are beside
    void setUpButtons();
    void buildForeground(); ///< the row that says which value of a mask is the foreground
    void buildSettings();   ///< hidden until the kind of data is known
    void buildClose();
    void layOut();
    void connectButtons();
    void connectForm();

    void take(Detection recognition);
    void fillForm();
    void updateButtons();
    void updatePreview();
    void browseLabels();
    bool ofImages() const;

    QStringList m_paths;
    Detection m_recognition;
    std::optional<DataSet> m_stored; ///< that is shown in place of a drop
    Json m_begun = Json::object();   ///< what the form began with
    Session *m_session = nullptr;
    bool m_looking = false;
    int m_number = 0;
    ImageView *m_view;
    QLabel *m_title, *m_sentence, *m_labelsText;
    QComboBox *m_foreground;
    QWidget *m_foregroundRow;
    QPushButton *m_chooseLabels, *m_train, *m_look;
    QWidget *m_close;
    Section *m_settings;
    SchemaForm *m_form;
    QTimer m_keeping; ///< what is typed is not kept at every key
    MessageBar *m_message;
};

} // namespace reticle
