#include "widgets/forms/Section.h"

#include "widgets/views/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace reticle {

Section::Section(const QString &title, QWidget *parent)
    : QWidget(parent), m_header(new QToolButton(this)), m_summary(new QLabel(this)), m_content(new QWidget(this)),
      m_body(new QVBoxLayout(m_content))
{
    m_header->setText(title);
    m_header->setFont(themeFont(FontRole::Strong));
    m_header->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_header->setIconSize({14, 14});
    m_header->setCheckable(false);
    m_header->setFocusPolicy(Qt::StrongFocus);
    m_summary->setProperty("muted", true);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto *top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_header, 0, Qt::AlignLeft);
    top->addWidget(m_summary, 1);
    m_body->setContentsMargins(4, 4, 0, 12);
    m_body->setSpacing(8);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 4);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(m_content);
    connect(m_header, &QToolButton::clicked, this, [this] { setExpanded(!isExpanded()); });
    m_content->hide();
    setExpanded(true);
}

void Section::setExpanded(bool expanded)
{
    const bool before = !m_content->isHidden();
    m_content->setVisible(expanded);
    m_summary->setVisible(!expanded || m_summary->property("problem").toBool());
    m_header->setIcon(
        themeIcon(expanded ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"), ColorRole::TextMuted));
    m_header->setAccessibleDescription(expanded ? tr("unfolded") : tr("folded"));
    if (before != expanded)
        Q_EMIT toggled(expanded);
}

bool Section::isExpanded() const
{
    return !m_content->isHidden();
}

void Section::setSummary(const QString &text, bool problem)
{
    m_summary->setText(text);
    setStyleFlag(m_summary, "problem", problem);
    setStyleFlag(m_summary, "muted", !problem);
    m_summary->setVisible(!isExpanded() || problem); // open, the section speaks for itself
}

} // namespace reticle
