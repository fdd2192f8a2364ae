// SPDX-License-Identifier: GPL-3.0-only
// The private redis-server, a child process: no port, a Unix socket that only this user can open, data in a file;
// restarted when it ends or hangs.
#pragma once

#include <functional>
#include <optional>

#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include "core/base/result.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/server/restart_plan.h"
#include "core/redis/server/server_pulse.h"

namespace weir::redis {

/// Deadlines for the child; tests use shorter ones.
struct PrivateServerOptions {
    RestartRule restarts;
    std::chrono::milliseconds startDeadline{5000}; ///< without any answer; "loading" counts as one
    std::chrono::milliseconds hangDeadline{3000};  ///< the same once it runs
};

/// After start() the child runs or is being restarted: when it ends, or gives no answer for the deadline (it is killed
/// then), it is started again, at the same socket and with the same files. After five ends within a minute it stays
/// down for a minute, or until restart(). Append-only files that cannot be read are moved aside, never deleted, and it
/// begins with new ones. A redis-server that is left from an earlier run is waited for, as long as for one that hangs:
/// two would write into one file. Thread: lives in one thread, which must outlive the child: the kernel kills the child
/// when the thread that started it ends (PR_SET_PDEATHSIG), and so also when Weir is killed.
class PrivateServer : public QObject {
    Q_OBJECT
public:
    /// `dataDir` must exist; the append-only files go to `dataDir`/redis.
    explicit PrivateServer(QString dataDir, PrivateServerOptions options = {}, QObject *parent = nullptr);
    ~PrivateServer() override;

    /// Start the child. `done` once, when it has read its data: its address, or why it does not run. The address is
    /// valid until the end of this object. After an Error nothing is tried again.
    void start(std::function<void(Result<RedisUrl>)> done);

    /// Let it write what is left and end, also when it hangs; blocks for at most four seconds.
    void stop();

    /// Start it again at once if it is down, and count its ends anew. No effect while it runs.
    void restart();

    [[nodiscard]] qint64 processId() const { return m_process.processId(); }
    /// Return how often it was restarted since start().
    [[nodiscard]] int restarts() const { return m_restarts; }

    // Harm on purpose, to this child and to no other Redis.
    /// Stop it (SIGSTOP) until resume(); it is not killed for that silence. False: it does not run.
    bool suspend();
    /// Let it go on (SIGCONT). False: it was not suspended.
    bool resume();
    [[nodiscard]] bool isSuspended() const { return m_isSuspended; }
    /// Kill it (SIGKILL); counted and restarted as after any other end. False: it does not run.
    bool crash();
    /// Make it lose all buckets and limits (FLUSHALL, one round trip on a connection of its own). `done` later, once:
    /// an Error when it does not answer within the hang deadline, or may not write.
    void forget(std::function<void(Result<Done>)> done);

    /// Turn words of redis-server about a failure into a sentence that names the folder and what to do.
    [[nodiscard]] QString explain(const QString &words) const;

Q_SIGNALS:
    /// It still reads its data; again and again while start() waits for that.
    void loading();
    /// It ended without stop(); restarted() or gaveUp() follows.
    void died(const QString &why);
    void restarted();
    /// It ended too often: down until restart(), or until it is tried again after a minute.
    void gaveUp(const QString &why);
    /// Something happened to its data that a person must know; one sentence, with the path.
    void noticed(const QString &sentence);
    /// It answers but cannot write, and so refuses to take tokens; until writesAgain() or died().
    void writesFailed(const QString &why);
    void writesAgain();

private:
    enum class State { Stopped, Starting, Running, Waiting };

    [[nodiscard]] QString folder() const;
    Result<QString> chooseSocketPath();
    Result<QString> prepare();
    void launch();
    void run();
    bool awaitFormer();
    bool removeLeftovers();
    bool putDataAside(const QString &why);
    void onAnswered(ServerPulse::Answer answer, const QString &line);
    void onStarted();
    void noteWrites(bool isWriting, const QString &line);
    void onSilent();
    bool signalChild(int number) const;
    void kill();
    void onFinished(QProcess::ExitStatus status);
    [[nodiscard]] QString causeOfEnd(QProcess::ExitStatus status) const;
    void noteEnd(const QString &cause);
    void readLog();
    void finishStart(Result<RedisUrl> result);
    [[nodiscard]] RedisUrl url() const;

    QString m_dataDir;
    PrivateServerOptions m_options;
    QString m_socketPath; ///< the same for every start
    QTemporaryDir m_socketDir;
    QProcess m_process;
    ServerPulse m_pulse;
    RestartPlan m_plan;
    QTimer m_restartTimer;
    std::optional<RestartPlan::Instant> m_formerSeen; ///< since when a redis-server of an earlier run is waited for
    State m_state{State::Stopped};
    QByteArray m_log;          ///< of this run of the child, bounded
    QString m_killedFor;       ///< why we killed it
    bool m_isDataAside{false}; ///< in this attempt to start: once is enough
    bool m_isSuspended{false};
    bool m_isWriting{true};
    int m_restarts{0};
    std::function<void(Result<RedisUrl>)> m_done;
};

} // namespace weir::redis
