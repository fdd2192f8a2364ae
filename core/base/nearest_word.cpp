// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace weir {
namespace {

constexpr int kMostChanges = 2;

// Each byte that one has more is a change; a pasted page is not compared letter by letter.
bool canBeNear(std::string_view a, std::string_view b)
{
    return std::max(a.size(), b.size()) - std::min(a.size(), b.size()) <= kMostChanges;
}

} // namespace

int editDistance(std::string_view a, std::string_view b)
{
    std::vector<int> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i) + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j + 1] + 1, row[j] + 1});
        }
    }
    return row.back();
}

std::string nearestWord(std::string_view word, std::span<const std::string> words)
{
    std::string nearest;
    int best = kMostChanges + 1;
    for (const std::string &candidate : words) {
        if (!canBeNear(word, candidate))
            continue;
        const int distance = editDistance(word, candidate);
        // A word of two letters is two changes away from every other one.
        if (distance < best && distance < static_cast<int>(candidate.size())) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace weir
