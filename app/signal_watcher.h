// SPDX-License-Identifier: GPL-3.0-only
// SIGTERM, SIGINT and SIGHUP as Qt signals.
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace weir::app {

/// One per process. Also ignores SIGPIPE: a peer that leaves is an error code, not the end.
class SignalWatcher : public QObject {
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);
    ~SignalWatcher() override;

Q_SIGNALS:
    void stopAsked(); ///< SIGTERM or SIGINT
    void hungUp();    ///< SIGHUP

private:
    QSocketNotifier *m_notifier{nullptr};
};

} // namespace weir::app
