#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>
#include <QString>

class QApplication;

namespace reticle {

enum class Theme {
    System, ///< as the desktop says; light where it says nothing
    Light,
    Dark,
};

/// What a colour is for. Views that paint themselves ask by role, so that they follow the theme.
enum class ColourRole {
    Window,       ///< behind everything
    Surface,      ///< panels, forms, lists
    Raised,       ///< menus, cards, buttons
    Canvas,       ///< around an image
    Border,       ///< hairlines between surfaces
    Control,      ///< outlines of fields and buttons
    Text,
    TextMuted,    ///< secondary text; still at least 4.5 : 1 on Surface and Window
    TextDisabled,
    Accent,       ///< selection, focus, primary button
    AccentText,   ///< on Accent
    AccentSoft,   ///< selected row, hovered drop target
    Hover,
    Pressed,
    Positive,     ///< done (always with a word or a shape beside the colour)
    Warning,
    Danger,
};

/// Installs palette, style and style sheet. May be called again at any time; open windows follow. GUI thread only.
void applyTheme(QApplication &application, Theme theme);
/// What was asked for with applyTheme (System before that).
Theme currentTheme();
/// What is in force.
bool themeIsDark();
QColor themeColour(ColourRole role);
/// The same for a theme that is not in force.
QColor themeColour(ColourRole role, bool dark);

/// One of resources/icons ("plus", "play", "folder", …) drawn in the theme's text colour at every size and pixel ratio,
/// greyed where disabled. It follows a change of theme by itself.
QIcon themeIcon(const QString &name);
QIcon themeIcon(const QString &name, ColourRole role);

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
