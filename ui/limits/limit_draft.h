// SPDX-License-Identifier: GPL-3.0-only
// The limits being edited, beside those in force. Changes by others are taken over where nothing was edited; an edit is
// never lost. Plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "ui/limits/access_text.h"
#include "ui/limits/limit_diff.h"
#include "ui/limits/limit_text.h"

namespace weir::ui {

class LimitDraft {
public:
    struct Entry {
        int id{0};          ///< unique, and never changes
        std::string origin; ///< its name in force; empty: it is new
        LimitText text;
    };
    /// The whole draft, read and checked.
    struct Reading {
        config::LimitSet set; ///< usable only if isUsable()
        std::vector<std::vector<FieldIssue>> ofLimits;
        std::vector<AccessIssue> ofAccess;
        QStringList ofSet; ///< what is about no field: too many limits

        [[nodiscard]] bool isUsable() const;
    };

    LimitDraft();

    /// Take over what is in force. Returns the fields that were changed both here and there, as "per-client: capacity";
    /// they stay as edited here.
    QStringList follow(std::shared_ptr<const config::LimitSet> inForce);
    void revert();

    [[nodiscard]] const config::LimitSet &inForce() const { return *m_inForce; }
    [[nodiscard]] const std::vector<Entry> &entries() const { return m_entries; }
    [[nodiscard]] int count() const { return static_cast<int>(m_entries.size()); }
    [[nodiscard]] const AccessText &access() const { return m_access; }

    void setText(int index, const LimitText &text);
    void setAccess(const AccessText &text) { m_access = text; }
    int add();                ///< at the end; returns its index
    int duplicate(int index); ///< right after it; returns its index
    void remove(int index);
    /// Tell whether what was removed last is still in force, as it is until Apply.
    [[nodiscard]] bool isRemovedInForce() const { return canRestore() && !m_removed.back().entry.origin.empty(); }
    [[nodiscard]] bool canRestore() const { return !m_removed.empty(); }
    std::optional<int> restore();              ///< what was removed last, where it was
    [[nodiscard]] QString removedName() const; ///< what restore() would bring back
    void move(int from, int to);               ///< `to`: its index afterwards

    [[nodiscard]] Reading read() const;
    [[nodiscard]] SetChange changes(const Reading &reading) const; ///< of a usable one
    /// Tell whether anything differs from what is in force.
    [[nodiscard]] bool isEdited() const;
    [[nodiscard]] bool isEdited(int index) const; ///< its fields, not its place
    /// Return the place of an entry in the set in force; -1: it is new.
    [[nodiscard]] int originOf(int index) const;

private:
    struct Removed {
        int index{0};
        Entry entry;
    };
    [[nodiscard]] Entry entryOf(const config::LimitEntry &limit);
    [[nodiscard]] std::string freeName(const std::string &wanted) const;
    [[nodiscard]] int indexOfOrigin(const std::string &name) const;
    [[nodiscard]] bool isOrderEdited() const;
    void followLimits(const config::LimitSet &next, QStringList &conflicts);
    void takeNew(const config::LimitSet &next);
    void takeOrder(const config::LimitSet &next);

    std::shared_ptr<const config::LimitSet> m_inForce; ///< never null
    std::vector<Entry> m_entries;
    AccessText m_access;
    std::vector<Removed> m_removed; ///< the last one last
    int m_nextId{1};
};

/// Merge texts line by line: return `mine` with the lines that `theirs` has added to or removed from `base`.
[[nodiscard]] QString mergedLines(const QString &base, const QString &mine, const QString &theirs);

} // namespace weir::ui
