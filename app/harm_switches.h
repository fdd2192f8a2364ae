// SPDX-License-Identifier: GPL-3.0-only
// Breaks things on purpose, and repairs them: the links to Redis, and the private server.
#pragma once

#include <functional>

#include "core/base/result.h"
#include "core/engine/port/harm.h"
#include "core/redis/link/link_faults.h"

namespace weir::redis {
class PrivateServer;
}

namespace weir::app {

/// Thread: the service thread; `faults()` may be read by any. Outlives all links and stores that use faults().
class HarmSwitches {
public:
    [[nodiscard]] const redis::LinkFaults &faults() const { return m_faults; }

    /// Set the server that can be hung, emptied and killed; null: none, the Redis is not ours.
    void setServer(redis::PrivateServer *server) { m_server = server; }

    /// Break exactly `harm` from now on; a server that does not run cannot be hung.
    void set(const engine::Harm &harm);
    /// Return what is broken now; a hung server may have ended since.
    [[nodiscard]] engine::Harm harm() const;

    /// Call PrivateServer::forget(); Invalid when the Redis is not ours.
    void forget(std::function<void(Result<Done>)> done);
    /// Call PrivateServer::crash(); Invalid when the Redis is not ours, Unavailable when it does not run.
    [[nodiscard]] Result<Done> kill();

private:
    redis::LinkFaults m_faults;
    redis::PrivateServer *m_server{nullptr};
    engine::Harm m_harm;
};

} // namespace weir::app
