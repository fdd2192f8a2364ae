// SPDX-License-Identifier: GPL-3.0-only
// Signals of the process as Qt signals.
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace weir::app {

/// From here on SIGHUP, SIGUSR1 and SIGUSR2 end nothing and wait for a SignalWatcher; SIGPIPE is ignored: a peer that
/// leaves is an error code, not the end. Once, first of all in main(), and for as long as the process lives.
void catchSignals();

/// One per process, after catchSignals(). SIGTERM and SIGINT are its own from its construction on: before, there is
/// nothing to end in order. A second one changes nothing, as the end in order has its deadlines.
class SignalWatcher : public QObject {
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);

Q_SIGNALS:
    /// SIGTERM, SIGINT, or the terminal in which Weir was started was closed.
    void stopAsked();
    /// SIGHUP of somebody else, or under nohup.
    void hungUp();

private:
    void read();
};

} // namespace weir::app
