#include "widgets/views/Theme.h"

#include <QApplication>
#include <QPalette>
#include <QStyleFactory>

#include <cmath>

namespace reticle {

namespace {
Theme g_theme = Theme::System;
bool g_dark = false;
} // namespace

ThemeNotifier &ThemeNotifier::instance()
{
    static ThemeNotifier notifier;
    return notifier;
}

Theme currentTheme() { return g_theme; }
bool themeIsDark() { return g_dark; }

QColor themeColour(ColourRole role, bool dark)
{
    switch (role) {
    case ColourRole::Window: return dark ? 0x1b1d21 : 0xf3f4f6;
    case ColourRole::Text: return dark ? 0xe6e8eb : 0x1d2127;
    case ColourRole::TextMuted: return dark ? 0xa3a9b3 : 0x596170;
    case ColourRole::Accent: return dark ? 0x4c9be8 : 0x1f6fc4;
    default: return dark ? 0x24272c : 0xffffff;
    }
}

QColor themeColour(ColourRole role) { return themeColour(role, g_dark); }

void applyTheme(QApplication &application, Theme theme)
{
    g_theme = theme;
    g_dark = theme == Theme::Dark;
    application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QPalette palette(themeColour(ColourRole::Raised), themeColour(ColourRole::Window));
    palette.setColor(QPalette::Base, themeColour(ColourRole::Surface));
    application.setPalette(palette);
    Q_EMIT ThemeNotifier::instance().changed();
}

QIcon themeIcon(const QString &name) { return themeIcon(name, ColourRole::Text); }
QIcon themeIcon(const QString &name, ColourRole) { return QIcon(QStringLiteral(":/icons/") + name + QStringLiteral(".svg")); }

double contrastRatio(const QColor &a, const QColor &b)
{
    const auto luminance = [](const QColor &c) {
        const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
        return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
    };
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

} // namespace reticle
