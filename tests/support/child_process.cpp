// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/child_process.h"

#include <QDeadlineTimer>

#include <sys/prctl.h>

#include <csignal>

namespace weir::test {

ChildProcess::ChildProcess()
{
    m_process.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGKILL); });
}

ChildProcess::~ChildProcess()
{
    kill();
}

bool ChildProcess::start()
{
    m_output.clear();
    m_errors.clear();
    m_process.start();
    return m_process.waitForStarted();
}

QByteArray ChildProcess::waitForLine(const QByteArray &text, std::chrono::milliseconds timeout)
{
    const QDeadlineTimer deadline{timeout};
    for (;;) {
        m_output += m_process.readAllStandardOutput();
        const qsizetype found = m_output.indexOf(text);
        const qsizetype end = found < 0 ? -1 : m_output.indexOf('\n', found);
        if (end >= 0) {
            const qsizetype begin = m_output.lastIndexOf('\n', found) + 1;
            return m_output.mid(begin, end - begin);
        }
        if (!m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
            return {};
    }
}

void ChildProcess::signal(int number) const
{
    // Not a number of somebody else: the process is not reaped before QProcess has seen its end.
    if (m_process.processId() > 0)
        ::kill(static_cast<pid_t>(m_process.processId()), number);
}

int ChildProcess::waitForExit(std::chrono::milliseconds timeout)
{
    if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(static_cast<int>(timeout.count())))
        return -1;
    // For a crash QProcess has the number of the signal as exit code.
    if (m_process.exitStatus() != QProcess::CrashExit)
        return m_process.exitCode();
    qInfo("%s was ended by signal %d; it said: %s", qPrintable(m_process.program()), m_process.exitCode(),
          errors().constData());
    return 128 + m_process.exitCode();
}

void ChildProcess::kill()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished();
}

QByteArray ChildProcess::output()
{
    m_output += m_process.readAllStandardOutput();
    return m_output;
}

QByteArray ChildProcess::errors()
{
    m_errors += m_process.readAllStandardError();
    return m_errors;
}

} // namespace weir::test
