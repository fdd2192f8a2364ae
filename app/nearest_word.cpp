// SPDX-License-Identifier: GPL-3.0-only
#include "app/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace weir::app {

int editDistance(const QString &a, const QString &b)
{
    std::vector<int> row(static_cast<std::size_t>(b.size()) + 1);
    std::iota(row.begin(), row.end(), 0);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i) + 1;
        for (qsizetype j = 0; j < b.size(); ++j) {
            const auto right = static_cast<std::size_t>(j) + 1;
            const int replaced = diagonal + (a.at(i) == b.at(j) ? 0 : 1);
            diagonal = row[right];
            row[right] = std::min({replaced, row[right] + 1, row[right - 1] + 1});
        }
    }
    return row.back();
}

QString nearestWord(const QString &word, const QStringList &words)
{
    constexpr int kMostChanges = 2;
    QString nearest;
    int best = kMostChanges + 1;
    for (const QString &candidate : words) {
        const int distance = editDistance(word, candidate);
        // A word of two letters is two changes away from every other one.
        if (distance < best && distance < candidate.size()) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace weir::app
