// SPDX-License-Identifier: GPL-3.0-only
// Signals of the process as Qt signals.
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace weir::app {

/// Keep SIGHUP, SIGUSR1 and SIGUSR2 from ending the process; they wait for a SignalWatcher. Ignore SIGPIPE: a write to
/// a closed connection is an error code. To be called once, first of all in main().
void catchSignals();

/// One per process, after catchSignals(). Handles SIGTERM and SIGINT from its construction on; before, they end the
/// process at once. A second one has no further effect, because the stop has deadlines.
class SignalWatcher : public QObject {
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);

Q_SIGNALS:
    /// SIGTERM, SIGINT, or the terminal in which Weir was started was closed.
    void stopAsked();
    /// SIGHUP from another process, or under nohup.
    void hungUp();

private:
    void read();
};

} // namespace weir::app
