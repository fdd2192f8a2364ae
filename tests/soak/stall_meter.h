// SPDX-License-Identifier: GPL-3.0-only
// How long this machine stands still: a thread that sleeps a millisecond at a time and notes when it was woken too late;
// and what its host gave to others.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include <unistd.h>

namespace weir::test {

/// Whatever is measured beside it cannot be better than that. Any thread may read.
class StallMeter {
public:
    StallMeter()
        : m_thread{[this] {
              constexpr std::chrono::milliseconds kNap{1};
              while (!m_isStopping) {
                  const auto before = std::chrono::steady_clock::now();
                  std::this_thread::sleep_for(kNap);
                  const auto late = std::chrono::steady_clock::now() - before - kNap;
                  m_longestUs = std::max<std::int64_t>(m_longestUs, late / std::chrono::microseconds{1});
              }
          }}
    {
    }
    ~StallMeter()
    {
        m_isStopping = true;
        m_thread.join();
    }
    StallMeter(const StallMeter &) = delete;
    StallMeter &operator=(const StallMeter &) = delete;

    [[nodiscard]] std::chrono::microseconds longest() const { return std::chrono::microseconds{m_longestUs}; }

private:
    std::atomic<bool> m_isStopping{false};
    std::atomic<std::int64_t> m_longestUs{0};
    std::thread m_thread;
};

/// Time of all CPUs together, since boot, in which they had work and did not run: the "steal" of /proc/stat. 0 where the host
/// does not tell.
inline std::chrono::milliseconds stolenTime()
{
    std::ifstream stat{"/proc/stat"};
    std::string name;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0;
    stat >> name >> user >> nice >> system >> idle >> wait >> irq >> softIrq >> steal;
    return std::chrono::milliseconds{steal * 1000 / ::sysconf(_SC_CLK_TCK)};
}

} // namespace weir::test
