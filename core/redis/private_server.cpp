// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/private_server.h"

#include <csignal>
#include <utility>

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QStandardPaths>

#include <sys/prctl.h>
#include <unistd.h>

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 kStartDeadlineMs = 5000; // a large append-only file is read first
constexpr int kProbeEveryMs = 4;
constexpr int kStopDeadlineMs = 2000;
constexpr qsizetype kLogBytes = 16'384;

Error ioError(const QString &sentence)
{
    return {Error::Code::Io, sentence.toStdString(), false};
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
            u"--maxmemory"_s,
            u"256mb"_s,
            u"--maxmemory-policy"_s,
            u"noeviction"_s}; // an evicted bucket would be a full one
}

} // namespace

PrivateServer::PrivateServer(QString dataDir, QObject *parent)
    : QObject{parent}, m_dataDir{std::move(dataDir)}, m_process{this}, m_probeTimer{this}, m_probe{this}
{
    m_socketDir.setAutoRemove(true);
    m_probeTimer.setSingleShot(true);
    m_probeTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_probeTimer, &QTimer::timeout, this, &PrivateServer::probe);
    connect(&m_probe, &QLocalSocket::readyRead, this, &PrivateServer::onProbeAnswered);
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    connect(&m_process, &QProcess::readyRead, this, [this] { m_log = (m_log + m_process.readAll()).right(kLogBytes); });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            finishStart(ioError(u"redis-server could not be started: %1"_s.arg(m_process.errorString())));
    });
    connect(&m_process, &QProcess::finished, this, [this] {
        if (m_isStopping)
            return;
        const QString why = u"the private redis-server ended: %1"_s.arg(lastWords());
        if (m_done)
            finishStart(ioError(why));
        else
            Q_EMIT died(why);
    });
}

PrivateServer::~PrivateServer()
{
    stop();
}

// In the data folder when the path fits into a socket address, else in a folder of our own for this run.
Result<QString> PrivateServer::chooseSocketPath()
{
    const QString inDataDir = m_dataDir + u"/redis/redis.sock"_s;
    if (QFile::encodeName(inDataDir).size() <= kMaxSocketPath)
        return inDataDir;
    if (!m_socketDir.isValid())
        return ioError(u"no folder for the socket of redis-server: %1"_s.arg(m_socketDir.errorString()));
    return m_socketDir.filePath(u"redis.sock"_s);
}

void PrivateServer::start(std::function<void(Result<RedisUrl>)> done)
{
    m_done = std::move(done);
    m_isStopping = false;
    const QString program = QStandardPaths::findExecutable(u"redis-server"_s);
    if (program.isEmpty())
        return finishStart(ioError(u"redis-server was not found in PATH; install the package redis-server, or use "
                                   "another Redis with --redis redis://HOST:PORT"_s));
    const QString folder = m_dataDir + u"/redis"_s;
    if (!QDir{}.mkpath(folder)
        || !QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        return finishStart(ioError(u"the folder %1 cannot be made"_s.arg(folder)));
    const Result<QString> path = chooseSocketPath();
    if (!path)
        return finishStart(path.error());
    m_socketPath = path.value();
    QFile::remove(m_socketPath); // left over from a run that was killed

    const pid_t parent = getpid();
    m_process.setChildProcessModifier([parent] {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1); // Weir was gone before the line above
        // Ctrl-C in the terminal is for Weir, which then stops its server in order.
        setpgid(0, 0);
    });
    m_giveUpAtMs = QDateTime::currentMSecsSinceEpoch() + kStartDeadlineMs;
    m_process.start(program, serverArguments(m_socketPath, folder), QIODevice::ReadOnly);
    m_probeTimer.start(kProbeEveryMs);
}

// Until it answers PING: it listens before it has read its data, and ends when that is broken.
void PrivateServer::probe()
{
    if (!m_done)
        return;
    if (QDateTime::currentMSecsSinceEpoch() > m_giveUpAtMs)
        return finishStart(ioError(u"the private redis-server does not answer: %1"_s.arg(lastWords())));
    if (m_probe.state() == QLocalSocket::UnconnectedState) {
        m_isProbeAsked = false;
        m_probe.connectToServer(m_socketPath);
    }
    if (m_probe.state() == QLocalSocket::ConnectedState && !std::exchange(m_isProbeAsked, true)) {
        m_probe.write("PING\r\n");
        m_probe.flush();
    }
    m_probeTimer.start(kProbeEveryMs);
}

void PrivateServer::onProbeAnswered()
{
    m_isProbeAsked = false; // while it reads its data the answer is LOADING: asked again
    if (!m_probe.readAll().startsWith("+PONG"))
        return;
    RedisUrl url;
    url.transport = RedisUrl::Transport::Unix;
    url.path = m_socketPath;
    finishStart(url);
}

void PrivateServer::finishStart(Result<RedisUrl> result)
{
    m_probeTimer.stop();
    m_probe.abort();
    if (const auto done = std::exchange(m_done, nullptr))
        done(std::move(result));
}

void PrivateServer::stop()
{
    m_isStopping = true;
    m_probeTimer.stop();
    m_probe.abort();
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(kStopDeadlineMs)) {
        m_process.kill();
        m_process.waitForFinished(kStopDeadlineMs);
    }
}

QString PrivateServer::lastWords()
{
    m_log = (m_log + m_process.readAll()).right(kLogBytes);
    const QByteArrayList lines = m_log.trimmed().split('\n');
    return lines.isEmpty() || lines.last().isEmpty() ? u"it said nothing"_s : QString::fromUtf8(lines.last().trimmed());
}

} // namespace weir::redis
