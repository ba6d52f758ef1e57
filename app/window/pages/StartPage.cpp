#include "window/pages/StartPage.h"
#include "window/shell/Fonts.h"

#include "widgets/views/Theme.h"
#include "window/parts/DataCard.h"
#include "window/session/OpenProject.h"
#include "window/session/Settings.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"
#include "window/tour/Tour.h"

#include <QAbstractButton>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace reticle {

/// The large dashed field.
class DropTarget : public QWidget
{
    Q_OBJECT
public:
    explicit DropTarget(QWidget *parent = nullptr) : QWidget(parent)
    {
        setObjectName(QStringLiteral("dropTarget"));
        setMinimumHeight(230);
        auto *icon = new QLabel(this);
        icon->setPixmap(themeIcon(QStringLiteral("drop"), ColorRole::Accent).pixmap(44, 44));
        icon->setAlignment(Qt::AlignCenter);
        auto *title = new QLabel(tr("Drop data here"), this);
        QFont font = title->font();
        font = scaled(font, 1.7);
        font.setWeight(QFont::DemiBold);
        title->setFont(font);
        title->setAlignment(Qt::AlignCenter);
        auto *hint = new QLabel(tr("A stack, a folder of slices, images with their labels, or a Reticle project"), this);
        hint->setProperty("muted", true);
        hint->setAlignment(Qt::AlignCenter);
        hint->setWordWrap(true);
        auto *files = new QPushButton(tr("Choose files…"), this);
        files->setObjectName(QStringLiteral("chooseFiles"));
        auto *folder = new QPushButton(tr("Choose a folder…"), this);
        folder->setObjectName(QStringLiteral("chooseFolder"));
        connect(files, &QPushButton::clicked, this, &DropTarget::filesClicked);
        connect(folder, &QPushButton::clicked, this, &DropTarget::folderClicked);
        auto *buttons = new QHBoxLayout;
        buttons->addStretch(1);
        buttons->addWidget(files);
        buttons->addWidget(folder);
        buttons->addStretch(1);
        auto *column = new QVBoxLayout(this);
        column->setSpacing(10);
        column->addStretch(1);
        column->addWidget(icon);
        column->addWidget(title);
        column->addWidget(hint);
        column->addSpacing(6);
        column->addLayout(buttons);
        column->addStretch(1);
        connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, icon,
                [icon] { icon->setPixmap(themeIcon(QStringLiteral("drop"), ColorRole::Accent).pixmap(44, 44)); });
    }

    void setHovered(bool hovered)
    {
        m_hovered = hovered;
        update();
    }

Q_SIGNALS:
    void filesClicked();
    void folderClicked();

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        p.setBrush(themeColor(m_hovered ? ColorRole::AccentSoft : ColorRole::Surface));
        QPen pen(themeColor(m_hovered ? ColorRole::Accent : ColorRole::Control), m_hovered ? 2 : 1.4);
        pen.setDashPattern({5, 4});
        p.setPen(pen);
        p.drawRoundedRect(QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5), 12, 12);
    }

private:
    bool m_hovered = false;
};

namespace {

/// Cells with dark membranes, drawn for the sample's card: distance to the second nearest less the nearest point.
QImage tissuePicture(QSize size, int cells)
{
    QImage image(size, QImage::Format_Grayscale8);
    std::vector<QPointF> points(static_cast<std::size_t>(cells));
    const double scale = std::sqrt(34.0 / cells); // of membranes and organelles
    std::uint32_t state = 12345;
    const auto next = [&state] {
        state = state * 1664525u + 1013904223u;
        return static_cast<double>(state >> 8) / (1u << 24);
    };
    for (auto &point : points) {
        const double x = next() * 1.2 - 0.1;
        point = {x * size.width(), (next() * 1.2 - 0.1) * size.height()};
    }
    for (int y = 0; y < size.height(); ++y) {
        uchar *line = image.scanLine(y);
        for (int x = 0; x < size.width(); ++x) {
            const double wx = x + 3 * std::sin(y * 0.11) + 2 * std::sin(y * 0.31), wy = y + 3 * std::sin(x * 0.09);
            double first = 1e9, second = 1e9; // squared; roots are taken of the two nearest alone
            int cell = 0;
            for (int i = 0; i < static_cast<int>(points.size()); ++i) {
                const double dx = wx - points[i].x(), dy = wy - points[i].y(), d = dx * dx + dy * dy;
                if (d < first) {
                    second = first;
                    first = d;
                    cell = i;
                } else if (d < second) {
                    second = d;
                }
            }
            const double nearest = std::sqrt(first), gap = std::sqrt(second) - nearest;
            const double edge = std::clamp((gap - 1.5 * scale) / (3.5 * scale), 0.0, 1.0);
            const double organelle = (cell % 3 == 0 && nearest < 5.5 * scale) ? 0.62 : 1.0;
            const double grain = 0.9 + 0.2 * next();
            line[x] = static_cast<uchar>(std::clamp((55 + edge * 125 * organelle) * grain, 0.0, 255.0));
        }
    }
    return image;
}

class SampleCard : public QAbstractButton
{
public:
    SampleCard(const Sample &sample, QWidget *parent)
        : QAbstractButton(parent), m_title(sample.name), m_text(sample.text), m_cells(sample.cells)
    {
        setAccessibleName(m_title);
        setAccessibleDescription(m_text);
        setFixedHeight(210);
        setMinimumWidth(190);
        setFocusPolicy(Qt::StrongFocus);
        setCursor(Qt::PointingHandCursor);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        const QRectF r = QRectF(rect()).adjusted(1, 1, -1, -1);
        QPainterPath shape;
        shape.addRoundedRect(r, 10, 10);
        p.fillPath(shape, themeColor(isDown() ? ColorRole::Pressed : ColorRole::Surface));
        const QRect top(1, 1, width() - 2, 128);
        if (m_picture.size() != top.size())
            m_picture = tissuePicture(top.size(), m_cells);
        p.save();
        p.setClipPath(shape);
        p.drawImage(top, m_picture);
        p.restore();
        const bool lit = underMouse() || hasFocus();
        p.setPen(QPen(themeColor(lit ? ColorRole::Accent : ColorRole::Border), lit ? 1.6 : 1));
        p.setBrush(Qt::NoBrush);
        p.drawPath(shape);
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        p.setFont(bold);
        p.setPen(themeColor(ColorRole::Text));
        const int line = fontMetrics().height();
        p.drawText(QRect(14, top.bottom() + 8, width() - 28, line), Qt::AlignVCenter, m_title);
        p.setFont(font());
        p.setPen(themeColor(ColorRole::TextMuted));
        p.drawText(QRect(14, top.bottom() + 10 + line, width() - 28, 3 * line), Qt::TextWordWrap, m_text);
    }
    void enterEvent(QEnterEvent *) override { update(); }
    void leaveEvent(QEvent *) override { update(); }

private:
    QString m_title, m_text;
    int m_cells;
    QImage m_picture;
};

QLabel *heading(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    QFont font = label->font();
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

} // namespace

const std::vector<Sample> &samples()
{
    static const std::vector<Sample> all{{StartPage::tr("Tissue"),
                                          StartPage::tr("Electron micrographs made on the spot: cells, membranes, exact labels"),
                                          QStringLiteral("tissue")},
                                         {StartPage::tr("Fine tissue"),
                                          StartPage::tr("Small cells, thin membranes and more noise: harder to learn"),
                                          QStringLiteral("tissue"),
                                          {{"cell-size", 90}, {"membrane", 11}, {"noise", 22}},
                                          90}};
    return all;
}

const Sample &sampleCalled(QString name)
{
    name.replace(QLatin1Char('-'), QLatin1Char(' '));
    for (const auto &sample : samples())
        if (sample.name.compare(name, Qt::CaseInsensitive) == 0)
            return sample;
    return samples().front();
}

StartPage::StartPage(QWidget *parent)
    : QWidget(parent), m_top(new QStackedWidget(this)), m_target(new DropTarget(this)),
      m_message(new MessageBar(this, MessageBar::Place::InColumn)), m_tour(new QPushButton(this))
{
    setObjectName(QStringLiteral("startPage"));
    m_top->addWidget(m_target);
    connect(m_target, &DropTarget::filesClicked, this, &StartPage::browseFilesRequested);
    connect(m_target, &DropTarget::folderClicked, this, &StartPage::browseFolderRequested);
    auto *samples = buildSamples();
    auto *recent = buildRecent();
    layOut(samples, recent);
    refreshRecent();
    refreshTour();
}

QVBoxLayout *StartPage::buildSamples()
{
    auto *samples = new QVBoxLayout;
    samples->setSpacing(8);
    auto *samplesHead = heading(tr("Try a sample"), this);
    auto *simulate = new QPushButton(tr("Simulate data…"), this);
    simulate->setObjectName(QStringLiteral("simulateData"));
    simulate->setFlat(true);
    simulate->setToolTip(tr("Make data with a simulator and settings of your choice, in a new project"));
    connect(simulate, &QPushButton::clicked, this, &StartPage::simulationRequested);
    m_tour->setObjectName(QStringLiteral("showTour"));
    m_tour->setFlat(true);
    m_tour->setToolTip(tr("A tour in six steps, from the sample to a figure"));
    connect(m_tour, &QPushButton::clicked, this, &StartPage::tourRequested);
    auto *samplesLine = new QHBoxLayout;
    samplesLine->addWidget(samplesHead);
    samplesLine->addStretch(1);
    samplesLine->addWidget(m_tour);
    samplesLine->addWidget(simulate);
    samples->addLayout(samplesLine);
    auto *cards = new QHBoxLayout;
    cards->setSpacing(12);
    for (const auto &sample : reticle::samples()) {
        auto *card = new SampleCard(sample, this);
        card->setObjectName(QStringLiteral("sample") + QString(sample.name).remove(' '));
        connect(card, &QAbstractButton::clicked, this, [this, &sample] { Q_EMIT sampleRequested(sample); });
        cards->addWidget(card);
    }
    samples->addLayout(cards);
    samples->addStretch(1);
    return samples;
}

QVBoxLayout *StartPage::buildRecent()
{
    auto *recent = new QVBoxLayout;
    recent->setSpacing(4);
    auto *recentHead = new QHBoxLayout;
    recentHead->addWidget(heading(tr("Recent projects"), this));
    recentHead->addStretch(1);
    auto *open = new QPushButton(tr("Open a project…"), this);
    open->setObjectName(QStringLiteral("openProject"));
    open->setFlat(true);
    connect(open, &QPushButton::clicked, this, [this] { Q_EMIT openProjectRequested({}); });
    recentHead->addWidget(open);
    recent->addLayout(recentHead);
    m_recent = new QVBoxLayout;
    m_recent->setSpacing(2);
    recent->addLayout(m_recent);
    recent->addStretch(1);
    return recent;
}

void StartPage::layOut(QVBoxLayout *samples, QVBoxLayout *recent)
{
    auto *lower = new QHBoxLayout;
    lower->setSpacing(32);
    lower->addLayout(samples, 4);
    lower->addLayout(recent, 4);

    auto *content = new QWidget;
    content->setMaximumWidth(1040);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(32, 28, 32, 24);
    column->setSpacing(20);
    column->addWidget(m_message);
    column->addWidget(m_top, 3);
    column->addLayout(lower, 2);

    auto *holder = new QWidget;
    auto *center = new QHBoxLayout(holder);
    center->setContentsMargins(0, 0, 0, 0);
    center->addStretch(1);
    center->addWidget(content, 100);
    center->addStretch(1);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(holder);
    auto *all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(scroll);
}

void StartPage::refreshTour()
{
    m_tour->setText(Tour::leftAt() > 0 ? tr("Continue the tour") : tr("Show me around"));
}

DataCard *StartPage::card()
{
    if (!m_card) {
        m_card = new DataCard(this);
        m_top->addWidget(m_card);
        connect(m_card, &DataCard::cancelled, this, [this] { m_top->setCurrentWidget(m_target); });
        Q_EMIT cardMade(m_card);
    }
    return m_card;
}

void StartPage::look(const QStringList &paths)
{
    card()->look(paths);
    m_top->setCurrentWidget(m_card);
    m_message->clear();
}

void StartPage::setDropHovered(bool hovered)
{
    m_target->setHovered(hovered);
}

void StartPage::refreshRecent()
{
    while (auto *item = m_recent->takeAt(0)) {
        if (auto *w = item->widget()) {
            w->hide();
            w->deleteLater();
        }
        delete item;
    }
    const QStringList folders = Settings::recentProjects();
    if (folders.isEmpty()) {
        auto *none = new QLabel(tr("Projects that you open show here. They are kept in %1.")
                                    .arg(QDir::toNativeSeparators(Settings::projectsFolder())),
                                this);
        none->setProperty("muted", true);
        none->setWordWrap(true);
        m_recent->addWidget(none);
        return;
    }
    for (const auto &folder : folders.mid(0, 7)) {
        const bool exists = OpenProject::isProject(folder);
        QString name = QFileInfo(folder).fileName();
        if (name.endsWith(QStringLiteral(".reticle")))
            name.chop(8);
        auto *row = new QWidget(this);
        auto *button = new QToolButton(row);
        button->setObjectName(QStringLiteral("recent"));
        button->setProperty("folder", folder);
        button->setAutoRaise(true);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIcon(themeIcon(QStringLiteral("folder")));
        button->setText(QString(name).replace(QLatin1Char('&'), QStringLiteral("&&")));
        button->setEnabled(exists);
        button->setToolTip(folder);
        auto *where = new QLabel(row);
        where->setTextFormat(Qt::PlainText);
        QString shown = QFileInfo(folder).absolutePath();
        if (shown.startsWith(QDir::homePath()))
            shown.replace(0, QDir::homePath().size(), QStringLiteral("~"));
        where->setText(exists ? shown : tr("missing: %1").arg(shown));
        where->setProperty("muted", true);
        where->setTextInteractionFlags(Qt::NoTextInteraction);
        where->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        auto *age = new QLabel(
            exists ? agoText(QFileInfo(folder + QStringLiteral("/project.sqlite")).lastModified().toUTC().toString(Qt::ISODate))
                   : QString(),
            row);
        age->setProperty("muted", true);
        auto *remove = new QToolButton(row);
        remove->setIcon(themeIcon(QStringLiteral("close")));
        remove->setAutoRaise(true);
        remove->setToolTip(tr("Take it off this list; the project stays where it is"));
        remove->setAccessibleName(tr("Take %1 off the list").arg(name));
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(button);
        layout->addWidget(where, 1);
        layout->addWidget(age);
        layout->addWidget(remove);
        connect(button, &QToolButton::clicked, this, [this, folder] { Q_EMIT openProjectRequested(folder); });
        connect(remove, &QToolButton::clicked, this, [this, folder] {
            Settings::removeRecent(folder);
            refreshRecent();
        });
        m_recent->addWidget(row);
    }
}

void StartPage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && m_card && m_top->currentWidget() == m_card)
        m_top->setCurrentWidget(m_target);
    else
        QWidget::keyPressEvent(event);
}

} // namespace reticle

#include "StartPage.moc"
