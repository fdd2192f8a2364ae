// SPDX-License-Identifier: GPL-3.0-only
// What pages in browsers may do here: which names Weir answers to, and which other sites may ask and read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/http_limits.h"
#include "core/http/request_grammar.h"
#include "core/http/request_parser.h"

namespace weir::http {

/// What a page of another origin gets to see of an answer (Fetch, 3.2).
struct Cors {
    std::string origin;        ///< that may read it; "*": each; empty: none
    bool isPreflight{false};   ///< only asks whether it may ask: it is answered without a decision
    std::string wantedHeaders; ///< of the preflight, names and commas

    friend bool operator==(const Cors &, const Cors &) = default;
};

/// Immutable: any thread.
class BrowserRules {
public:
    explicit BrowserRules(const config::HttpLimits &limits);

    /// False: nothing was asked for, and no request needs to be looked at.
    [[nodiscard]] bool areAsked() const { return !m_hosts.empty() || m_refusesCrossSite || !m_origins.empty(); }

    /// 421 for a Host that is none of ours: a page whose name was pointed at us (DNS rebinding) sends its own. 403 for what a
    /// page of another site makes a browser send (Sec-Fetch-Site; Fetch Metadata, 2.3), unless its origin may ask or a trusted
    /// proxy, which stands before a site, has sent it on.
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
