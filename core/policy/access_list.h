// SPDX-License-Identifier: GPL-3.0-only
// Requests that are let through, or turned away, before any limit is asked.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/network_table.h"
#include "core/policy/path_pattern.h"
#include "core/policy/request_values.h"
#include "core/policy/request_view.h"

namespace weir::policy {

/// An access list prepared for look-ups: networks by binary search, values by hash, paths one by one. Immutable: any
/// thread. Requests have canonical paths (path_text.h).
class AccessTable {
public:
    /// Values of cookies and parameters are written plainly in the list, not percent-encoded; a hash stands for its
    /// value. `folds`: mayMean() is also true of other spellings of a path (folded_path.h).
    explicit AccessTable(const config::AccessList &list = {}, bool folds = false);

    [[nodiscard]] bool isEmpty() const { return m_networks.isEmpty() && m_keys.empty() && m_paths.empty(); }
    [[nodiscard]] const NetworkTable &networks() const { return m_networks; }
    [[nodiscard]] std::vector<ValueSource> sources() const;

    /// Tell whether look-ups need RequestView::folded.
    [[nodiscard]] bool asksFolded() const { return !m_foldedPaths.empty(); }

    /// Tell whether to block the request: its client's address is listed, or any of the values that it has under a
    /// listed name.
    [[nodiscard]] bool mayMean(const RequestView &request, std::string &buffer) const;

    /// Tell whether to let the request through: its address is listed, or the only value under a listed name. So a
    /// client can neither add a listed value to one that is not, nor hide a blocked one among others.
    [[nodiscard]] bool means(const RequestView &request, std::string &buffer) const;

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    struct Values {
        ValueSource source;
        std::unordered_set<std::string, TextHash, std::equal_to<>> listed; ///< values, and hashes of values
        bool hasHash{false};
    };
    [[nodiscard]] bool isListed(const Values &values, std::string_view value) const;
    Values &valuesOf(const ValueSource &source);

    bool m_folds;
    NetworkTable m_networks;
    std::vector<Values> m_keys; // one for each name
    std::vector<PathPattern> m_paths;
    std::vector<PathPattern> m_foldedPaths;
};

enum class Access : std::uint8_t {
    Limited, ///< the limits decide
    Allowed,
    Blocked,
};

/// Asks both lists; a request in both is blocked.
class AccessGate {
public:
    explicit AccessGate(const config::LimitSet &set) : m_block{set.block, set.keys.folds}, m_allow{set.allow} {}

    [[nodiscard]] bool isOpen() const { return m_block.isEmpty() && m_allow.isEmpty(); }
    [[nodiscard]] const AccessTable &block() const { return m_block; }
    [[nodiscard]] const AccessTable &allow() const { return m_allow; }

    [[nodiscard]] Access of(const RequestView &request, std::string &buffer) const
    {
        if (m_block.mayMean(request, buffer))
            return Access::Blocked;
        return m_allow.means(request, buffer) ? Access::Allowed : Access::Limited;
    }

private:
    AccessTable m_block;
    AccessTable m_allow;
};

} // namespace weir::policy
