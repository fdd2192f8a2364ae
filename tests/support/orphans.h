// SPDX-License-Identifier: GPL-3.0-only
// Processes that somebody left behind come to the test instead of to init, where nobody would see them.
#pragma once

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "tests/support/weir_process.h"

namespace weir::test {

/// Make one in initTestCase(), before anything is started.
class Orphans {
public:
    Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 0); }
    Orphans(const Orphans &) = delete;
    Orphans &operator=(const Orphans &) = delete;

    /// Children of this process that run and that the test does not know.
    [[nodiscard]] static std::vector<int> alive(const std::vector<int> &known = {})
    {
        std::vector<int> pids;
        for (const int pid : WeirProcess::childPidsOf(getpid()))
            if (std::find(known.begin(), known.end(), pid) == known.end() && WeirProcess::isAlive(pid))
                pids.push_back(pid);
        return pids;
    }
};

} // namespace weir::test
