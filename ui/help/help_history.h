// SPDX-License-Identifier: GPL-3.0-only
// The visited pages of the help, for back and forward.
#pragma once

#include <QString>
#include <vector>

namespace weir::ui {

class HelpHistory {
public:
    struct Visit {
        QString page;
        int scrolled{0}; ///< pixels, as it was left
    };

    /// Note that a page was opened; drops the pages forward of here. `scrolled`: pixels, where the page before was
    /// left.
    void visit(const QString &page, int scrolled)
    {
        leave(scrolled);
        if (!m_visits.empty())
            m_visits.resize(m_at + 1);
        m_visits.push_back({page, 0});
        if (m_visits.size() > kMost)
            m_visits.erase(m_visits.begin());
        m_at = m_visits.size() - 1;
    }
    [[nodiscard]] bool canGo(int steps) const { return steps < 0 ? m_at > 0 : m_at + 1 < m_visits.size(); }
    /// Go one step, -1 or 1, which must be possible.
    const Visit &go(int steps, int scrolled)
    {
        leave(scrolled);
        m_at = steps < 0 ? m_at - 1 : m_at + 1;
        return m_visits[m_at];
    }

private:
    static constexpr std::size_t kMost = 200; // more than anybody goes back

    void leave(int scrolled)
    {
        if (!m_visits.empty())
            m_visits[m_at].scrolled = scrolled;
    }

    std::vector<Visit> m_visits;
    std::size_t m_at{0};
};

} // namespace weir::ui
