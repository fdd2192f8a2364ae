// SPDX-License-Identifier: GPL-3.0-only
// Compares two sets of limits, to show a change before it is applied. Pure; plain text.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "core/config/limit_entry.h"

namespace weir::ui {

struct FieldChange {
    QString field;
    QString before;
    QString after;
};

struct LimitChange {
    enum class Kind { Added, Removed, Changed };
    Kind kind{Kind::Changed};
    QString name;     ///< after the change; of a removed limit: before
    int index{-1};    ///< in the set after; -1: removed
    int movedFrom{0}; ///< its place before, counted from 1; 0: it keeps its place among the others
    int movedTo{0};
    bool isNumbers{false}; ///< of the same name, with other numbers: a TokenMode says what its tokens become
    std::vector<FieldChange> fields;
};

struct SetChange {
    std::vector<LimitChange> limits; ///< in the order after, then the removed ones
    std::vector<FieldChange> access; ///< lists and key limits

    [[nodiscard]] bool isEmpty() const { return limits.empty() && access.empty(); }
    [[nodiscard]] bool needsTokenMode() const;
};

/// Compare two sets. `origins[i]`: which of `before` the i-th of `after` comes from; -1: it is new.
[[nodiscard]] SetChange changeOf(const config::LimitSet &before, const config::LimitSet &after,
                                 const std::vector<int> &origins);

/// Return the changes of one limit without its name: "capacity 4 → 5", "moved from 3 to 1".
[[nodiscard]] QStringList changeWords(const LimitChange &change);
[[nodiscard]] QString changeWords(const FieldChange &change);
/// Return all on one line: "per-client: capacity 4 → 5 · exports: added".
[[nodiscard]] QString summaryOf(const SetChange &change);

} // namespace weir::ui
