// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_search.h"

#include <QFont>
#include <QTextDocument>
#include <algorithm>

#include "ui/help/help_book.h"
#include "ui/help/help_text.h"

namespace weir::ui {

void HelpSearch::find(const QString &text)
{
    m_text = text.simplified();
    m_hits.clear();
    m_current = -1;
    if (m_text.size() < kLeastLetters)
        return;
    for (const QString &page : helpPages()) {
        if (!m_pages.contains(page)) {
            QTextDocument document; // its positions are those of the one that is shown
            setHelpPage(document, page, {});
            m_pages.insert(page, document.toRawText());
        }
        const QString &all = m_pages[page];
        for (qsizetype at = all.indexOf(m_text, 0, Qt::CaseInsensitive); at >= 0;
             at = all.indexOf(m_text, at + m_text.size(), Qt::CaseInsensitive))
            m_hits.push_back({page, static_cast<int>(at), static_cast<int>(m_text.size())});
    }
    if (!m_hits.empty())
        m_current = 0;
}

int HelpSearch::countOn(const QString &page) const
{
    return static_cast<int>(
        std::count_if(m_hits.begin(), m_hits.end(), [&page](const HelpHit &hit) { return hit.page == page; }));
}

const HelpHit *HelpSearch::current() const
{
    return m_current < 0 ? nullptr : &m_hits[static_cast<std::size_t>(m_current)];
}

void HelpSearch::startAt(const QString &page, int position)
{
    if (m_hits.empty())
        return;
    const qsizetype place = helpPages().indexOf(page);
    const auto isBehind = [&](const HelpHit &hit) {
        const qsizetype its = helpPages().indexOf(hit.page);
        return its > place || (its == place && hit.position >= position);
    };
    const auto found = std::find_if(m_hits.begin(), m_hits.end(), isBehind);
    m_current = found == m_hits.end() ? 0 : static_cast<int>(found - m_hits.begin());
}

void HelpSearch::step(int by)
{
    const int count = static_cast<int>(m_hits.size());
    if (count > 0)
        m_current = (m_current + by + count) % count;
}

} // namespace weir::ui
