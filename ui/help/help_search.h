// SPDX-License-Identifier: GPL-3.0-only
// Finds words in all pages of the help, and steps through what was found.
#pragma once

#include <QHash>
#include <QString>
#include <vector>

namespace weir::ui {

struct HelpHit {
    QString page;
    int position{0}; ///< in the document of the page
    int length{0};
};

class HelpSearch {
public:
    static constexpr int kLeastLetters = 2; // one letter has too many hits

    /// Find `text` in any case. The first call reads all pages.
    void find(const QString &text);
    [[nodiscard]] const QString &text() const { return m_text; }
    [[nodiscard]] const std::vector<HelpHit> &hits() const { return m_hits; } ///< in the order of the pages
    [[nodiscard]] int countOn(const QString &page) const;

    /// Return the current hit; null when there is none.
    [[nodiscard]] const HelpHit *current() const;
    [[nodiscard]] int currentNumber() const { return m_current + 1; } ///< from 1
    /// Go to the first hit on `page` at or behind `position`, else to the next one in the order of pages.
    void startAt(const QString &page, int position);
    /// Go to the next hit, or with -1 to the previous one; wraps around.
    void step(int by);

private:
    QHash<QString, QString> m_pages; ///< name, text
    QString m_text;
    std::vector<HelpHit> m_hits;
    int m_current{-1};
};

} // namespace weir::ui
