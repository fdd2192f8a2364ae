// SPDX-License-Identifier: GPL-3.0-only
// What a request to the admin port names: a path in segments, and parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/admin/admin_answers.h"

namespace weir::admin {

struct RequestTarget {
    std::vector<std::string> segments; ///< decoded: "/v1/limits/global" has three, "/v1/" two, of which one is empty
    std::vector<std::pair<std::string, std::string>> parameters; ///< decoded, in their order
};

/// Read a target. Nothing when a "%" in it begins no "%XX". "+" stands for a space in parameters, as forms write it.
[[nodiscard]] std::optional<RequestTarget> readTarget(std::string_view target);

/// The parameters of one request; what is wrong with them is collected.
class Parameters {
public:
    explicit Parameters(std::vector<std::pair<std::string, std::string>> all) : m_all{std::move(all)} {}

    /// Note every parameter that is none of `known` (names between spaces); return whether all are.
    bool areOf(std::string_view known);
    /// Return the value; nothing when there is none. One that is given twice is a fault.
    [[nodiscard]] std::optional<std::string> text(std::string_view name);
    /// Likewise, a whole number of that range.
    [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name, config::Range<std::int64_t> range);
    /// Likewise, the place of the value among `words`.
    [[nodiscard]] std::optional<std::size_t> word(std::string_view name, const std::vector<std::string> &words);
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;

    void fail(std::string_view name, std::string reason, std::string hint);
    [[nodiscard]] const Faults &faults() const { return m_faults; }

private:
    std::vector<std::pair<std::string, std::string>> m_all;
    Faults m_faults;
};

} // namespace weir::admin
