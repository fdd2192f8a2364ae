// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/weir_process.h"

#include <QDir>
#include <QFile>
#include <QUrl>

#include <csignal>

#include <sys/prctl.h>

#include "tests/support/process_memory.h"

namespace weir::test {
namespace {

QByteArray readFile(const QString &path)
{
    QFile file{path};
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
}

} // namespace

WeirProcess::WeirProcess() : m_environment{QProcessEnvironment::systemEnvironment()}
{
    const QStringList names = m_environment.keys();
    for (const QString &name : names)
        if (name.startsWith(QLatin1String{"WEIR_"}))
            m_environment.remove(name);
    m_environment.insert(QStringLiteral("HOME"), m_folder.path());
    m_environment.insert(QStringLiteral("WEIR_ADMIN"), QStringLiteral("off")); // its port is fixed; --admin beats this
    for (const char *kind : {"STATE", "CONFIG", "DATA", "CACHE"})
        m_environment.insert(QStringLiteral("XDG_%1_HOME").arg(QLatin1String{kind}),
                             m_folder.filePath(QString::fromLatin1(kind).toLower()));
    // Qt and Redis sockets want this one to exist with mode 0700, as QTemporaryDir is.
    m_environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_folder.path());
    m_environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
}

void WeirProcess::setBefore(const std::function<void()> &before)
{
    m_child.process().setChildProcessModifier([before] {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        before();
    });
}

void WeirProcess::prepare(const QStringList &arguments)
{
    m_port = 0;
    const QStringList words = m_wrapper + QStringList{QStringLiteral(WEIR_BINARY)} + arguments;
    m_child.process().setProgram(words.front());
    m_child.process().setArguments(words.mid(1));
    m_child.process().setProcessEnvironment(m_environment);
}

bool WeirProcess::start(const QStringList &arguments, std::chrono::milliseconds readyTimeout)
{
    const bool isListenSaid = arguments.contains(QLatin1String{"--listen"});
    prepare(isListenSaid ? arguments
                         : arguments + QStringList{QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")});
    if (!m_child.start())
        return false;
    m_port = portOf("listening on ", readyTimeout);
    return m_port != 0;
}

std::uint16_t WeirProcess::portOf(const QByteArray &head, std::chrono::milliseconds timeout)
{
    const QByteArray line = m_child.waitForLine(head, timeout);
    return static_cast<std::uint16_t>(QUrl{QString::fromUtf8(line.mid(head.size()))}.port(0));
}

std::uint16_t WeirProcess::adminPort()
{
    return portOf("admin on ", std::chrono::seconds{5}); // it is said in one breath with the other
}

int WeirProcess::runToExit(const QStringList &arguments, std::chrono::milliseconds timeout)
{
    prepare(arguments);
    if (!m_child.start())
        return -1;
    return m_child.waitForExit(timeout);
}

int WeirProcess::stop(std::chrono::milliseconds timeout)
{
    m_child.signal(SIGTERM);
    return m_child.waitForExit(timeout);
}

QByteArray WeirProcess::ask(const QByteArray &line, std::chrono::milliseconds timeout)
{
    m_child.process().write(line + '\n');
    return m_child.waitForLine(line, timeout);
}

std::int64_t WeirProcess::descriptors() const
{
    return QDir{QStringLiteral("/proc/%1/fd").arg(pid())}
        .entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)
        .size();
}

std::int64_t WeirProcess::residentBytes() const
{
    return test::residentBytes(pid());
}

std::vector<int> WeirProcess::childPidsOf(int pid)
{
    std::vector<int> pids;
    const QDir tasks{QStringLiteral("/proc/%1/task").arg(pid)};
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        for (const QByteArray &word : readFile(tasks.filePath(task + QLatin1String{"/children"})).split(' '))
            if (const int child = word.trimmed().toInt(); child > 0)
                pids.push_back(child);
    return pids;
}

bool WeirProcess::isAlive(int pid)
{
    const QByteArray status = readFile(QStringLiteral("/proc/%1/status").arg(pid));
    return !status.isEmpty() && !status.contains("State:\tZ");
}

} // namespace weir::test
