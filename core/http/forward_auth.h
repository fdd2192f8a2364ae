// SPDX-License-Identifier: GPL-3.0-only
// Reads what a proxy asks of /v1/authorize: about which request, and by which limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/http/request_parser.h"

namespace weir::http {

/// A request that a proxy has received and asks about. Views are of the head that it was read from.
struct Inquiry {
    std::string_view method;
    std::string_view target;
    std::string_view limit{};      ///< the only one that is asked; empty: all
    std::uint16_t denyStatus{429}; ///< of a refusal
};

/// Tell whether a request for `target` asks about another one.
[[nodiscard]] bool isInquiry(std::string_view target);

/// Read the inquiry of a request for which isInquiry() holds. Returns why it is turned away, if it is.
///
/// A peer that is not a trusted proxy asks about its own request. A trusted one says in X-Forwarded-Method and
/// X-Forwarded-Uri what it asks about; what it does not say is its own request's. Then the target is what follows
/// /v1/authorize, as of Envoy, and "/" if nothing does; only beside an X-Forwarded-Uri it may be /limit/NAME, which asks that
/// limit alone: else whoever asks Envoy for a page of that name would choose by what it is limited. The query of
/// /v1/authorize itself means nothing, because Caddy puts there what the client has sent. X-Weir-Deny-Status makes refusals
/// 403, which nginx passes on without an error of its own.
///
/// A field that comes twice is an error, for proxy and client may both have written it.
[[nodiscard]] std::optional<Rejection> readInquiry(const RequestHead &head, bool isFromProxy, Inquiry &inquiry);

} // namespace weir::http
