// SPDX-License-Identifier: GPL-3.0-only
// Tells of what is wrong in front of the limits: a proxy that is not believed, connections that find no descriptor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/episode.h"
#include "core/config/limit_set.h"
#include "core/http/front_notes.h"

namespace weir::app {

/// Pure.
class FrontWatch {
public:
    using Instant = Episode::Instant;

    /// Once a second, of all workers; `limits` are in force. The lines for the log, mostly none.
    [[nodiscard]] std::vector<std::string> look(const http::FrontNotes &notes, const config::LimitSet &limits,
                                                Instant now);

    /// What a person who looks should know as long as it is so: one sentence; empty: nothing. Of a neighbour only, for a
    /// stranger may write what it likes.
    [[nodiscard]] const std::string &proxyWarning() const { return m_proxyWarning; }

private:
    [[nodiscard]] std::string starvedLine(std::int64_t starved, Instant now);

    static constexpr std::chrono::seconds kStarvedQuiet{5};
    Episode m_starved{kStarvedQuiet};
    std::int64_t m_starvedBefore{0};
    std::optional<http::FrontNotes::Forwarder> m_told;
    std::string m_proxyWarning;
};

} // namespace weir::app
