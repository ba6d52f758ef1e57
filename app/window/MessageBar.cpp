#include "window/MessageBar.h"

#include "widgets/views/Theme.h"
#include "window/WorkerProcess.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace reticle {

namespace {

ColourRole roleOf(MessageBar::Level level)
{
    switch (level) {
    case MessageBar::Level::Info: return ColourRole::Accent;
    case MessageBar::Level::Positive: return ColourRole::Positive;
    case MessageBar::Level::Warning: return ColourRole::Warning;
    case MessageBar::Level::Error: break;
    }
    return ColourRole::Danger;
}

} // namespace

MessageBar::MessageBar(QWidget *parent) : QFrame(parent), m_text(new QLabel(this)), m_buttons(new QHBoxLayout)
{
    setObjectName(QStringLiteral("messageBar"));
    m_text->setTextFormat(Qt::PlainText); // sentences have names in them, of any kind
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setObjectName(QStringLiteral("messageText"));
    auto *close = new QToolButton(this);
    close->setIcon(themeIcon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close this message"));
    close->setAccessibleName(tr("Close this message"));
    close->setObjectName(QStringLiteral("messageClose"));
    connect(close, &QToolButton::clicked, this, &MessageBar::clear);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 8, 8, 8);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    row->addWidget(close, 0, Qt::AlignTop);
    hide();
}

void MessageBar::say(Level level, const QString &sentence, std::vector<Action> actions)
{
    m_level = level;
    m_text->setText(sentence);
    while (auto *item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (auto &action : actions) {
        auto *button = new QPushButton(action.title, this);
        connect(button, &QPushButton::clicked, this, [this, trigger = action.trigger] {
            clear();
            trigger();
        });
        m_buttons->addWidget(button);
    }
    show();
    update();
}

void MessageBar::sayFailure(const Failure &failure, std::vector<Action> actions)
{
    QString sentence = failure.message;
    if (failure.kind == QStringLiteral("lost")) {
        if (!failure.wayOut.isEmpty())
            sentence += QStringLiteral(" ") + failure.wayOut + QStringLiteral(".");
        if (!failure.where.isEmpty())
            sentence += QStringLiteral("\n") + failure.where;
    }
    say(Level::Error, sentence, std::move(actions));
}

void MessageBar::clear()
{
    hide();
    m_text->clear();
}

QString MessageBar::text() const
{
    return isHidden() ? QString() : m_text->text();
}

void MessageBar::paintEvent(QPaintEvent *)
{
    QPainter p(this);
    const QColor colour = themeColour(roleOf(m_level));
    QColor soft = colour;
    soft.setAlphaF(0.12f);
    p.fillRect(rect(), themeColour(ColourRole::Surface));
    p.fillRect(rect(), soft);
    p.fillRect(QRect(0, 0, 4, height()), colour);
}

} // namespace reticle
