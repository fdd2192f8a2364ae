// SPDX-License-Identifier: GPL-3.0-only
// Where the admin port hands over the requests that ask for no decision.
#pragma once

#include <functional>
#include <string>

#include "core/base/ip_address.h"
#include "core/http/request_parser.h"

namespace weir::http {

struct AdminRequest {
    RequestHead head; ///< with its body
    IpAddress peer;   ///< the other end of the connection
};

struct AdminAnswer {
    int status{200};
    std::string type; ///< media type; empty: no body
    std::string body;
    std::string fields{}; ///< further header lines, each with its CR LF
};

/// Called in the thread of the admin port. `reply` may be called from any thread, once at most; without it the client
/// waits until it leaves or Weir ends.
using AdminDesk = std::function<void(AdminRequest request, std::function<void(AdminAnswer)> reply)>;

} // namespace weir::http
