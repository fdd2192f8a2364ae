// SPDX-License-Identifier: GPL-3.0-only
#include "app/undecided_watch.h"

#include <algorithm>
#include <utility>

#include "core/base/duration.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kTellEvery = 1min;
constexpr auto kTellAnotherReason = 10s; // reasons may take turns
constexpr int kForgetAfter = 5;          // looks

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
        if (++m_quiet < kForgetAfter || !std::exchange(m_isOn, false))
            return {};
        return requestsText(m_undecided - m_before) + m_fate + ", the last one " + std::to_string(m_quiet)
               + " s ago; nobody has asked since";
    }
    m_quiet = 0;
    m_isAll = undecided == requests;
    if (undecided == 0) {
        if (!std::exchange(m_isOn, false))
            return {};
        const auto lasted = std::chrono::floor<std::chrono::seconds>(now - m_since);
        return "requests are decided again; " + requestsText(m_undecided - m_before) + m_fate + " in "
               + printDurationSpaced(std::max<Micros>(lasted, 1s));
    }
    const std::string cause = why.empty() ? std::string{"the reason is not known"} : why;
    if (!std::exchange(m_isOn, true)) {
        m_since = m_toldAt = now;
        m_before = before;
        m_toldUndecided = m_undecided;
        m_why = cause;
        return std::string{m_isAll ? "requests are " : "some requests are "} + m_fate + ": " + cause;
    }
    const bool isOther = cause != m_why && now - m_toldAt >= kTellAnotherReason;
    if (!isOther && now - m_toldAt < kTellEvery)
        return {};
    m_why = cause;
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - std::exchange(m_toldAt, now));
    return requestsText(m_undecided - std::exchange(m_toldUndecided, m_undecided)) + m_fate + " in the last "
           + printDurationSpaced(passed) + ": " + cause;
}

} // namespace weir::app
