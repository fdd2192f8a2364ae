// SPDX-License-Identifier: GPL-3.0-only
#include "app/stall_probe.h"

#include <algorithm>

namespace weir::app {
namespace {

constexpr std::chrono::milliseconds kEvery{5};

} // namespace

StallProbe::StallProbe(QObject *parent) : QObject{parent}, m_timer{this}
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &StallProbe::note);
}

void StallProbe::start()
{
    m_last = std::chrono::steady_clock::now();
    m_longest = {};
    m_timer.start(kEvery);
}

void StallProbe::note()
{
    const auto now = std::chrono::steady_clock::now();
    m_longest = std::max(m_longest, std::chrono::duration_cast<std::chrono::microseconds>(now - m_last - kEvery));
    m_last = now;
}

} // namespace weir::app
