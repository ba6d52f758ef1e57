#include "widgets/views/Theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QPalette>
#include <QPixmapCache>
#include <QRegularExpression>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>
#include <QWidget>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

// A static library's resources have to be asked for, outside any namespace.
static void initializeResources()
{
    Q_INIT_RESOURCE(resources);
}

namespace reticle {

namespace {

Theme g_theme = Theme::System;
bool g_dark = false;

struct RoleColors
{
    ColorRole role;
    const char *token; ///< as the style sheet names it
    QRgb light, dark;
};

// One accent, a blue that all common kinds of color vision tell from the grays and from the orange of warnings.
constexpr std::array roles{
    RoleColors{ColorRole::Window, "window", 0xfff4f5f7, 0xff17191d},
    RoleColors{ColorRole::Surface, "surface", 0xffffffff, 0xff1e2126},
    RoleColors{ColorRole::Raised, "raised", 0xffffffff, 0xff282c33},
    RoleColors{ColorRole::Canvas, "canvas", 0xffe4e6ea, 0xff0f1013},
    RoleColors{ColorRole::Border, "border", 0xffdfe2e7, 0xff30353d},
    RoleColors{ColorRole::Control, "control", 0xffb4bac5, 0xff4d545f},
    RoleColors{ColorRole::Text, "text", 0xff1c2128, 0xffe7e9ec},
    RoleColors{ColorRole::TextMuted, "textMuted", 0xff596170, 0xffa3abb8},
    RoleColors{ColorRole::TextDisabled, "textDisabled", 0xff9aa1ac, 0xff656c77},
    RoleColors{ColorRole::Accent, "accent", 0xff1f66c7, 0xff6cb2ff},
    RoleColors{ColorRole::AccentText, "accentText", 0xffffffff, 0xff0a1a2c},
    RoleColors{ColorRole::AccentSoft, "accentSoft", 0xffe1ecfb, 0xff1f3653},
    RoleColors{ColorRole::Hover, "hover", 0xffeceef2, 0xff2f343c},
    RoleColors{ColorRole::Pressed, "pressed", 0xffdfe2e8, 0xff3a404a},
    RoleColors{ColorRole::Positive, "positive", 0xff17734a, 0xff5ccf97},
    RoleColors{ColorRole::Warning, "warning", 0xff8a5600, 0xfff0b429},
    RoleColors{ColorRole::Danger, "danger", 0xffb3261e, 0xffff9087},
};

/// Qt 6.4 does not report the desktop's scheme; its first palette, before ours, tells.
bool desktopIsDark()
{
    static const bool dark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    return dark;
}

const QFont &desktopFont()
{
    static const QFont font = [] {
        QFont f = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
        // What the font system falls back to where no desktop says anything.
        const bool fallback = f.family().isEmpty() || f.family().startsWith(QLatin1String("Sans")) ||
                              f.family().startsWith(QLatin1String("DejaVu")) || f.family() == QLatin1String("Helvetica");
        if (fallback) {
            f.setFamilies({QStringLiteral("Inter"), QStringLiteral("Cantarell"), QStringLiteral("Noto Sans"),
                           QStringLiteral("Liberation Sans"), QStringLiteral("DejaVu Sans")});
            f.setPixelSize(13);
        }
        return f;
    }();
    return font;
}

QPalette paletteOf(bool dark)
{
    const auto c = [dark](ColorRole role) { return themeColor(role, dark); };
    QPalette p;
    p.setColor(QPalette::Window, c(ColorRole::Window));
    p.setColor(QPalette::WindowText, c(ColorRole::Text));
    p.setColor(QPalette::Base, c(ColorRole::Surface));
    p.setColor(QPalette::AlternateBase, c(ColorRole::Window));
    p.setColor(QPalette::Text, c(ColorRole::Text));
    p.setColor(QPalette::PlaceholderText, c(ColorRole::TextMuted));
    p.setColor(QPalette::Button, c(ColorRole::Raised));
    p.setColor(QPalette::ButtonText, c(ColorRole::Text));
    p.setColor(QPalette::BrightText, c(ColorRole::Danger));
    p.setColor(QPalette::Highlight, c(ColorRole::Accent));
    p.setColor(QPalette::HighlightedText, c(ColorRole::AccentText));
    p.setColor(QPalette::ToolTipBase, c(ColorRole::Raised));
    p.setColor(QPalette::ToolTipText, c(ColorRole::Text));
    p.setColor(QPalette::Link, c(ColorRole::Accent));
    p.setColor(QPalette::LinkVisited, c(ColorRole::Accent));
    p.setColor(QPalette::Light, c(ColorRole::Raised));
    p.setColor(QPalette::Midlight, c(ColorRole::Hover));
    p.setColor(QPalette::Mid, c(ColorRole::Border));
    p.setColor(QPalette::Dark, c(ColorRole::Control));
    p.setColor(QPalette::Shadow, dark ? QColor(0, 0, 0) : c(ColorRole::Control));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, c(ColorRole::TextDisabled));
    p.setColor(QPalette::Disabled, QPalette::Highlight, c(ColorRole::Pressed));
    p.setColor(QPalette::Disabled, QPalette::HighlightedText, c(ColorRole::TextDisabled));
    return p;
}

/// reticle.qss with "@role" replaced by colors, "@scheme" by light or dark and "@small" and so on by font sizes.
QString styleSheetOf(bool dark)
{
    QFile file(QStringLiteral(":/style/reticle.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(file.readAll());
    QString sheet;
    sheet.reserve(text.size());
    static const QRegularExpression token(QStringLiteral("@([A-Za-z]+)"));
    qsizetype end = 0;
    for (auto it = token.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        sheet += QStringView(text).mid(end, match.capturedStart() - end);
        end = match.capturedEnd();
        const auto name = match.capturedView(1);
        const auto found =
            std::find_if(roles.begin(), roles.end(), [&](const auto &r) { return name == QLatin1String(r.token); });
        if (found != roles.end())
            sheet += QColor::fromRgb(dark ? found->dark : found->light).name();
        else if (name == QLatin1String("scheme"))
            sheet += dark ? QLatin1String("dark") : QLatin1String("light");
    }
    sheet += QStringView(text).mid(end);
    return sheet;
}

} // namespace

ThemeNotifier &ThemeNotifier::instance()
{
    static ThemeNotifier notifier;
    return notifier;
}

Theme currentTheme()
{
    return g_theme;
}

bool themeIsDark()
{
    return g_dark;
}

QColor themeColor(ColorRole role, bool dark)
{
    const auto &r = roles[static_cast<std::size_t>(role)];
    return QColor::fromRgb(dark ? r.dark : r.light);
}

QColor themeColor(ColorRole role)
{
    return themeColor(role, g_dark);
}

QFont themeFont(FontRole role)
{
    QFont f = desktopFont();
    const auto scale = [&f](double factor) {
        if (f.pixelSize() > 0)
            f.setPixelSize(std::max(10, static_cast<int>(std::lround(f.pixelSize() * factor))));
        else
            f.setPointSizeF(f.pointSizeF() * factor);
    };
    switch (role) {
    case FontRole::Body: break;
    case FontRole::Small: scale(0.88); break;
    case FontRole::Strong: f.setWeight(QFont::DemiBold); break;
    case FontRole::Title:
        scale(1.15);
        f.setWeight(QFont::DemiBold);
        break;
    case FontRole::Heading:
        scale(1.65);
        f.setWeight(QFont::DemiBold);
        break;
    case FontRole::Mono: {
        const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        f.setFamilies({fixed.family(), QStringLiteral("Liberation Mono"), QStringLiteral("DejaVu Sans Mono")});
        f.setStyleHint(QFont::Monospace);
        scale(0.94);
        break;
    }
    }
    return f;
}

void applyTheme(QApplication &application, Theme theme)
{
    initializeResources();
    const bool desktop = desktopIsDark(); // asked before our palette hides the desktop's
    g_theme = theme;
    g_dark = theme == Theme::Dark || (theme == Theme::System && desktop);
    if (!application.style() || application.style()->objectName().compare(QLatin1String("fusion"), Qt::CaseInsensitive) != 0)
        application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    application.setFont(themeFont(FontRole::Body));
    application.setPalette(paletteOf(g_dark));
    QToolTip::setPalette(paletteOf(g_dark));
    QToolTip::setFont(themeFont(FontRole::Body));
    application.setStyleSheet(styleSheetOf(g_dark));
    Q_EMIT ThemeNotifier::instance().changed();
}

void setStyleFlag(QWidget *widget, const char *flag, bool on)
{
    if (widget->property(flag).toBool() == on)
        return;
    widget->setProperty(flag, on);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

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
