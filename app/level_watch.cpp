// SPDX-License-Identifier: GPL-3.0-only
#include "app/level_watch.h"

#include <utility>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kMoving{250};
constexpr std::chrono::milliseconds kStill{1000};
constexpr auto kStillAfter = 3s;

} // namespace

LevelWatch::LevelWatch(std::function<void()> look, std::function<limit::Tokens()> level, QObject *parent)
    : QObject{parent}, m_look{std::move(look)}, m_read{std::move(level)}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &LevelWatch::beat);
}

void LevelWatch::start()
{
    if (m_timer.isActive())
        return;
    m_movedAt = std::chrono::steady_clock::now();
    m_timer.start(kMoving);
}

void LevelWatch::beat()
{
    const auto now = std::chrono::steady_clock::now();
    const limit::Tokens level = m_read();
    if (std::exchange(m_level, level) != level)
        m_movedAt = now;
    const auto period = now - m_movedAt < kStillAfter ? kMoving : kStill;
    if (m_timer.intervalAsDuration() != period)
        m_timer.start(period);
    m_look();
}

} // namespace weir::app
