// SPDX-License-Identifier: GPL-3.0-only
// What is kept of a request while its decision is under way.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/http/browser_rules.h"
#include "core/telemetry/request_record.h"

namespace weir::http {

struct RequestFacts {
    std::string method;
    std::string target;
    telemetry::ShortText<46> client;
    bool isHttp10{false};
    bool closes{false};
    std::chrono::steady_clock::time_point readAt{};
    Cors cors{};
    std::int64_t keepAliveS{0};  ///< for Keep-Alive: how long the connection stays open after the answer; 0: not told
    std::int64_t retryLaterS{0}; ///< added to the wait of a refusal, so that not all clients retry in the same second
    bool isHead{false};          ///< the answer has no body
    std::uint16_t denyStatus{0}; ///< of an inquiry (forward_auth.h): that of a refusal; 0: it is none

    /// Tell whether another request than this one is asked about; `method` and `target` are that one's.
    [[nodiscard]] bool isInquiry() const { return denyStatus != 0; }
    /// Return the target without its query.
    [[nodiscard]] std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
};

} // namespace weir::http
