// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/scale.h"

#include <QAbstractButton>
#include <QBoxLayout>
#include <QFontInfo>
#include <QGridLayout>
#include <QGuiApplication>
#include <QPointer>
#include <QVariant>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace weir::ui {
namespace {

constexpr std::array kSteps{70, 80, 90, 100, 110, 125, 150, 175, 200};
constexpr int kSmallestBase = 9;
constexpr int kLargestBase = 32;

// Properties of a widget: sizes of the design, in which a part that is not set is 0.
constexpr char kFixed[] = "designSize";
constexpr char kLeast[] = "designMinimum";
constexpr char kIcon[] = "designIcon";
// And of a layout.
constexpr char kGaps[] = "designGaps";

struct Gaps {
    QMargins around;
    int between;
};

struct Follower {
    QPointer<QObject> context;
    std::function<void()> apply;
};

// Of the font that the desktop gave; the first to ask for the scale does so before the panel sets a font of its own.
int desktopPixels()
{
    const QString platform = QGuiApplication::platformName();
    const bool hasDesktop = platform != QLatin1String("offscreen") && platform != QLatin1String("minimal");
    return hasDesktop ? std::clamp(QFontInfo(QGuiApplication::font()).pixelSize(), kSmallestBase, kLargestBase)
                      : kDesignPixels;
}

struct Scale {
    int base{desktopPixels()};
    int zoom{100};
    std::vector<Follower> followers;
};

Scale &scale()
{
    static Scale scale;
    return scale;
}

void scaleLayout(QLayout *layout)
{
    if (!qobject_cast<QBoxLayout *>(layout) && !qobject_cast<QGridLayout *>(layout))
        return;
    if (!layout->property(kGaps).isValid())
        layout->setProperty(kGaps, QVariant::fromValue(Gaps{layout->contentsMargins(), layout->spacing()}));
    const auto gaps = layout->property(kGaps).value<Gaps>();
    layout->setContentsMargins(px(gaps.around.left()), px(gaps.around.top()), px(gaps.around.right()),
                               px(gaps.around.bottom()));
    if (gaps.between >= 0)
        layout->setSpacing(px(gaps.between));
    for (int i = 0; i < layout->count(); ++i)
        scaleLayout(layout->itemAt(i)->layout());
}

void scaleSizes(QWidget *widget)
{
    const QSize fixed = px(widget->property(kFixed).toSize()), least = px(widget->property(kLeast).toSize());
    if (fixed.width() > 0)
        widget->setFixedWidth(fixed.width());
    if (fixed.height() > 0)
        widget->setFixedHeight(fixed.height());
    if (least.width() > 0)
        widget->setMinimumWidth(least.width());
    if (least.height() > 0)
        widget->setMinimumHeight(least.height());
    if (const QVariant icon = widget->property(kIcon); icon.isValid()) {
        auto *button = static_cast<QAbstractButton *>(widget);
        // The 4 pixels that Qt leaves before the text never grow: the icon does, which is painted at its left.
        const int gap = button->text().isEmpty() ? 0 : px(4) - 4;
        button->setIconSize(px(icon.toSize()) + QSize(gap, 0));
    }
}

void setDesign(QWidget *widget, const char *which, const QSize &size)
{
    widget->setProperty(which, size.expandedTo(widget->property(which).toSize()));
    scaleSizes(widget);
}

} // namespace

void setBasePixels(int pixels)
{
    scale().base = std::clamp(pixels, kSmallestBase, kLargestBase);
}

void setZoom(int percent)
{
    scale().zoom = std::clamp(percent, kLeastZoom, kMostZoom);
}

int zoom()
{
    return scale().zoom;
}

int nextZoom(bool isLarger)
{
    const int now = zoom();
    if (isLarger) {
        const auto *step = std::upper_bound(kSteps.begin(), kSteps.end(), now);
        return step == kSteps.end() ? kMostZoom : *step;
    }
    const auto *step = std::lower_bound(kSteps.begin(), kSteps.end(), now);
    return step == kSteps.begin() ? kLeastZoom : *std::prev(step);
}

double px(double length)
{
    return length * scale().base * scale().zoom / (100.0 * kDesignPixels);
}

int px(int length)
{
    return static_cast<int>(std::lround(px(static_cast<double>(length))));
}

QSize px(const QSize &size)
{
    return {px(size.width()), px(size.height())};
}

void scaleWidget(QWidget *widget)
{
    scaleSizes(widget);
    scaleLayout(widget->layout());
}

void onScale(QObject *context, const std::function<void()> &apply)
{
    apply();
    std::vector<Follower> &followers = scale().followers;
    std::erase_if(followers, [](const Follower &each) { return each.context.isNull(); });
    followers.push_back({context, apply});
}

void applyScale()
{
    const std::vector<Follower> followers = scale().followers; // one may make another
    for (const Follower &each : followers) {
        if (each.context)
            each.apply();
    }
}

void setScaledHeight(QWidget *widget, int height)
{
    setDesign(widget, kFixed, {0, height});
}

void setScaledWidth(QWidget *widget, int width)
{
    setDesign(widget, kFixed, {width, 0});
}

void setScaledSize(QWidget *widget, int width, int height)
{
    setDesign(widget, kFixed, {width, height});
}

void setScaledMinimum(QWidget *widget, int width, int height)
{
    setDesign(widget, kLeast, {width, height});
}

void setScaledIcon(QAbstractButton *button, const QSize &size)
{
    button->setProperty(kIcon, size);
    scaleSizes(button);
}

} // namespace weir::ui
