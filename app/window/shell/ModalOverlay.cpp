#include "window/shell/ModalOverlay.h"
#include "window/shell/Fonts.h"

#include "widgets/views/Theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace reticle {

ModalOverlay::ModalOverlay(QWidget *window, const QString &title, const QString &text, std::vector<Choice> choices)
    : QWidget(window), m_box(new QWidget(this)), m_content(new QVBoxLayout), m_buttons(new QHBoxLayout)
{
    setObjectName(QStringLiteral("sheet"));
    for (auto *old : window->findChildren<ModalOverlay *>(QString(), Qt::FindDirectChildrenOnly))
        if (old != this)
            old->dismiss();
    setAttribute(Qt::WA_DeleteOnClose);
    setFocusPolicy(Qt::StrongFocus);
    window->installEventFilter(this);
    auto *column = new QVBoxLayout(m_box);
    column->setContentsMargins(24, 22, 24, 20);
    column->setSpacing(12);
    auto *heading = new QLabel(title, m_box);
    QFont font = heading->font();
    font = scaled(font, 1.25);
    font.setWeight(QFont::DemiBold);
    heading->setFont(font);
    heading->setTextFormat(Qt::PlainText);
    heading->setWordWrap(true);
    column->addWidget(heading);
    if (!text.isEmpty()) {
        auto *words = new QLabel(text, m_box);
        words->setTextFormat(Qt::PlainText);
        words->setWordWrap(true);
        column->addWidget(words);
    }
    column->addLayout(m_content);
    m_buttons->addStretch(1);
    QPushButton *primary = nullptr;
    for (auto &choice : choices) {
        auto *button = new QPushButton(choice.title, m_box);
        button->setObjectName(choice.name);
        button->setAutoDefault(true);
        if (choice.primary) {
            button->setProperty("primary", true);
            primary = button;
        }
        connect(button, &QPushButton::clicked, this, [this, trigger = choice.trigger] {
            dismiss();
            if (trigger)
                trigger();
        });
        m_buttons->addWidget(button);
    }
    column->addLayout(m_buttons);
    auto *all = new QHBoxLayout(this);
    all->addStretch(1);
    auto *middle = new QVBoxLayout;
    middle->addStretch(1);
    middle->addWidget(m_box);
    middle->addStretch(2);
    all->addLayout(middle, 8);
    all->addStretch(1);
    m_box->setMinimumWidth(420);
    m_box->setMaximumWidth(640);
    setGeometry(window->rect());
    show();
    raise();
    if (primary)
        primary->setFocus();
    else
        setFocus();
}

void ModalOverlay::addContent(QWidget *content)
{
    m_content->addWidget(content);
}

void ModalOverlay::addButton(QPushButton *button)
{
    m_buttons->addWidget(button);
    button->show();
}

void ModalOverlay::dismiss()
{
    if (isHidden())
        return;
    hide();
    deleteLater();
    Q_EMIT dismissed();
}

void ModalOverlay::paintEvent(QPaintEvent *)
{
    QPainter p(this);
    p.fillRect(rect(), QColor(0, 0, 0, 110));
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(themeColor(ColorRole::Border), 1));
    p.setBrush(themeColor(ColorRole::Surface));
    p.drawRoundedRect(QRectF(m_box->geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12);
}

void ModalOverlay::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        dismiss();
    else
        QWidget::keyPressEvent(event);
}

void ModalOverlay::mousePressEvent(QMouseEvent *event)
{
    event->accept();
    if (!m_box->geometry().contains(event->pos()))
        dismiss();
}

bool ModalOverlay::eventFilter(QObject *object, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(object, event);
}

} // namespace reticle
