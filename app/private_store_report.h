// SPDX-License-Identifier: GPL-3.0-only
// Reports the events of the private redis-server: each once in the log, the last ones in the status.
#pragma once

#include <QObject>

#include "core/engine/port/service_port.h"
#include "core/redis/server/private_server.h"

namespace weir::app {

/// Thread: that of the server, which must outlive it.
class PrivateStoreReport : public QObject {
    Q_OBJECT
public:
    explicit PrivateStoreReport(redis::PrivateServer &server, QObject *parent = nullptr);

    /// Add restarts, notice and, while the server itself is the cause, its problem, which says more than that of the
    /// link.
    void addTo(engine::StoreStatus &status) const;
    /// Forget the problem, because the link is there again.
    void noteStoreReady() { m_downProblem.clear(); }
    /// Tell whether a problem of the server explains why the store is away.
    [[nodiscard]] bool hasSpoken() const { return !m_downProblem.empty() || !m_writeProblem.empty(); }

Q_SIGNALS:
    void changed(); ///< addTo() adds something else

private:
    void onDown(const QString &why);
    void onRestarted();
    void onNoticed(const QString &sentence);
    void onWritesFailed(const QString &why);
    void onWritesAgain();

    redis::PrivateServer &m_server;
    std::string m_downProblem;  ///< why it ended, until the link is there again
    std::string m_writeProblem; ///< why it cannot write
    std::string m_notice;
    std::int64_t m_noticeAtMs{0};
};

} // namespace weir::app
