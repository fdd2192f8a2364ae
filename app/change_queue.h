// SPDX-License-Identifier: GPL-3.0-only
// Changes of the limits, one after the other: what was asked for last is what holds.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace weir::app {

/// A change takes some round trips, and not all the same number of them: two under way together may end in the other
/// order, and the file and the store would part. Thread: one. Nothing that waits runs once the queue is gone.
class ChangeQueue {
public:
    using Finished = std::function<void()>;
    /// Calls `finished` once, when everything that belongs to it is done; the next one begins then.
    using Change = std::function<void(Finished finished)>;

    void add(Change change)
    {
        m_waiting.push_back(std::move(change));
        if (!std::exchange(m_isBusy, true))
            next();
    }

private:
    void next()
    {
        if (m_waiting.empty()) {
            m_isBusy = false;
            return;
        }
        const Change change = std::move(m_waiting.front());
        m_waiting.pop_front();
        change([this] { next(); });
    }

    std::deque<Change> m_waiting;
    bool m_isBusy{false};
};

} // namespace weir::app
