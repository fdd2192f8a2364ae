// SPDX-License-Identifier: GPL-3.0-only
#include "app/undecided_watch.h"

#include <algorithm>
#include <utility>

#include "core/base/duration.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr int kForgetAfter = 5; // looks

std::string requestsText(std::int64_t requests)
{
    return std::to_string(requests) + (requests == 1 ? " request was " : " requests were ");
}

} // namespace

std::string UndecidedWatch::look(const telemetry::Totals &totals, const std::string &why, Instant now)
{
    const std::int64_t before = std::exchange(m_undecided, totals.decided(m_by));
    const std::int64_t undecided = m_undecided - before;
    const std::int64_t requests = totals.requests() - std::exchange(m_requests, totals.requests());
    if (requests == 0) { // nobody asks, so nothing is known
        if (++m_quiet < kForgetAfter || !m_episode.isOn())
            return {};
        m_episode.end();
        return requestsText(m_undecided - m_before) + m_fate + ", the last one " + std::to_string(m_quiet)
               + " s ago; nobody has asked since";
    }
    m_quiet = 0;
    m_isAll = undecided == requests;
    const std::string cause = why.empty() ? std::string{"the reason is not known"} : why;
    switch (m_episode.look(undecided > 0, cause, now)) {
    case Episode::Say::Begins:
        m_before = before;
        m_toldUndecided = m_undecided;
        return std::string{m_isAll ? "requests are " : "some requests are "} + m_fate + ": " + cause;
    case Episode::Say::GoesOn:
        return requestsText(m_undecided - std::exchange(m_toldUndecided, m_undecided)) + m_fate + " in the last "
               + printDurationSpaced(m_episode.passed()) + ": " + cause;
    case Episode::Say::IsOver:
        return "requests are decided again; " + requestsText(m_undecided - m_before) + m_fate + " in "
               + printDurationSpaced(std::max<Micros>(m_episode.passed(), 1s));
    case Episode::Say::Nothing:
        break;
    }
    return {};
}

} // namespace weir::app
