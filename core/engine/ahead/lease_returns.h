// SPDX-License-Identifier: GPL-3.0-only
// When what is held ahead goes back to the store: in time, or all of it at a stop.
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
    /// What is to be called when the store was told; `isToBeSentAgain`: it surely does not know.
    using Told = std::function<void(bool isToBeSentAgain)>;

    LeaseReturns(Lease &lease, telemetry::Count &gauge, Owner owner);

    /// There may be something to give back some time.
    void later();
    /// All of it, now.
    void all();
    /// None of it.
    void drop();
    /// The gauge follows what is held.
    void show();
    /// For a call of `send` that carries `unused`.
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
