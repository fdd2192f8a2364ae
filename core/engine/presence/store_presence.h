// SPDX-License-Identifier: GPL-3.0-only
// Whether the store is there: a breaker, why it is open, and when to probe.
#pragma once

#include <atomic>
#include <functional>

#include <QObject>
#include <QTimer>

#include "core/base/result.h"
#include "core/engine/presence/circuit_breaker.h"

namespace weir::engine {

/// Thread: lives in one thread, with its limiter.
class StorePresence : public QObject {
    Q_OBJECT
public:
    /// `shown` is written here and read by others. `probe` is called while the breaker is open, at most once every
    /// CircuitBreaker::kProbeEvery: it sends one call that no client waits for, and notes its outcome here.
    StorePresence(std::atomic<CircuitBreaker::State> &shown, std::function<void()> probe, QObject *parent = nullptr);

    [[nodiscard]] bool isThere() const { return m_breaker.isClosed(); }
    [[nodiscard]] const CircuitBreaker &breaker() const { return m_breaker; }
    /// Return the error of the last failure.
    [[nodiscard]] const Error &lastError() const { return m_lastError; }

    void noteFailure(const Error &error);
    void noteSuccess();
    /// Open the breaker because this process decides without the store now. Every worker must probe before the store
    /// decides again.
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
