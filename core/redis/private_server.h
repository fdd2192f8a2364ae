// SPDX-License-Identifier: GPL-3.0-only
// Our own redis-server child: no port, a Unix socket that only this user can open, tokens kept in a file.
#pragma once

#include <functional>

#include <QLocalSocket>
#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include "core/base/result.h"
#include "core/redis/redis_url.h"

namespace weir::redis {

/// Thread: lives in one thread, which must outlive the child: the kernel kills the child when the
/// thread that started it ends (PR_SET_PDEATHSIG), and so also when Weir is killed.
class PrivateServer : public QObject {
    Q_OBJECT
public:
    /// `dataDir` must exist; the append-only file goes to `dataDir`/redis.
    explicit PrivateServer(QString dataDir, QObject *parent = nullptr);
    ~PrivateServer() override;

    /// `done` once: where it answers, its data read, or why it does not run.
    void start(std::function<void(Result<RedisUrl>)> done);

    /// Writes what is left and ends; blocks for at most two seconds.
    void stop();

    [[nodiscard]] qint64 processId() const { return m_process.processId(); }

Q_SIGNALS:
    /// It ended although nobody stopped it.
    void died(const QString &why);

private:
    [[nodiscard]] Result<QString> chooseSocketPath();
    void probe();
    void onProbeAnswered();
    void finishStart(Result<RedisUrl> result);
    [[nodiscard]] QString lastWords();

    QString m_dataDir;
    QString m_socketPath;
    QTemporaryDir m_socketDir;
    QProcess m_process;
    QTimer m_probeTimer;
    QLocalSocket m_probe;
    bool m_isProbeAsked{false};
    qint64 m_giveUpAtMs{0};
    QByteArray m_log; ///< the newest output, bounded
    std::function<void(Result<RedisUrl>)> m_done;
    bool m_isStopping{false};
};

} // namespace weir::redis
