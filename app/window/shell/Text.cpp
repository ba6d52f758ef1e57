#include "window/shell/Text.h"

#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

#include <cmath>

namespace reticle {

QString durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return {};
    const auto s = static_cast<std::int64_t>(std::llround(seconds));
    if (s < 60)
        return QStringLiteral("%1 s").arg(s);
    if (s < 600)
        return s % 60 ? QStringLiteral("%1 min %2 s").arg(s / 60).arg(s % 60) : QStringLiteral("%1 min").arg(s / 60);
    if (s < 3600)
        return QStringLiteral("%1 min").arg((s + 30) / 60);
    const auto minutes = (s + 30) / 60;
    return minutes % 60 ? QStringLiteral("%1 h %2 min").arg(minutes / 60).arg(minutes % 60)
                        : QStringLiteral("%1 h").arg(minutes / 60);
}

QString countText(std::int64_t n)
{
    return QLocale(QLocale::English).toString(static_cast<qlonglong>(n)).replace('-', QChar(0x2212));
}

QString scoreText(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("n/a");
    const double size = std::abs(value);
    QString text;
    if (size != 0 && (size < 1e-4 || size >= 1e6)) {
        const int power = static_cast<int>(std::floor(std::log10(size)));
        static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
        QString exponent = power < 0 ? QStringLiteral("⁻") : QString();
        for (const QChar c : QString::number(std::abs(power)))
            exponent += digits[c.digitValue()];
        text = QStringLiteral("%1 × 10%2").arg(value / std::pow(10, power), 0, 'f', 2).arg(exponent);
    } else {
        const int decimals = size == 0 ? 0 : std::max(0, 3 - static_cast<int>(std::floor(std::log10(size))));
        text = QString::number(value, 'f', std::min(decimals, 6));
        if (text.contains('.')) {
            while (text.endsWith('0'))
                text.chop(1);
            if (text.endsWith('.'))
                text.chop(1);
        }
    }
    return text.replace('-', QChar(0x2212));
}

QString agoText(const QString &iso)
{
    auto then = QDateTime::fromString(iso, Qt::ISODate);
    if (!then.isValid())
        return iso;
    if (!iso.endsWith('Z') && !iso.contains('+'))
        then.setTimeSpec(Qt::UTC);
    const auto now = QDateTime::currentDateTimeUtc();
    const qint64 s = then.secsTo(now);
    if (s < 60)
        return QStringLiteral("just now");
    if (s < 3600)
        return QStringLiteral("%1 min ago").arg(s / 60);
    const auto local = then.toLocalTime();
    const auto days = local.date().daysTo(QDate::currentDate());
    if (days == 0)
        return QStringLiteral("today %1").arg(local.toString(QStringLiteral("HH:mm")));
    if (days == 1)
        return QStringLiteral("yesterday %1").arg(local.toString(QStringLiteral("HH:mm")));
    return QLocale(QLocale::English).toString(local.date(), QStringLiteral("d MMM yyyy"));
}

QString fileName(const QString &name)
{
    QString clean = name.trimmed();
    static const QRegularExpression forbidden(QStringLiteral(R"([/\\:*?"<>|\x00-\x1f]+)"));
    clean.replace(forbidden, QStringLiteral("-"));
    while (clean.startsWith('.'))
        clean.remove(0, 1);
    clean.truncate(80);
    return clean.isEmpty() ? QStringLiteral("untitled") : clean;
}

} // namespace reticle
