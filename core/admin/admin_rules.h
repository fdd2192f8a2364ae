// SPDX-License-Identifier: GPL-3.0-only
// Who may ask the admin port: the names that it goes by, other sites' pages, and the token.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/admin_desk.h"

namespace weir::admin {

struct AdminRules {
    std::vector<std::string> hosts; ///< what a Host may be, in lower case: "127.0.0.1:8001", "localhost:8001"
    std::string token;              ///< empty: nobody has it
    bool mayStrangersRead{false};   ///< peers other than loopback read without the token
};

/// Return the answer that turns `request` away, if one does. A Host that is not listed is 421, reads included: a page whose
/// name was pointed at this address (DNS rebinding) sends its own. What a page of another site makes a browser send is
/// 403. Whatever is no GET or HEAD needs the token, else 401; so does a read from another machine, health apart.
[[nodiscard]] std::optional<http::AdminAnswer> objection(const AdminRules &rules, const http::AdminRequest &request);

/// Tell whether the two are the same, in a time that says nothing about where they differ. An empty `own` is nobody's.
[[nodiscard]] bool isSameToken(std::string_view given, std::string_view own);

/// Return the value of the field of that name (in lower case); nothing when it is missing or given twice.
[[nodiscard]] std::optional<std::string_view> fieldOf(const http::RequestHead &head, std::string_view lowerName);

} // namespace weir::admin
