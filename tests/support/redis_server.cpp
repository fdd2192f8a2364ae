// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/redis_server.h"

#include <QFile>
#include <QStandardPaths>

#include <csignal>

namespace weir::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartTimeout = 10s;
constexpr auto kStopTimeout = 10s;

} // namespace

QString redisProgram(const QString &name)
{
    const QString found = QStandardPaths::findExecutable(name);
    return found.isEmpty()
               ? QStandardPaths::findExecutable(QString{name}.replace(QLatin1String{"redis"}, QLatin1String{"valkey"}))
               : found;
}

RedisServer::RedisServer()
{
    setSocket(socketPath());
}

QString RedisServer::socketPath() const
{
    return m_folder.filePath(QStringLiteral("r.sock"));
}

bool RedisServer::start(const QStringList &arguments)
{
    // Redis logs this line after listen(): from here on a connection is accepted. Up to 7 it is "The server is now ready to
    // accept connections at ...", from 8 on "Ready to accept connections unix".
    return startAs({}, arguments, QByteArrayLiteral("eady to accept connections"));
}

bool RedisServer::startSentinel(const QByteArray &config, const QStringList &arguments)
{
    QFile file{m_folder.filePath(QStringLiteral("sentinel.conf"))};
    if (!file.open(QIODevice::WriteOnly) || file.write(config) != config.size())
        return false;
    file.close();
    return startAs({file.fileName(), QStringLiteral("--sentinel")}, arguments, QByteArrayLiteral("Sentinel ID is"));
}

bool RedisServer::startAs(const QStringList &mode, const QStringList &arguments, const QByteArray &readyLine)
{
    disconnect();
    const QStringList fixed{QStringLiteral("--port"),
                            QStringLiteral("0"),
                            QStringLiteral("--unixsocket"),
                            socketPath(),
                            QStringLiteral("--unixsocketperm"),
                            QStringLiteral("700"),
                            QStringLiteral("--dir"),
                            m_folder.path(),
                            QStringLiteral("--save"),
                            QString{},
                            QStringLiteral("--appendonly"),
                            QStringLiteral("no"),
                            QStringLiteral("--daemonize"),
                            QStringLiteral("no"),
                            QStringLiteral("--logfile"),
                            QString{}};
    m_child.process().setProgram(redisProgram(QStringLiteral("redis-server")));
    m_child.process().setArguments(mode + fixed + arguments);
    return m_child.start() && !m_child.waitForLine(readyLine, kStartTimeout).isEmpty();
}

void RedisServer::stop()
{
    disconnect();
    m_child.signal(SIGTERM);
    m_child.waitForExit(kStopTimeout);
    m_child.kill();
}

void RedisServer::kill()
{
    disconnect();
    m_child.kill();
    QFile::remove(socketPath());
}

void RedisServer::pause()
{
    m_child.signal(SIGSTOP);
}

void RedisServer::resume()
{
    m_child.signal(SIGCONT);
}

} // namespace weir::test
