// SPDX-License-Identifier: GPL-3.0-only
// A limit as the texts of its editor, which need not be a valid limit yet. Pure.
#pragma once

#include <QString>
#include <array>
#include <cstdint>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/config/limit_fields.h"

namespace weir::ui {

using config::kLimitFields;
using config::LimitField;

inline const QString kYes = QStringLiteral("true");
inline const QString kNo = QStringLiteral("false");
inline const QString kFull = QStringLiteral("full");
inline const QString kEmpty = QStringLiteral("empty");

struct LimitText {
    std::array<QString, kLimitFields> texts;

    [[nodiscard]] QString &operator[](LimitField field) { return texts[static_cast<std::size_t>(field)]; }
    [[nodiscard]] const QString &operator[](LimitField field) const { return texts[static_cast<std::size_t>(field)]; }
    [[nodiscard]] bool isOn() const { return (*this)[LimitField::IsOn] == kYes; }
    [[nodiscard]] bool isShadow() const { return (*this)[LimitField::IsShadow] == kYes; }
    friend bool operator==(const LimitText &, const LimitText &) = default;
};

struct FieldIssue {
    LimitField field{};
    QString sentence;
};

struct ReadLimit {
    config::LimitEntry entry; ///< fields that cannot be read have their defaults
    std::vector<FieldIssue> issues;
};

[[nodiscard]] LimitText textOf(const config::LimitEntry &entry);
/// Read the texts; config::check() then checks the values. The refill of a window is its capacity.
[[nodiscard]] ReadLimit readLimit(const LimitText &text);

/// Return the field that an issue of config::check is about: "match.path", the path below "limit[2]".
[[nodiscard]] LimitField fieldOf(std::string_view where);
/// Return "The name is empty; letters from a to z, digits and -."
[[nodiscard]] QString issueSentence(const std::string &problem, const std::string &hint);

/// Return the word of a configuration: "local".
[[nodiscard]] QString policyWord(config::StoreFailurePolicy policy);
/// Return "header:X-Api-Key, ip".
[[nodiscard]] QString keyText(const std::vector<config::KeyPart> &parts);
/// Return a line of LimitField::Routes.
[[nodiscard]] QString routeText(const config::RouteCost &route);

} // namespace weir::ui
