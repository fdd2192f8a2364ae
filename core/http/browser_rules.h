// SPDX-License-Identifier: GPL-3.0-only
// Which Hosts Weir answers to, and which other sites may send requests from a browser and read the answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/http_limits.h"
#include "core/http/request_grammar.h"
#include "core/http/request_parser.h"

namespace weir::http {

/// What a page of another origin may see of an answer (Fetch, 3.2).
struct Cors {
    std::string origin;        ///< the origin that may read it; "*": any; empty: none
    bool isPreflight{false};   ///< a CORS preflight, which is answered without a decision
    std::string wantedHeaders; ///< of the preflight, names and commas

    friend bool operator==(const Cors &, const Cors &) = default;
};

/// Immutable: any thread.
class BrowserRules {
public:
    explicit BrowserRules(const config::HttpLimits &limits);

    /// Tell whether any rule is configured; without one no request needs to be looked at.
    [[nodiscard]] bool areAsked() const { return !m_hosts.empty() || m_refusesCrossSite || !m_origins.empty(); }

    /// Return why the request is turned away, if it is: 421 for a Host that is not configured, as a page sends whose
    /// name was pointed at this address (DNS rebinding); 403 for what a page of another site makes a browser send
    /// (Sec-Fetch-Site; Fetch Metadata, 2.3), unless its origin is allowed or a trusted proxy has forwarded it.
    [[nodiscard]] std::optional<Rejection> objection(const RequestHead &head, bool isFromProxy) const;
    [[nodiscard]] Cors corsOf(const RequestHead &head) const;

private:
    [[nodiscard]] bool mayAsk(std::string_view origin) const;

    std::vector<std::string> m_hosts;
    std::vector<std::string> m_origins;
    bool m_asksAnyOrigin{false};
    bool m_refusesCrossSite;
};

} // namespace weir::http
