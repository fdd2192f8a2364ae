// SPDX-License-Identifier: GPL-3.0-only
// An nginx of the test's own, on a free port of loopback.
#pragma once

#include <QFile>
#include <QTemporaryDir>

#include <csignal>

#include "tests/support/child_process.h"
#include "tests/support/free_port.h"
#include "tests/support/program_of.h"

namespace weir::test {

/// Thread: the test's.
class Nginx {
public:
    /// `http` and `server` are what stands in the blocks of these names, `top` what stands before all blocks. False: it is not
    /// there, or it does not run.
    bool start(const QByteArray &http, const QByteArray &server, const QByteArray &top = {})
    {
        QFile config{m_folder.filePath(QStringLiteral("nginx.conf"))};
        if (programOf("nginx").isEmpty() || !config.open(QIODevice::WriteOnly))
            return false;
        const QByteArray here = QFile::encodeName(m_folder.path());
        config.write(top + "daemon off; pid " + here + "/pid; error_log " + here
                     + "/errors;\nevents {}\nhttp {\naccess_log off;\n");
        for (const char *kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            config.write(QByteArray{kind} + "_temp_path " + here + "/" + kind + ";\n");
        config.write(http + "server { listen 127.0.0.1:" + QByteArray::number(m_port) + ";\n" + server + "}\n}\n");
        config.close();
        m_child.process().setProgram(programOf("nginx"));
        m_child.process().setArguments(
            {QStringLiteral("-p"), m_folder.path(), QStringLiteral("-c"), config.fileName()});
        return m_child.start();
    }
    [[nodiscard]] std::uint16_t port() const { return m_port; }

    /// Its exit code, or -1 when it does not end in time.
    int stop()
    {
        constexpr auto kEndTime = std::chrono::seconds{60};
        m_child.signal(SIGTERM);
        return m_child.waitForExit(kEndTime);
    }

    /// Its log of errors.
    [[nodiscard]] QByteArray told() const
    {
        QFile errors{m_folder.filePath(QStringLiteral("errors"))};
        return errors.open(QIODevice::ReadOnly) ? errors.readAll() : QByteArray{"[error] there is no log"};
    }

private:
    QTemporaryDir m_folder;
    const std::uint16_t m_port{freePort()};
    ChildProcess m_child;
};

} // namespace weir::test
