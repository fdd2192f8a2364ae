// SPDX-License-Identifier: GPL-3.0-only
// Is the store there? A breaker, what it was opened for, and when to look again.
#pragma once

#include <atomic>
#include <functional>

#include <QObject>
#include <QTimer>

#include "core/base/result.h"
#include "core/engine/presence/circuit_breaker.h"

namespace weir::engine {

/// Thread: lives in one thread, with what asks the store there.
class StorePresence : public QObject {
    Q_OBJECT
public:
    /// `shown` is written here and read by others. `probe` is called while the breaker is open, at most once every
    /// CircuitBreaker::kProbeEvery: it sends one call that no client waits for, and tells what became of it.
    StorePresence(std::atomic<CircuitBreaker::State> &shown, std::function<void()> probe, QObject *parent = nullptr);

    [[nodiscard]] bool isThere() const { return m_breaker.isClosed(); }
    [[nodiscard]] const CircuitBreaker &breaker() const { return m_breaker; }
    /// Why it is not there; of the last failure.
    [[nodiscard]] const Error &lastError() const { return m_lastError; }

    void noteFailure(const Error &error);
    void noteSuccess();
    /// Somebody in this process goes on without the store. The way back leads over a probe by everybody.
    void trip();

Q_SIGNALS:
    void shownChanged(); ///< what others read has another value

private:
    void watch();
    void look();

    CircuitBreaker m_breaker;
    std::atomic<CircuitBreaker::State> &m_shown;
    std::function<void()> m_probe;
    Error m_lastError{Error::Code::Unavailable, "the store is away", true};
    QTimer m_timer;
};

} // namespace weir::engine
