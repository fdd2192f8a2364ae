// SPDX-License-Identifier: GPL-3.0-only
// Measures the longest stall of the event loop of a thread.
#pragma once

#include <chrono>

#include <QObject>
#include <QTimer>

namespace weir::app {

/// Thread: measures the one it lives in. Costs a timer of 200 Hz, so it runs only when asked for.
class StallProbe : public QObject {
    Q_OBJECT
public:
    explicit StallProbe(QObject *parent = nullptr);

    /// Measure from now on; what was before is forgotten (the start-up is no stall).
    void start();
    /// Return the longest stall beyond the interval of the timer.
    [[nodiscard]] std::chrono::microseconds longest() const { return m_longest; }

private:
    void note();

    QTimer m_timer;
    std::chrono::steady_clock::time_point m_last{};
    std::chrono::microseconds m_longest{0};
};

} // namespace weir::app
