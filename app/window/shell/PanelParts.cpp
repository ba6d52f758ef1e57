#include "window/shell/PanelParts.h"

#include "widgets/views/Theme.h"
#include "window/shell/Fonts.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace reticle {

QLabel *headingLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(themeFont(FontRole::Title));
    label->setWordWrap(true);
    return label;
}

QLabel *mutedLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setProperty("muted", true);
    label->setWordWrap(true);
    return label;
}

QScrollArea *scrolled(QWidget *form)
{
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(form);
    return scroll;
}

QLabel *sectionTitle(const QString &text)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    QFont font = label->font();
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

QHBoxLayout *pageHead(QLabel *title, QLabel *subtitle)
{
    QFont heading = scaled(title->font(), 1.3);
    heading.setWeight(QFont::DemiBold);
    title->setFont(heading);
    // Names are shown as they are, whatever marks are in them.
    title->setTextFormat(Qt::PlainText);
    // A long name takes a second line: it does not push the page's buttons out of sight.
    title->setWordWrap(true);
    title->setMinimumWidth(120);
    subtitle->setTextFormat(Qt::PlainText);
    subtitle->setProperty("muted", true);
    subtitle->setWordWrap(true);
    auto *titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(title);
    titles->addWidget(subtitle);
    auto *head = new QHBoxLayout;
    head->addLayout(titles, 1);
    return head;
}

QVBoxLayout *scrolledColumn(QWidget *page, QWidget *message)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    auto *scroll = new QScrollArea(page);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(content);
    auto *all = new QVBoxLayout(page);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    if (message)
        all->addWidget(message);
    all->addWidget(scroll, 1);
    return column;
}

} // namespace reticle
