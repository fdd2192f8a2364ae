// SPDX-License-Identifier: GPL-3.0-only
// Why the store did not decide, the last time.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/base/clock.h"

namespace weir::telemetry {

/// Any thread. Written once for each batch of requests that the store did not decide, so never while all is well.
class LastFailure {
public:
    struct Note {
        std::string why;      ///< one sentence without its stop; empty: it has always decided
        std::int64_t atNs{0}; ///< of the steady clock
    };

    /// Keep `why` and the time. Do nothing when it is empty: another worker knows the reason.
    void note(const std::string &why)
    {
        if (why.empty())
            return;
        const std::int64_t now = steadyNow().time_since_epoch() / std::chrono::nanoseconds{1};
        const std::lock_guard lock{m_mutex};
        if (m_note.why != why)
            m_note.why = why;
        m_note.atNs = now;
    }
    [[nodiscard]] Note read() const
    {
        const std::lock_guard lock{m_mutex};
        return m_note;
    }

private:
    mutable std::mutex m_mutex;
    Note m_note;
};

} // namespace weir::telemetry
