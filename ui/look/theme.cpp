// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/theme.h"

#include <QApplication>
#include <QFont>
#include <QPalette>
#include <QStyle>
#include <QToolTip>
#include <optional>

#include "ui/look/panel_style.h"
#include "ui/look/scale.h"
#include "ui/look/style_sheet.h"

namespace weir::ui {
namespace {

QColor hex(uint rgb)
{
    return QColor::fromRgb(rgb);
}

Colors darkColors()
{
    Colors c;
    c.isDark = true;
    c.bg = hex(0x14171c);
    c.panel = hex(0x1b1f26);
    c.raise = hex(0x232831);
    c.line = hex(0x2d333d);
    c.text = hex(0xe7eaf0);
    c.dim = hex(0xa2abb9);
    c.accent = hex(0x4aa8ff);
    c.onAccent = hex(0x07192b); // white on this blue has a contrast of 2.5 only
    c.ok = hex(0x3ecf8e);
    c.bad = hex(0xff7d7d);
    c.warn = hex(0xf5b849);
    c.waterTop = hex(0x2170c8);
    c.waterBottom = hex(0x184f93);
    c.onWater = hex(0xffffff);
    return c;
}

Colors lightColors()
{
    Colors c;
    c.isDark = false;
    c.bg = hex(0xf4f5f7);
    c.panel = hex(0xffffff);
    c.raise = hex(0xf0f2f5);
    c.line = hex(0xd9dde4);
    c.text = hex(0x1b2129);
    c.dim = hex(0x5a6473);
    c.accent = hex(0x1560c0);
    c.onAccent = hex(0xffffff);
    c.ok = hex(0x0a6e43);
    c.bad = hex(0xb92525);
    c.warn = hex(0x855400);
    c.waterTop = hex(0x1f6cc4);
    c.waterBottom = hex(0x1a58a4);
    c.onWater = hex(0xffffff);
    return c;
}

Colors &current()
{
    static Colors colors = darkColors();
    return colors;
}

std::optional<bool> &systemIsDark()
{
    static std::optional<bool> isDark;
    return isDark;
}

/// Before the panel replaces it, the application's palette is the platform theme's.
bool isPlatformPaletteDark()
{
    static const bool isDark = [] {
        const QPalette palette = QApplication::palette();
        return palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
    }();
    return isDark;
}

QPalette paletteOf(const Colors &c)
{
    QPalette p;
    p.setColor(QPalette::Window, c.bg);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.panel);
    p.setColor(QPalette::AlternateBase, c.raise);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::Button, c.raise);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.bad);
    p.setColor(QPalette::PlaceholderText, c.dim);
    p.setColor(QPalette::ToolTipBase, c.raise);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.onAccent);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, c.dim);
    return p;
}

QFont uiFont()
{
    QFont font;
    font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans"),
                      QStringLiteral("sans-serif")});
    font.setPixelSize(px(kDesignPixels));
    return font;
}

} // namespace

void applyTheme(ThemeChoice choice)
{
    const bool isPaletteDark = isPlatformPaletteDark(); // read before anything is replaced
    const bool isDark =
        choice == ThemeChoice::System ? systemIsDark().value_or(isPaletteDark) : choice == ThemeChoice::Dark;
    current() = isDark ? darkColors() : lightColors();

    // Setting a style sheet wraps the style, so its type is not readable later: set it once.
    static const bool isStyleSet = [] {
        QApplication::setStyle(new PanelStyle);
        return true;
    }();
    Q_UNUSED(isStyleSet)
    QApplication::setFont(uiFont());
    QApplication::setPalette(paletteOf(current()));
    QToolTip::setPalette(paletteOf(current()));
    qApp->setStyleSheet(styleSheet(current()));
    applyScale();
}

const Colors &colors()
{
    return current();
}

QString themeName(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeChoice themeFromName(const QString &name)
{
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    return name == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::System;
}

void setSystemIsDark(bool isDark)
{
    systemIsDark() = isDark;
}

} // namespace weir::ui
