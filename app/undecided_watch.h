// SPDX-License-Identifier: GPL-3.0-only
// Says when requests begin to go undecided, and why; again once a minute, and when it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "app/episode.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::app {

/// Pure. One for each outcome of undecided requests.
class UndecidedWatch {
public:
    using Instant = Episode::Instant;

    /// `fate`: "answered 503", for `by`.
    UndecidedWatch(telemetry::DecidedBy by, std::string fate) : m_by{by}, m_fate{std::move(fate)} {}

    /// Return the line for the log; empty: none. To be called once a second with the `totals` of all workers and `why`
    /// the store did not decide the last time.
    [[nodiscard]] std::string look(const telemetry::Totals &totals, const std::string &why, Instant now);

    [[nodiscard]] bool isOn() const { return m_episode.isOn(); }
    [[nodiscard]] bool isAll() const { return m_isAll; } ///< all requests of the last second with requests
    [[nodiscard]] Instant since() const { return m_episode.since(); }
    [[nodiscard]] const std::string &why() const { return m_episode.why(); }

private:
    telemetry::DecidedBy m_by;
    std::string m_fate;
    Episode m_episode;
    bool m_isAll{false};
    int m_quiet{0};                  ///< looks since the last request
    std::int64_t m_undecided{0};     ///< lifetime, at the last look
    std::int64_t m_requests{0};      ///< likewise
    std::int64_t m_before{0};        ///< m_undecided when it began
    std::int64_t m_toldUndecided{0}; ///< and when it was told last
};

} // namespace weir::app
