// SPDX-License-Identifier: GPL-3.0-only
// A thread whose end can be waited for in full.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include <QThread>

#include <sys/syscall.h>
#include <unistd.h>

namespace weir::http {

/// QThread::wait() returns while the thread still frees what libraries keep for each thread. If the process exits
/// meanwhile, the libraries free the same memory from their exit handlers: OpenSSL does, and the process aborts (double
/// free).
class JoinedThread : public QThread {
public:
    /// Wait as wait() does, then until the kernel has no such thread any more, for a second at most.
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
