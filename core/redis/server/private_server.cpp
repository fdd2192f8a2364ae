// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/server/private_server.h"

#include <csignal>
#include <cstring>
#include <utility>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/duration.h"
#include "core/redis/server/append_only_files.h"
#include "core/redis/link/redis_link.h"
#include "core/redis/link/server_words.h"
#include "core/redis/server/socket_owner.h"

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto kStartBeat = 4ms; // how much later than possible a start is noticed
constexpr auto kBeat = 1s;
constexpr auto kFormerBeat = 20ms;
constexpr int kStopDeadlineMs = 2000;
constexpr qsizetype kLogBytes = 65'536; // the report of a crash is 20 KB long, and the cause stands before it

Error ioError(const QString &sentence)
{
    return {Error::Code::Io, sentence.toStdString(), false};
}

// Valkey is a Redis by another name.
QString serverProgram()
{
    const QString redis = QStandardPaths::findExecutable(u"redis-server"_s);
    return redis.isEmpty() ? QStandardPaths::findExecutable(u"valkey-server"_s) : redis;
}

QString ended(const QString &cause)
{
    return u"the private redis-server ended: %1"_s.arg(cause);
}

QString lasting(std::chrono::milliseconds time)
{
    return QString::fromStdString(printDurationSpaced(time));
}

QStringList serverArguments(const QString &socketPath, const QString &folder)
{
    return {u"--port"_s,
            u"0"_s,
            u"--unixsocket"_s,
            socketPath,
            u"--unixsocketperm"_s,
            u"700"_s,
            u"--dir"_s,
            folder,
            u"--daemonize"_s,
            u"no"_s,
            u"--databases"_s,
            u"1"_s,
            u"--save"_s,
            u""_s, // the append-only file is the only one
            u"--appendonly"_s,
            u"yes"_s,
            u"--appendfsync"_s,
            u"everysec"_s,
            u"--lua-time-limit"_s, // from then on a script that runs is no silence but BUSY
            u"1000"_s,
            u"--maxmemory"_s,
            u"256mb"_s,
            u"--maxmemory-policy"_s,
            u"noeviction"_s}; // an evicted bucket would be a full one
}

} // namespace

PrivateServer::PrivateServer(QString dataDir, PrivateServerOptions options, QObject *parent)
    : QObject{parent},
      m_dataDir{std::move(dataDir)},
      m_options{options},
      m_process{this},
      m_pulse{this},
      m_plan{options.restarts},
      m_restartTimer{this}
{
    m_socketDir.setAutoRemove(true);
    m_restartTimer.setSingleShot(true);
    connect(&m_restartTimer, &QTimer::timeout, this, &PrivateServer::launch);
    connect(&m_pulse, &ServerPulse::answered, this, &PrivateServer::onAnswered);
    connect(&m_pulse, &ServerPulse::fellSilent, this, &PrivateServer::onSilent);
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    connect(&m_process, &QProcess::readyRead, this, &PrivateServer::readLog);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            noteEnd(u"it could not be started: %1"_s.arg(m_process.errorString()));
    });
    connect(&m_process, &QProcess::finished, this, [this](int, QProcess::ExitStatus status) { onFinished(status); });
}

PrivateServer::~PrivateServer()
{
    stop();
}

QString PrivateServer::folder() const
{
    return m_dataDir + u"/redis"_s;
}

RedisUrl PrivateServer::url() const
{
    RedisUrl url;
    url.transport = RedisUrl::Transport::Unix;
    url.path = m_socketPath;
    return url;
}

// In the data folder when the path fits into a socket address, else in a folder of our own for this run.
Result<QString> PrivateServer::chooseSocketPath()
{
    const QString inDataDir = folder() + u"/redis.sock"_s;
    if (QFile::encodeName(inDataDir).size() <= kMaxSocketPath)
        return inDataDir;
    if (!m_socketDir.isValid())
        return ioError(u"no folder for the socket of redis-server: %1"_s.arg(m_socketDir.errorString()));
    return m_socketDir.filePath(u"redis.sock"_s);
}

// Folders and names; the program to start.
Result<QString> PrivateServer::prepare()
{
    QString program = serverProgram();
    if (program.isEmpty())
        return ioError(u"neither redis-server nor valkey-server was found in PATH; install the package redis-server or "
                       "valkey-server, or use another Redis with --redis redis://HOST:PORT"_s);
    if (!QDir{}.mkpath(folder())
        || !QFile::setPermissions(folder(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        return ioError(u"the folder %1 cannot be made"_s.arg(folder()));
    Result<QString> path = chooseSocketPath();
    if (!path)
        return path.error();
    m_socketPath = path.value();
    return program;
}

// Of a run that was killed. redis-server never takes away what it has written halfway. False: the socket stays in the way.
bool PrivateServer::removeLeftovers()
{
    QDir files{folder()};
    for (const QString &name : files.entryList({u"temp-rewriteaof-*.aof"_s}, QDir::Files))
        files.remove(name);
    return QFile::remove(m_socketPath) || !QFileInfo{m_socketPath}.exists();
}

// True: there is one, so that ours is started later or not at all. The kernel kills a child with its Weir, but not before
// the disk has taken what it was just writing; and the lock of the folder is no obstacle to one that somebody else started.
bool PrivateServer::awaitFormer()
{
    const std::optional<int> owner = socketOwner(m_socketPath);
    if (!owner) {
        m_formerSeen.reset();
        return false;
    }
    const auto now = RestartPlan::Instant::clock::now();
    m_formerSeen = m_formerSeen.value_or(now);
    if (now - *m_formerSeen < m_options.hangDeadline) {
        m_restartTimer.start(kFormerBeat);
        return true;
    }
    m_formerSeen.reset();
    noteEnd(u"it was not started: another redis-server%1 still uses the folder %2; end that one"_s.arg(
        *owner > 0 ? u" (process %1)"_s.arg(*owner) : QString{}, folder()));
    return true;
}

void PrivateServer::start(std::function<void(Result<RedisUrl>)> done)
{
    m_done = std::move(done);
    m_plan.clear();
    m_formerSeen.reset();
    m_restarts = 0;
    launch();
}

void PrivateServer::restart()
{
    if (m_state != State::Waiting)
        return;
    m_restartTimer.stop();
    m_plan.clear();
    launch();
}

void PrivateServer::launch()
{
    m_state = State::Starting;
    m_isDataAside = false;
    run();
}

void PrivateServer::run()
{
    m_log.clear();
    m_killedFor.clear();
    const Result<QString> program = prepare();
    if (!program)
        return m_done ? finishStart(program.error()) : noteEnd(QString::fromStdString(program.error().detail));
    if (awaitFormer())
        return;
    if (!removeLeftovers())
        return noteEnd(u"it was not started: %1 cannot be removed"_s.arg(m_socketPath));
    if (lacksManifest(folder()) && !putDataAside(u"their manifest is missing"_s))
        return;

    const pid_t parent = getpid();
    m_process.setChildProcessModifier([parent] {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1); // Weir was gone before the line above
        // Ctrl-C in the terminal is for Weir, which then stops its server in order.
        setpgid(0, 0);
    });
    m_process.start(program.value(), serverArguments(m_socketPath, folder()), QIODevice::ReadOnly);
    if (m_process.state() != QProcess::NotRunning)
        m_pulse.start(m_socketPath, {kStartBeat, m_options.startDeadline});
}

// False: it cannot be done, which has been told.
bool PrivateServer::putDataAside(const QString &why)
{
    const Result<QString> aside = moveAside(folder(), QDateTime::currentDateTime());
    if (!aside) {
        noteEnd(u"its append-only files cannot be read (%1), and %2"_s.arg(
            why, QString::fromStdString(aside.error().detail)));
        return false;
    }
    m_isDataAside = true;
    Q_EMIT noticed(u"the files of the private redis-server were moved to %1, as they cannot be read (%2); all buckets "
                   "begin anew"_s.arg(aside.value(), why));
    return m_state == State::Starting;
}

void PrivateServer::onAnswered(ServerPulse::Answer answer, const QString &line)
{
    if (answer == ServerPulse::Answer::Loading) {
        if (m_done)
            Q_EMIT loading();
        return;
    }
    if (m_state == State::Starting)
        onStarted();
    if (m_state == State::Running && answer != ServerPulse::Answer::Other)
        noteWrites(answer == ServerPulse::Answer::Well, line);
}

void PrivateServer::onStarted()
{
    m_state = State::Running;
    m_isWriting = true;
    m_pulse.start(m_socketPath, {kBeat, m_options.hangDeadline});
    readLog();
    if (isTailCut(m_log))
        Q_EMIT noticed(u"the end of the append-only file in %1 was half written and has been cut off; the private "
                       "redis-server goes on from the last whole command"_s.arg(folder()));
    if (m_done)
        return finishStart(url());
    ++m_restarts;
    Q_EMIT restarted();
}

void PrivateServer::noteWrites(bool isWriting, const QString &line)
{
    if (std::exchange(m_isWriting, isWriting) == isWriting)
        return;
    if (isWriting)
        Q_EMIT writesAgain();
    else
        Q_EMIT writesFailed(u"the private redis-server refuses to write: %1"_s.arg(explain(line)));
}

void PrivateServer::onSilent()
{
    const bool isStarting = m_state == State::Starting;
    m_killedFor = u"it did not answer for %1 and was killed"_s.arg(
        lasting(isStarting ? m_options.startDeadline : m_options.hangDeadline));
    kill();
}

// Never to process 0, which would be our own group.
bool PrivateServer::signalChild(int number) const
{
    const auto pid = static_cast<pid_t>(m_process.processId());
    return pid > 0 && ::kill(pid, number) == 0;
}

// The group, too: redis-server may be writing its file anew in a child of its own.
void PrivateServer::kill()
{
    m_pulse.stop();
    if (const auto pid = static_cast<pid_t>(m_process.processId()); pid > 0)
        ::kill(-pid, SIGKILL);
    signalChild(SIGKILL); // before it has made its group
}

void PrivateServer::onFinished(QProcess::ExitStatus status)
{
    m_pulse.stop();
    m_isSuspended = false;
    if (m_state == State::Stopped)
        return;
    readLog();
    const QString broken = m_state == State::Starting ? brokenDataWords(m_log) : QString{};
    if (broken.isEmpty() || m_isDataAside)
        return noteEnd(causeOfEnd(status));
    // Queued: QProcess is still at its last run.
    if (putDataAside(broken))
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_state == State::Starting)
                    run();
            },
            Qt::QueuedConnection);
}

QString PrivateServer::causeOfEnd(QProcess::ExitStatus status) const
{
    if (!m_killedFor.isEmpty())
        return m_killedFor;
    if (status == QProcess::CrashExit) {
        const int number = m_process.exitCode(); // QProcess has the signal there
        return u"killed by signal %1 (%2)"_s.arg(number).arg(QLatin1String{sigdescr_np(number)});
    }
    if (const QString version = newerFormat(m_log); !version.isEmpty())
        return u"its files in %1 are of a newer redis-server (RDB format %2); use that one, or choose another folder "
               u"with "
               "--data-dir DIR"_s.arg(folder(), version);
    return explain(lastWords(m_log));
}

QString PrivateServer::explain(const QString &words) const
{
    const QString obstacle = fileObstacle(words);
    if (obstacle.isEmpty())
        return words;
    return u"it cannot use its folder %1 (%2); %3, or choose another folder with --data-dir DIR"_s.arg(
        folder(), obstacle, hintAgainst(obstacle));
}

// It never ran, or it is down: for a moment, or for the rest of the window.
void PrivateServer::noteEnd(const QString &cause)
{
    m_pulse.stop();
    if (m_done)
        return finishStart(ioError(ended(cause)));
    m_state = State::Waiting;
    const auto delay = m_plan.noteEnd(RestartPlan::Instant::clock::now());
    if (!delay)
        m_plan.clear(); // after the rest it has a new chance
    m_restartTimer.start(delay.value_or(m_options.restarts.window));
    Q_EMIT died(ended(cause));
    if (!delay)
        Q_EMIT gaveUp(u"the private redis-server ended %1 times within a minute: %2"_s.arg(m_options.restarts.maxEnds)
                          .arg(cause));
}

void PrivateServer::finishStart(Result<RedisUrl> result)
{
    if (!result)
        m_state = State::Stopped;
    if (const auto done = std::exchange(m_done, nullptr))
        done(std::move(result));
}

void PrivateServer::stop()
{
    m_state = State::Stopped;
    m_done = nullptr;
    m_pulse.stop();
    m_restartTimer.stop();
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.terminate();
    signalChild(SIGCONT); // a stopped one would not hear it
    if (!m_process.waitForFinished(kStopDeadlineMs)) {
        kill();
        m_process.waitForFinished(kStopDeadlineMs);
    }
}

bool PrivateServer::suspend()
{
    if (m_state != State::Running)
        return false;
    m_pulse.stop();
    m_isSuspended = signalChild(SIGSTOP);
    return m_isSuspended;
}

bool PrivateServer::resume()
{
    if (!std::exchange(m_isSuspended, false))
        return false;
    signalChild(SIGCONT);
    m_pulse.start(m_socketPath, {kBeat, m_options.hangDeadline});
    return true;
}

bool PrivateServer::crash()
{
    if (m_state != State::Running)
        return false;
    kill();
    return true;
}

void PrivateServer::forget(std::function<void(Result<Done>)> done)
{
    auto *link = new RedisLink{url(), {.callDeadline = m_options.hangDeadline}, this};
    link->start();
    link->call(formatCommand({"FLUSHALL"}), [this, link, done = std::move(done)](const Result<Reply> &reply) {
        link->deleteLater();
        if (!reply)
            return done(reply.error());
        if (!reply.value().isError())
            return done(Done{});
        Error error = errorOf(reply.value());
        error.detail = explain(QString::fromStdString(error.detail)).toStdString();
        done(std::move(error));
    });
}

void PrivateServer::readLog()
{
    m_log = (m_log + m_process.readAll()).right(kLogBytes);
}

} // namespace weir::redis
