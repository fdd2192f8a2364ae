// SPDX-License-Identifier: GPL-3.0-only
// What is kept of a request while its decision is under way.
#pragma once

#include <chrono>
#include <string>

#include "core/telemetry/request_record.h"

namespace weir::http {

struct RequestFacts {
    std::string method;
    std::string target;
    telemetry::ShortText<46> client;
    bool isHttp10{false};
    bool closes{false};
    std::chrono::steady_clock::time_point readAt{};

    [[nodiscard]] bool isHead() const { return method == "HEAD"; }
    /// The target without its query.
    [[nodiscard]] std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
};

} // namespace weir::http
