// SPDX-License-Identifier: GPL-3.0-only
#include "app/episode.h"

#include <utility>

namespace weir::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::floor;
using std::chrono::seconds;

constexpr auto kTellEvery = 1min;
constexpr auto kTellAnotherReason = 10s; // reasons may take turns

} // namespace

Episode::Say Episode::look(bool isThere, const std::string &why, Instant now)
{
    if (!isThere) {
        if (!m_isOn || now - m_lastThere < m_quiet)
            return Say::Nothing;
        m_isOn = false;
        m_passed = floor<seconds>((m_quiet > 0s ? m_lastThere : now) - m_since);
        return Say::IsOver;
    }
    m_lastThere = now;
    if (!std::exchange(m_isOn, true)) {
        m_since = m_toldAt = now;
        m_why = why;
        return Say::Begins;
    }
    const bool isOther = why != m_why && now - m_toldAt >= kTellAnotherReason;
    if (!isOther && now - m_toldAt < kTellEvery)
        return Say::Nothing;
    m_why = why;
    m_passed = floor<seconds>(now - std::exchange(m_toldAt, now));
    return Say::GoesOn;
}

} // namespace weir::app
