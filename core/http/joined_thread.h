// SPDX-License-Identifier: GPL-3.0-only
// A thread that is waited for until it is gone.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include <QThread>

#include <sys/syscall.h>
#include <unistd.h>

namespace weir::http {

/// QThread::wait() returns while the thread still frees what libraries keep for each thread. If the process ends meanwhile, they
/// free the same at once from its end: OpenSSL does, and the process is aborted (double free).
class JoinedThread : public QThread {
public:
    /// As wait(), and until the system knows of no such thread any more, for a second at most.
    void join()
    {
        using namespace std::chrono_literals;
        wait();
        const pid_t id = m_id.load();
        const auto until = std::chrono::steady_clock::now() + 1s;
        while (id != 0 && ::syscall(SYS_tgkill, ::getpid(), id, 0) == 0 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(100us);
    }

protected:
    void run() override
    {
        m_id.store(static_cast<pid_t>(::syscall(SYS_gettid)));
        exec();
    }

private:
    std::atomic<pid_t> m_id{0};
};

} // namespace weir::http
