// SPDX-License-Identifier: GPL-3.0-only
// The access lists and the settings of keys as the texts of their editor. Pure.
#pragma once

#include <QString>
#include <array>
#include <cstdint>
#include <vector>

#include "core/config/limit_entry.h"

namespace weir::ui {

enum class AccessField : std::uint8_t {
    BlockNetworks, ///< "10.0.0.0/8, 192.168.0.0/16", also on several lines
    BlockPaths,    ///< a line each: "/admin/*"
    BlockKeys,     ///< a line each: "header:X-Api-Key=abc"
    AllowNetworks,
    AllowPaths,
    AllowKeys,
    Ipv6Prefix,
    Folds, ///< "true", "false"
    MaxLive,
};
inline constexpr std::size_t kAccessFields = 9;

struct AccessText {
    std::array<QString, kAccessFields> texts;

    [[nodiscard]] QString &operator[](AccessField field) { return texts[static_cast<std::size_t>(field)]; }
    [[nodiscard]] const QString &operator[](AccessField field) const { return texts[static_cast<std::size_t>(field)]; }
    friend bool operator==(const AccessText &, const AccessText &) = default;
};

struct AccessIssue {
    AccessField field{};
    QString sentence;
};

struct ReadAccess {
    config::AccessList allow;
    config::AccessList block;
    config::KeySettings keys;
    std::vector<AccessIssue> issues;
};

[[nodiscard]] AccessText accessTextOf(const config::LimitSet &set);
[[nodiscard]] ReadAccess readAccess(const AccessText &text);
/// Return the field that an issue of config::check is about: "block.keys[1]".
[[nodiscard]] AccessField accessFieldOf(std::string_view where);

} // namespace weir::ui
