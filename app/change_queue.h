// SPDX-License-Identifier: GPL-3.0-only
// Runs changes of the limits one after the other, so that the last one asked for holds.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace weir::app {

/// Changes take different numbers of round trips: two at once could end in the other order, and file and store would
/// differ. Thread: one. Waiting changes do not run once the queue is gone.
class ChangeQueue {
public:
    using Finished = std::function<void()>;
    /// Must call `finished` once, when all of it is done; the next one begins then.
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
