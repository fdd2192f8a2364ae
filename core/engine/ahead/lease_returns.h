// SPDX-License-Identifier: GPL-3.0-only
// When tokens held ahead are given back to the store: in time, or all of them at a stop.
#pragma once

#include <functional>
#include <vector>

#include <QTimer>

#include "core/engine/ahead/lease.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::engine {

/// Thread: lives in one thread. `lease` and `gauge` outlive it.
class LeaseReturns {
public:
    /// The limiter.
    struct Owner {
        std::function<std::uint64_t()> changes; ///< as Lease wants them
        std::function<bool()> isStoreDeciding;  ///< without the store what is held is lost: the bucket may be another
                                                ///< one when it is back
        std::function<void()> send;             ///< all that Lease::hasUnused() tells of
    };
    /// Called when the store has answered or failed; `isToBeSentAgain`: it has surely not done it.
    using Told = std::function<void(bool isToBeSentAgain)>;

    LeaseReturns(Lease &lease, telemetry::Count &gauge, Owner owner);

    /// Start the timer if something is to be given back later.
    void later();
    /// Give all of it back now.
    void all();
    /// Forget what is held and what is to be given back.
    void drop();
    /// Update the gauge of held tokens.
    void show();
    /// Return the callback for a call that gives back `unused`.
    [[nodiscard]] Told told(std::vector<Lease::Unused> unused);

private:
    void send();

    Lease &m_lease;
    telemetry::Count &m_gauge;
    Owner m_owner;
    limit::Tokens m_shown{0};
    QTimer m_timer;
};

} // namespace weir::engine
