#include "widgets/forms/NumberBox.h"

#include "widgets/forms/FieldEditor.h"
#include "widgets/views/Theme.h"

#include <QEvent>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr double largestWhole = 9e15;

} // namespace

NumberBox::NumberBox(bool whole, std::optional<double> min, std::optional<double> max, QWidget *parent)
    : QAbstractSpinBox(parent), m_whole(whole), m_min(min), m_max(max)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccelerated(true);
    lineEdit()->setPlaceholderText(QString());
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberBox::edited);
}

void NumberBox::setRange(std::optional<double> min, std::optional<double> max)
{
    m_min = min;
    m_max = max;
    update(); // the buttons may be of use now, or no longer
}

void NumberBox::setHint(const QString &hint)
{
    if (!m_hint) {
        m_hint = new QLabel(lineEdit());
        m_hint->setObjectName(QStringLiteral("hint"));
        m_hint->setProperty("muted", true);
        m_hint->setFont(themeFont(FontRole::Small));
        m_hint->setTextFormat(Qt::PlainText);
        m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
        lineEdit()->installEventFilter(this);
        connect(lineEdit(), &QLineEdit::textChanged, this, &NumberBox::placeHint);
    }
    m_hint->setText(hint);
    placeHint();
}

QString NumberBox::shownHint() const
{
    return m_hint && !m_hint->isHidden() ? m_hint->text() : QString();
}

void NumberBox::placeHint()
{
    const QSize size = m_hint->sizeHint();
    const int number = lineEdit()->fontMetrics().horizontalAdvance(lineEdit()->text());
    constexpr int gap = 14; // the line's own margin, and air between number and hint
    m_hint->setVisible(!m_hint->text().isEmpty() && number + size.width() + gap <= lineEdit()->width());
    m_hint->setGeometry(lineEdit()->width() - size.width() - 2, 0, size.width(), lineEdit()->height());
}

bool NumberBox::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == lineEdit() && m_hint &&
        (event->type() == QEvent::Resize || event->type() == QEvent::FontChange || event->type() == QEvent::Show))
        placeHint();
    return QAbstractSpinBox::eventFilter(watched, event);
}

std::optional<double> NumberBox::number() const
{
    QString text = plainText();
    text.replace(QChar(0x2212), QLatin1Char('-'));
    bool ok = false;
    const double v = QLocale::c().toDouble(text, &ok);
    // The C locale reads "1,000" as a thousand where a decimal comma may have been meant.
    if (!ok || text.contains(QLatin1Char(',')) || !std::isfinite(v))
        return std::nullopt;
    return v;
}

QString NumberBox::plainText() const
{
    return lineEdit()->text().trimmed();
}

void NumberBox::setPlainText(const QString &text)
{
    if (text != lineEdit()->text())
        lineEdit()->setText(text);
    lineEdit()->setCursorPosition(0);
}

void NumberBox::stepBy(int steps)
{
    const auto now = number();
    // Beyond this whole numbers are no longer told apart.
    if (!now || isReadOnly() || (m_whole && std::abs(*now) > largestWhole && !(m_min && m_max)))
        return;
    double v = *now;
    for (int i = 0; i < std::abs(steps); ++i) {
        double step = 1;
        if (!m_whole) {
            // From a power of ten downwards the step is the next smaller one.
            const double size = std::abs(v);
            double exponent = size > 0 ? std::floor(std::log10(size) + 1e-12) : (m_max && *m_max <= 1 ? -2 : -1);
            const bool shrinking = (steps < 0) == (v > 0);
            if (size > 0 && shrinking && std::abs(size - std::pow(10.0, exponent)) < 1e-9 * size)
                --exponent;
            step = std::pow(10.0, exponent);
        }
        v += steps < 0 ? -step : step;
        if (!m_whole)
            v = QLocale::c().toDouble(QLocale::c().toString(v, 'g', 10)); // 0.30000000000000004 -> 0.3
    }
    if (m_min)
        v = std::max(v, *m_min);
    if (m_max)
        v = std::min(v, *m_max);
    if (v == *now || (m_whole && std::abs(v) > largestWhole))
        return;
    setPlainText(m_whole ? QString::number(static_cast<qlonglong>(v)) : numberText(v));
    lineEdit()->selectAll();
    Q_EMIT edited();
}

QAbstractSpinBox::StepEnabled NumberBox::stepEnabled() const
{
    const auto v = number();
    if (!v || isReadOnly())
        return StepNone;
    StepEnabled s = StepNone;
    if (!m_max || *v < *m_max)
        s |= StepUpEnabled;
    if (!m_min || *v > *m_min)
        s |= StepDownEnabled;
    return s;
}

QValidator::State NumberBox::validate(QString &, int &) const
{
    return QValidator::Acceptable; // the form says in words what is wrong
}

} // namespace reticle
