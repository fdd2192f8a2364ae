// SPDX-License-Identifier: GPL-3.0-only
// A child of a test: it ends with the test, however the test ends.
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>

#include <chrono>

namespace weir::test {

/// Thread: the test's main thread. The destructor kills what still runs.
class ChildProcess {
public:
    ChildProcess();
    ~ChildProcess();
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    QProcess &process() { return m_process; }

    /// Starts what process() was told; false with error() when it cannot be started.
    bool start();
    /// Reads stdout until a whole line contains `text`; the line, or nothing at exit or timeout.
    [[nodiscard]] QByteArray waitForLine(const QByteArray &text, std::chrono::milliseconds timeout);
    /// Sends a signal; does not wait.
    void signal(int number) const;
    /// Waits for the end; the exit code, -1 at timeout, 128 + signal when a signal ended it.
    int waitForExit(std::chrono::milliseconds timeout);
    void kill();

    [[nodiscard]] bool isRunning() const { return m_process.state() == QProcess::Running; }
    [[nodiscard]] int pid() const { return static_cast<int>(m_process.processId()); }
    /// Everything read from stdout so far.
    [[nodiscard]] QByteArray output();
    /// Everything read from stderr so far.
    [[nodiscard]] QByteArray errors();

private:
    QProcess m_process;
    QByteArray m_output;
    QByteArray m_errors;
};

} // namespace weir::test
