#pragma once

#include <QString>

#include <cstdint>
#include <filesystem>
#include <string>

namespace reticle {

inline QString qs(const std::string &s)
{
    return QString::fromStdString(s);
}
inline QString qs(const std::filesystem::path &p)
{
    return QString::fromStdString(p.string());
}
inline std::string ss(const QString &s)
{
    return s.toStdString();
}

/// "3 min 20 s", "45 s", "2 h 5 min": two units at most.
QString durationText(double seconds);
/// "12,345": whole numbers with thousands separators.
QString countText(std::int64_t n);
/// "0.0712", "1.2 × 10⁻⁵": about four digits, "n/a" for NaN.
QString scoreText(double value);
/// "just now", "5 min ago", "yesterday", "12 Mar 2025" of an ISO 8601 time in UTC.
QString agoText(const QString &iso);
/// `name` made fit for a file name: no separators, no leading dot, never empty.
QString fileName(const QString &name);

} // namespace reticle
