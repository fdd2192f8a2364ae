// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/limit_switcher.h"

#include <QBoxLayout>
#include <QPushButton>
#include <QScrollBar>
#include <QStyle>
#include <QVariant>
#include <QWheelEvent>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/look/icons.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/words/visible_text.h"

namespace weir::ui {
namespace {

constexpr int kHeight = 30;
constexpr qsizetype kLongestName = 28;
constexpr std::chrono::seconds kSampleEvery{1};

QString shortName(const QString &name)
{
    return name.size() <= kLongestName ? name : name.left(kLongestName - 1) + QChar(0x2026);
}

void setTone(QPushButton *button, bool isWorst)
{
    if (button->property("worst").toBool() == isWorst)
        return;
    button->setProperty("worst", isWorst);
    button->setIcon(isWorst ? icon(Icon::Warning) : QIcon());
    button->style()->unpolish(button);
    button->style()->polish(button);
}

} // namespace

LimitSwitcher::LimitSwitcher(QWidget *parent) : QScrollArea(parent)
{
    setAccessibleName(tr("Limits"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *content = new QWidget;
    setRole(content, "clear");
    m_row = new QHBoxLayout(content);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(6);
    m_row->addStretch(1);
    setWidget(content);
    connect(horizontalScrollBar(), &QScrollBar::rangeChanged, this, &LimitSwitcher::fitHeight);
    onScale(this, [this] { fitHeight(); });
    hide();
}

void LimitSwitcher::fitHeight()
{
    const QScrollBar *bar = horizontalScrollBar();
    setFixedHeight(px(kHeight) + (bar->maximum() > 0 ? bar->sizeHint().height() : 0));
}

void LimitSwitcher::makeButtons(const config::LimitSet &set)
{
    QStringList names;
    for (const config::LimitEntry &limit : set.limits)
        if (limit.isOn)
            names << QString::fromStdString(limit.name);
    if (names == m_names)
        return;
    m_names = names;
    qDeleteAll(m_buttons);
    m_buttons.clear();
    m_shown.clear();
    for (const QString &name : m_names) {
        auto *button = new QPushButton(this);
        button->setObjectName(QStringLiteral("limit-") + name);
        button->setCheckable(true);
        setScaledHeight(button, kHeight);
        setScaledIcon(button, kIconBesideText);
        button->installEventFilter(this);
        setRole(button, "limit");
        connect(button, &QPushButton::clicked, this, [this, name, button] {
            button->setChecked(name == m_shown); // what is shown says the service
            Q_EMIT limitChosen(name);
        });
        m_row->insertWidget(static_cast<int>(m_buttons.size()), button);
        m_buttons << button;
    }
    setVisible(m_names.size() > 1);
}

void LimitSwitcher::note(const std::vector<engine::LimitCounts> &counts, Clock::time_point now)
{
    const auto isSame = [](const engine::LimitCounts &before, const engine::LimitCounts &after) {
        return before.limit == after.limit && before.refused <= after.refused;
    };
    // Other limits, or counted anew: nothing to compare with.
    if (!m_samples.empty()
        && !std::equal(m_samples.back().counts.begin(), m_samples.back().counts.end(), counts.begin(), counts.end(),
                       isSame))
        m_samples.clear();
    if (m_samples.size() < 2 || now - m_samples[m_samples.size() - 2].at >= kSampleEvery)
        m_samples.push_back({now, counts});
    else
        m_samples.back() = {now, counts};
    while (m_samples.size() > 2 && now - m_samples[1].at >= kSpan)
        m_samples.pop_front();
}

std::int64_t LimitSwitcher::refusedLately(std::size_t place) const
{
    return m_samples.empty() ? 0 : m_samples.back().counts[place].refused - m_samples.front().counts[place].refused;
}

void LimitSwitcher::showStatus(const engine::Status &status, const config::LimitSet &set, Clock::time_point now)
{
    makeButtons(set);
    note(status.limits, now);
    const auto placeOf = [&](const QString &name) {
        const auto found = std::find_if(status.limits.begin(), status.limits.end(),
                                        [&](const auto &counts) { return counts.limit == name.toStdString(); });
        return static_cast<std::size_t>(found - status.limits.begin());
    };
    std::int64_t most = 0;
    QString worst;
    for (const config::LimitEntry &limit : set.limits) {
        const QString name = QString::fromStdString(limit.name);
        const std::size_t place = placeOf(name);
        if (!limit.isOn || limit.isShadow || place == status.limits.size() || refusedLately(place) <= most)
            continue;
        most = refusedLately(place);
        worst = name;
    }
    m_worst = worst;
    const QString shown = QString::fromStdString(status.limit.name);
    for (qsizetype i = 0; i < m_buttons.size(); ++i) {
        const QString &name = m_names[i];
        const auto entry = std::find_if(set.limits.begin(), set.limits.end(),
                                        [&](const auto &limit) { return limit.name == name.toStdString(); });
        const std::size_t place = placeOf(name);
        const std::int64_t refused = place < status.limits.size() ? refusedLately(place) : 0;
        const QString readable = visibleText(name.toStdString());
        QString lately = entry->isShadow ? tr("would refuse %1").arg(format::shortCount(refused))
                                         : tr("%1 refused").arg(format::shortCount(refused));
        if (name == worst)
            lately = tr("refuses most: %1").arg(format::shortCount(refused));
        const QString text = shortName(readable) + QStringLiteral(" · ") + lately;
        QPushButton *button = m_buttons[i];
        if (button->text() != text) {
            button->setText(text);
            button->setAccessibleName(readable + QStringLiteral(", ") + lately);
            setPlainToolTip(button, tr("%1: %2. In the last minute: %3. Click for its bucket and its numbers.")
                                        .arg(readable, numberWords(entry->spec), lately));
        }
        setTone(button, name == worst);
        button->setChecked(name == shown);
        if (name == shown && m_shown != shown)
            ensureWidgetVisible(button);
    }
    m_shown = shown;
}

bool LimitSwitcher::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusIn)
        ensureWidgetVisible(qobject_cast<QWidget *>(watched));
    return QScrollArea::eventFilter(watched, event);
}

} // namespace weir::ui
