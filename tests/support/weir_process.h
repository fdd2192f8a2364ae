// SPDX-License-Identifier: GPL-3.0-only
// The built program as a user starts it, in folders of its own.
#pragma once

#include <QByteArrayView>
#include <QProcessEnvironment>
#include <QStringList>
#include <QTemporaryDir>

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/support/child_process.h"

namespace weir::test {

/// "serve --threads 1" as the list of arguments that a shell makes of it.
inline QStringList words(QByteArrayView text)
{
    return QString::fromUtf8(text).split(QLatin1Char{' '}, Qt::SkipEmptyParts);
}

/// Thread: the test's main thread.
class WeirProcess {
public:
    WeirProcess();

    /// Every folder a program finds by environment is inside folder(); WEIR_* variables of the
    /// caller are gone. May be changed before start().
    QProcessEnvironment &environment() { return m_environment; }

    /// A program and its arguments that start Weir, such as setpriv; none by default.
    void setWrapper(const QStringList &wrapper) { m_wrapper = wrapper; }

    /// Runs in the new process before the program does; between fork() and exec() little is allowed.
    void setBefore(const std::function<void()> &before);

    /// Starts it and waits for the first "listening on" line. "--listen 127.0.0.1:0" is added when
    /// `arguments` has no --listen.
    bool start(const QStringList &arguments, std::chrono::milliseconds readyTimeout = std::chrono::seconds{20});
    /// Starts it and waits for its end: for wrong usage, --help and the like. The exit code, or -1.
    int runToExit(const QStringList &arguments, std::chrono::milliseconds timeout = std::chrono::seconds{20});

    /// SIGTERM; the exit code, or -1 when it does not end in time.
    int stop(std::chrono::milliseconds timeout = std::chrono::seconds{10});
    void kill() { m_child.kill(); }
    void signal(int number) const { m_child.signal(number); }
    int waitForExit(std::chrono::milliseconds timeout) { return m_child.waitForExit(timeout); }

    [[nodiscard]] bool isRunning() const { return m_child.isRunning(); }
    [[nodiscard]] std::uint16_t port() const { return m_port; }
    /// The port of "admin on"; 0: there is none. Without --admin it is off.
    [[nodiscard]] std::uint16_t adminPort();
    [[nodiscard]] int pid() const { return m_child.pid(); }
    [[nodiscard]] QString folder() const { return m_folder.path(); }
    [[nodiscard]] QByteArray output() { return m_child.output(); }
    [[nodiscard]] QByteArray errors() { return m_child.errors(); }

    /// Writes `line` to its standard input; the line of its standard output that begins with it, or nothing.
    [[nodiscard]] QByteArray ask(const QByteArray &line, std::chrono::milliseconds timeout = std::chrono::seconds{10});

    /// VmRSS of the process alone, bytes; 0 when it is gone.
    [[nodiscard]] std::int64_t residentBytes() const;
    /// Open file descriptors; 0 when it is gone.
    [[nodiscard]] std::int64_t descriptors() const;
    [[nodiscard]] std::vector<int> childPids() const { return childPidsOf(pid()); }
    [[nodiscard]] static std::vector<int> childPidsOf(int pid);
    /// Whatever `pid` is: false when it is gone, or dead and only not yet waited for.
    [[nodiscard]] static bool isAlive(int pid);

private:
    void prepare(const QStringList &arguments);
    std::uint16_t portOf(const QByteArray &head, std::chrono::milliseconds timeout);

    QTemporaryDir m_folder;
    QProcessEnvironment m_environment;
    QStringList m_wrapper;
    ChildProcess m_child;
    std::uint16_t m_port{0};
};

} // namespace weir::test
