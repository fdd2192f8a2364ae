// SPDX-License-Identifier: GPL-3.0-only
#include "app/harm_switches.h"

#include <algorithm>
#include <chrono>

#include "core/redis/server/private_server.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

// engine::Harm's bounds; a day is more than any clock is off, and the longest delay far beyond every deadline.
constexpr std::chrono::milliseconds kLongestDelay = 10s;
constexpr std::chrono::seconds kLongestStep = 24h;

Error notOurs()
{
    return {Error::Code::Invalid, "only the private redis-server can be harmed, and this Redis is not Weir's own",
            false};
}

} // namespace

void HarmSwitches::set(const engine::Harm &harm)
{
    m_harm = harm;
    m_harm.linkDelay = std::clamp(harm.linkDelay, 0ms, kLongestDelay);
    m_harm.clockStep = std::clamp(harm.clockStep, -kLongestStep, kLongestStep);
    m_faults.isCut = harm.isLinkCut;
    m_faults.delayMs = m_harm.linkDelay.count();
    m_faults.stepUs = std::chrono::microseconds{m_harm.clockStep}.count();
    if (!m_server || harm.isServerHung == m_server->isSuspended())
        return;
    if (harm.isServerHung)
        m_server->suspend();
    else
        m_server->resume();
}

engine::Harm HarmSwitches::harm() const
{
    engine::Harm now = m_harm;
    now.isServerHung = m_server && m_server->isSuspended();
    return now;
}

void HarmSwitches::forget(std::function<void(Result<Done>)> done)
{
    if (!m_server)
        return done(notOurs());
    m_server->forget(std::move(done));
}

Result<Done> HarmSwitches::kill()
{
    if (!m_server)
        return notOurs();
    if (!m_server->crash())
        return Error{Error::Code::Unavailable, "the private redis-server does not run at the moment", true};
    return Done{};
}

} // namespace weir::app
