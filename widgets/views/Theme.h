#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QString>

class QApplication;
class QWidget;

namespace reticle {

enum class Theme {
    System, ///< as the desktop says; light where it says nothing
    Light,
    Dark,
};

/// What a color is for. Views that paint themselves ask by role, so that they follow the theme.
enum class ColorRole {
    Window,  ///< behind everything
    Surface, ///< panels, forms, lists
    Raised,  ///< menus, cards, buttons
    Canvas,  ///< around an image
    Border,  ///< hairlines between surfaces
    Control, ///< outlines of fields and buttons
    Text,
    TextMuted, ///< secondary text; still at least 4.5 : 1 on Surface and Window
    TextDisabled,
    Accent,     ///< selection, focus, primary button
    AccentText, ///< on Accent
    AccentSoft, ///< selected row, hovered drop target
    Hover,
    Pressed,
    Positive, ///< done (always with a word or a shape beside the color)
    Warning,
    Danger,
};

/// Installs palette, style and style sheet. May be called again at any time; open windows follow. GUI thread only.
void applyTheme(QApplication &application, Theme theme);
/// What was asked for with applyTheme (System before that).
Theme currentTheme();
/// What is in force.
bool themeIsDark();
QColor themeColor(ColorRole role);
/// The same for a theme that is not in force.
QColor themeColor(ColorRole role, bool dark);

/// The desktop's interface font, or a calm one of the machine's where the desktop names none; sizes step from it.
enum class FontRole { Body, Small, Strong, Title, Heading, Mono };
QFont themeFont(FontRole role);

/// The style sheet knows these dynamic properties: QPushButton "primary", "quiet", "danger"; QLabel "muted", "problem",
/// "good"; QFrame "card", "panel", "line"; all take true. Sets one and restyles the widget.
void setStyleFlag(QWidget *widget, const char *flag, bool on = true);

/// One of resources/icons ("plus", "play", "folder", …) drawn in the theme's text color at every size and pixel ratio,
/// grayed where disabled. It follows a change of theme by itself.
QIcon themeIcon(const QString &name);
QIcon themeIcon(const QString &name, ColorRole role);

/// WCAG 2.1 contrast ratio, 1..21.
double contrastRatio(const QColor &a, const QColor &b);

/// Announces a change of theme to views that keep painted things.
class ThemeNotifier : public QObject
{
    Q_OBJECT
public:
    static ThemeNotifier &instance();
Q_SIGNALS:
    void changed();
};

} // namespace reticle
