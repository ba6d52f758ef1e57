#include "window/parts/DataCard.h"
#include "window/shell/Fonts.h"

#include "files/ClassSource.h"
#include "foundation/Error.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/forms/Section.h"
#include "widgets/views/Background.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView.h"
#include "window/session/ImageData.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

constexpr int keepAfterMs = 300;

/// What a field of the detected data names; empty where there is none.
std::string pathIn(const Detection &detection, const char *field)
{
    return detection.data.is_object() ? detection.data.value(field, std::string()) : std::string();
}

} // namespace

DataCard::DataCard(QWidget *parent)
    : QFrame(parent), m_view(new ImageView(this)), m_title(new QLabel(this)), m_sentence(new QLabel(this)),
      m_labelsText(new QLabel(this)), m_foreground(new QComboBox(this)), m_foregroundRow(new QWidget(this)),
      m_chooseLabels(new QPushButton(tr("Choose labels…"), this)), m_train(new QPushButton(tr("Train a segmentation"), this)),
      m_look(new QPushButton(tr("Just look"), this)), m_settings(new Section(tr("Settings of the data"), this)),
      m_form(new SchemaForm), m_message(new MessageBar(this, MessageBar::Place::InColumn))
{
    setObjectName(QStringLiteral("dataCard"));
    setProperty("card", true);
    setUpTexts();
    setUpButtons();
    buildForeground();
    buildSettings();
    buildClose();
    layOut();
    connectButtons();
    connectForm();
}

void DataCard::setUpTexts()
{
    m_view->setMinimumSize(240, 200);
    m_view->setReadoutVisible(false);
    m_view->setEmptyText(tr("Reading…"));
    for (auto *label : {m_title, m_sentence, m_labelsText})
        label->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_labelsText->setWordWrap(true);
    m_labelsText->setProperty("muted", true);
    QFont heading = m_title->font();
    heading = scaled(heading, 1.35);
    heading.setWeight(QFont::DemiBold);
    m_title->setFont(heading);
    m_title->setWordWrap(true);
}

void DataCard::setUpButtons()
{
    m_train->setObjectName(QStringLiteral("trainSegmentation"));
    m_train->setProperty("primary", true);
    m_train->setDefault(true);
    m_look->setObjectName(QStringLiteral("justLook"));
    m_chooseLabels->setObjectName(QStringLiteral("chooseLabels"));
}

void DataCard::buildForeground()
{
    m_foreground->setObjectName(QStringLiteral("foreground"));
    m_foreground->addItem(tr("bright (255)"), QStringLiteral("bright"));
    m_foreground->addItem(tr("dark (0)"), QStringLiteral("dark"));
    m_foreground->setToolTip(tr("Which value of the mask is the class to find"));
    auto *foregroundLayout = new QHBoxLayout(m_foregroundRow);
    foregroundLayout->setContentsMargins(0, 0, 0, 0);
    foregroundLayout->addWidget(new QLabel(tr("Foreground is"), this));
    foregroundLayout->addWidget(m_foreground);
    foregroundLayout->addStretch(1);
}

void DataCard::buildSettings()
{
    m_settings->setObjectName(QStringLiteral("dataSettings"));
    auto *settings = scrolled(m_form);
    settings->viewport()->setAutoFillBackground(false); // the card shows through
    m_form->setAutoFillBackground(false);
    settings->setMinimumHeight(180);
    m_settings->body()->addWidget(settings);
    m_settings->hide();
}

void DataCard::buildClose()
{
    auto *close = new QToolButton(this);
    m_close = close;
    close->setIcon(themeIcon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Not this (Esc)"));
    close->setAccessibleName(close->toolTip());
    connect(close, &QToolButton::clicked, this, &DataCard::cancelled);
}

void DataCard::layOut()
{
    auto *titleRow = new QHBoxLayout;
    titleRow->addWidget(m_title, 1);
    titleRow->addWidget(m_close, 0, Qt::AlignTop);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_train);
    buttons->addWidget(m_look);
    buttons->addStretch(1);
    auto *right = new QVBoxLayout;
    right->setSpacing(10);
    right->addLayout(titleRow);
    right->addWidget(m_sentence);
    right->addWidget(m_message);
    right->addWidget(m_labelsText);
    right->addWidget(m_foregroundRow);
    right->addWidget(m_chooseLabels, 0, Qt::AlignLeft);
    right->addWidget(m_settings, 4);
    right->addStretch(1);
    right->addLayout(buttons);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(20, 20, 20, 20);
    row->setSpacing(20);
    row->addWidget(m_view, 1);
    row->addLayout(right, 1);
}

void DataCard::connectButtons()
{
    connect(m_train, &QPushButton::clicked, this, [this] { Q_EMIT trainRequested(choice()); });
    connect(m_look, &QPushButton::clicked, this, [this] { Q_EMIT lookRequested(choice()); });
    connect(m_chooseLabels, &QPushButton::clicked, this, &DataCard::browseLabels);
    connect(m_foreground, &QComboBox::currentIndexChanged, this, [this] {
        m_form->setValues({{"foreground", ss(m_foreground->currentData().toString())}});
        updatePreview();
    });
}

void DataCard::connectForm()
{
    m_keeping.setSingleShot(true);
    m_keeping.setInterval(keepAfterMs);
    connect(&m_keeping, &QTimer::timeout, this, [this] { Q_EMIT sectionChanged(choice().section); });
    connect(m_form, &SchemaForm::validityChanged, this, &DataCard::updateButtons);
    connect(m_form, &SchemaForm::changed, this, [this] {
        const auto foreground = m_form->values().value("foreground", std::string());
        if (const int index = m_foreground->findData(qs(foreground)); index >= 0)
            m_foreground->setCurrentIndex(index);
        if (m_stored)
            m_keeping.start();
    });
}

QString DataCard::Choice::path() const
{
    const auto paths = pathsOf(section);
    return paths.empty() ? QString() : paths.front().second;
}

void DataCard::setSession(Session *session)
{
    m_session = session;
    connect(session, &Session::catalogReady, this, [this] {
        if (!m_looking && m_form->values() == m_begun) // else something has been typed
            fillForm();
    });
}

void DataCard::setData(const DataSet &data)
{
    ++m_number; // of a look that is in progress nothing is wanted any more
    m_stored = data;
    m_paths = {data.path()};
    Detection known;
    known.data = data.section;
    known.confidence = 1;
    known.sentence = ss(data.sentence);
    if (data.state == QStringLiteral("missing"))
        known.problems.push_back(
            ss(tr("%1 is missing. Bring it back to its place, or open these data in the project and choose where it is now.")
                   .arg(data.missing.isEmpty() ? data.path() : data.missing.join(QStringLiteral(", ")))));
    take(std::move(known));
    m_title->setText(data.title);
    m_close->hide();
    m_look->hide();
    m_chooseLabels->hide();
}

bool DataCard::ofImages() const
{
    return isOfImages(m_recognition.data);
}

/// The settings of the kind, with what it suggests for these data.
void DataCard::fillForm()
{
    const auto &kinds = Registry<DataKind>::instance();
    const Json &section = m_recognition.data;
    const auto name = section.is_object() ? section.value("name", std::string()) : std::string();
    SchemaInfo schema;
    Json values = section.is_object() ? section : Json::object();
    if (kinds.contains(name)) {
        const auto &kind = kinds.get(name);
        schema = kind.schema;
        if (kind.factory.suggestRecipe) {
            try {
                const Json suggested = kind.factory.suggestRecipe(section).value("data", Json::object());
                for (const auto &[field, value] : suggested.items())
                    if (!values.contains(field))
                        values[field] = value;
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Warning, QString::fromUtf8(e.what()));
            }
        }
    }
    if (m_session && m_session->catalog())
        try {
            schema = m_session->catalog()->find("datasets", name);
        } catch (const std::exception &) {
            // A worker of before does not have this kind: the training says so.
        }
    const QSignalBlocker quiet(m_form);
    m_form->setSchema(schema);
    m_form->setValues(values);
    m_begun = m_form->values();
    {
        const QSignalBlocker unsaid(m_foreground);
        m_foreground->setCurrentIndex(std::max(0, m_foreground->findData(qs(m_begun.value("foreground", std::string())))));
    }
    m_settings->setVisible(!m_looking && m_recognition.confidence > 0 && !schema.fields.empty());
    if (!m_stored)
        return;
    // Other files are other data.
    if (const auto paths = pathsOf(section); !paths.empty())
        if (auto *editor = m_form->editor(qs(paths.front().first)))
            editor->setEnabled(false);
}

void DataCard::look(const QStringList &paths)
{
    m_paths = paths;
    m_looking = true;
    m_recognition = {};
    m_title->setText(QFileInfo(paths.value(0)).fileName());
    m_sentence->setText(tr("Looking at it…"));
    m_labelsText->clear();
    m_stored.reset();
    m_foregroundRow->hide();
    m_settings->hide();
    m_message->clear();
    m_view->setSource(nullptr);
    updateButtons();
    const int number = ++m_number;
    std::vector<std::string> names;
    for (const auto &p : paths)
        names.push_back(ss(p));
    inBackground(
        this,
        [names] {
            try {
                return detectData(names);
            } catch (const std::exception &e) {
                Detection r;
                r.problems.emplace_back(e.what());
                return r;
            }
        },
        [this, number](Detection recognition) {
            if (number == m_number)
                take(std::move(recognition));
        });
}

void DataCard::setLabels(const QString &path)
{
    const QString images = pathIn(m_recognition, "images").empty() ? m_paths.value(0) : qs(pathIn(m_recognition, "images"));
    look({images, path});
}

void DataCard::browseLabels()
{
    const QString start = QFileInfo(m_paths.value(0)).absolutePath();
    auto *dialog = new QFileDialog(this, tr("Labels of %1").arg(m_title->text()), start);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &DataCard::setLabels);
    dialog->open();
}

void DataCard::take(Detection recognition)
{
    m_looking = false;
    m_recognition = std::move(recognition);
    const bool known = m_recognition.confidence > 0;
    const QString labels = qs(pathIn(m_recognition, "labels"));
    if (known && !m_stored) {
        const QString path = m_recognition.path.empty() ? m_paths.value(0) : qs(m_recognition.path);
        m_title->setText(QFileInfo(path).fileName());
    }
    fillForm();
    m_settings->setExpanded(!ofImages());
    m_sentence->setText(m_recognition.sentence.empty() && !known ? tr("Reticle cannot read this as data.")
                                                                 : qs(m_recognition.sentence));
    QStringList problems;
    for (const auto *all : {&m_recognition.problems, &m_recognition.notes})
        for (const auto &sentence : *all)
            problems << qs(sentence);
    if (!problems.isEmpty())
        m_message->say(known ? MessageBar::Level::Warning : MessageBar::Level::Error, problems.join('\n'));
    if (!known)
        m_labelsText->setText(tr("Images are TIFF, PNG, JPEG or .npy files, or a folder of slices."));
    else if (!ofImages())
        m_labelsText->clear();
    else if (labels.isEmpty())
        m_labelsText->setText(tr("No labels were found next to it. A segmentation is trained from images with labels; an "
                                 "autoencoder needs none: choose Just look and train it from there."));
    else
        m_labelsText->setText(tr("Labels: %1").arg(QFileInfo(labels).fileName()));
    m_labelsText->setVisible(!m_labelsText->text().isEmpty());
    m_train->setText(!known || ofImages() ? tr("Train a segmentation") : tr("Train on these data"));
    m_view->setVisible(!known || ofImages());
    m_chooseLabels->setText(labels.isEmpty() ? tr("Choose labels…") : tr("Choose other labels…"));
    updateButtons();
    updatePreview();
    Q_EMIT recognized();
}

bool DataCard::canTrain() const
{
    // Images alone are trained on from their page.
    return !m_looking && m_recognition.confidence > 0 && m_recognition.problems.empty() && m_form->isValid() &&
           (!ofImages() || !pathIn(m_recognition, "labels").empty());
}

void DataCard::updateButtons()
{
    const bool known = !m_looking && m_recognition.confidence > 0;
    m_train->setEnabled(canTrain());
    m_look->setEnabled(known);
    m_chooseLabels->setVisible(known && ofImages() && !m_stored);
    // Only 0 and 255: a mask whose foreground can be switched.
    bool mask = false;
    const Json &details = m_recognition.details;
    if (details.is_object() && details.contains("label-values") && details.at("label-values").is_array()) {
        mask = !details.at("label-values").empty();
        for (const auto &value : details.at("label-values"))
            mask = mask && value.is_number() && (value == 0 || value == 255);
    }
    m_foregroundRow->setVisible(canTrain() && mask && ofImages());
}

void DataCard::updatePreview()
{
    if (m_looking || !(m_recognition.confidence > 0) || !ofImages()) {
        m_view->setSource(nullptr);
        m_view->setEmptyText(m_looking ? tr("Reading…") : tr("No picture"));
        return;
    }
    struct Opened
    {
        std::shared_ptr<ImageSource> images, labels;
        QString problem;
    };
    const bool dark = m_foreground->currentData().toString() == QStringLiteral("dark");
    const int number = m_number;
    std::vector<std::int64_t> values;
    if (m_recognition.details.is_object())
        for (const auto &value : m_recognition.details.value("label-values", Json::array()))
            values.push_back(value.get<std::int64_t>());
    inBackground(
        this,
        [images = pathIn(m_recognition, "images"), labels = pathIn(m_recognition, "labels"), values, dark] {
            Opened o;
            try {
                o.images = openImage(images);
                if (!labels.empty())
                    o.labels = classesOf(openLabels(labels), values, dark, 0);
            } catch (const std::exception &e) {
                o.problem = QString::fromUtf8(e.what());
            }
            return o;
        },
        [this, number](Opened o) {
            if (number != m_number)
                return;
            if (m_view->source() == nullptr || !o.images)
                m_view->setSource(o.images);
            if (!o.problem.isEmpty())
                m_view->setErrorText(o.problem);
            std::vector<ImageOverlay> overlays;
            if (o.labels) {
                ImageOverlay overlay;
                overlay.kind = ImageOverlay::Kind::Labels;
                overlay.name = tr("Labels");
                overlay.source = o.labels;
                overlay.opacity = 0.4;
                overlays.push_back(std::move(overlay));
            }
            m_view->setOverlays(std::move(overlays));
        });
}

DataCard::Choice DataCard::choice() const
{
    Choice c{m_recognition.data.is_object() ? m_recognition.data : Json::object(), qs(m_recognition.sentence),
             notesOf(m_recognition)};
    // What was set here; all else is left to what the kind suggests.
    const Json values = m_form->values();
    for (const auto &[field, value] : values.items())
        if (!m_begun.contains(field) || m_begun.at(field) != value)
            c.section[field] = value;
    return c;
}

} // namespace reticle
