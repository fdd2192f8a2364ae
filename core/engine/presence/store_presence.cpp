// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/presence/store_presence.h"

#include <utility>

#include "core/base/clock.h"
#include "core/engine/presence/failure_policy.h"

namespace weir::engine {
namespace {

// How often to look whether the breaker wants a probe.
constexpr std::chrono::milliseconds kProbeLook{50};

} // namespace

StorePresence::StorePresence(std::atomic<CircuitBreaker::State> &shown, std::function<void()> probe, QObject *parent)
    : QObject{parent}, m_shown{shown}, m_probe{std::move(probe)}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &StorePresence::look);
}

void StorePresence::noteFailure(const Error &error)
{
    if (m_breaker.isClosed() && !isAway(error.code))
        return;                                // it is there; a person has to look, and every request is told so
    if (error.code != Error::Code::Overloaded) // which says nothing about the store
        m_lastError = error;
    m_breaker.noteFailure(error.code == Error::Code::Timeout, steadyNow());
    watch();
}

void StorePresence::noteSuccess()
{
    m_breaker.noteSuccess();
    watch();
}

void StorePresence::trip()
{
    if (m_breaker.isClosed())
        m_lastError = {Error::Code::Unavailable, {}, true}; // whoever went on without the store knows why
    m_breaker.noteFailure(true, steadyNow());
    watch();
}

void StorePresence::watch()
{
    const CircuitBreaker::State state = m_breaker.state();
    if (m_shown.exchange(state) != state)
        Q_EMIT shownChanged();
    if (m_breaker.isClosed())
        m_timer.stop();
    else if (!m_timer.isActive())
        m_timer.start(kProbeLook);
}

void StorePresence::look()
{
    if (m_breaker.takeProbe(steadyNow()))
        m_probe();
}

} // namespace weir::engine
