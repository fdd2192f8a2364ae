// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/browser_rules.h"

#include <algorithm>

#include "core/policy/request_view.h"

namespace weir::http {
namespace {

constexpr Rejection kOtherHost{421, "Misdirected Request", "This server does not answer to that Host."};
constexpr Rejection kOtherSite{403, "Forbidden", "A page of another site has sent this, and none may ask here."};

// Empty when the field is missing or given twice.
std::string_view fieldOf(const RequestHead &head, std::string_view lowerName)
{
    std::string_view found;
    int times = 0;
    for (const RequestHead::Span &span : head.fields) {
        const Field field = head.field(span);
        if (equalsIgnoringCase(field.name, lowerName)) {
            found = field.value;
            ++times;
        }
    }
    return times == 1 ? found : std::string_view{};
}

std::vector<std::string> lowerAll(std::vector<std::string> texts)
{
    for (std::string &text : texts)
        text = policy::lowerOf(text);
    return texts;
}

// Names and commas: what is sent back must be a list of field names, whatever came.
bool isListOfNames(std::string_view text)
{
    for (;;) {
        const auto comma = text.find(',');
        if (!isToken(trim(text.substr(0, comma))))
            return false;
        if (comma == std::string_view::npos)
            return true;
        text.remove_prefix(comma + 1);
    }
}

} // namespace

BrowserRules::BrowserRules(const config::HttpLimits &limits)
    : m_hosts{lowerAll(limits.hosts)},
      m_origins{lowerAll(limits.corsOrigins)},
      m_asksAnyOrigin{std::find(m_origins.begin(), m_origins.end(), "*") != m_origins.end()},
      m_refusesCrossSite{limits.refusesCrossSite}
{
}

bool BrowserRules::mayAsk(std::string_view origin) const
{
    return m_asksAnyOrigin || std::find(m_origins.begin(), m_origins.end(), policy::lowerOf(origin)) != m_origins.end();
}

std::optional<Rejection> BrowserRules::objection(const RequestHead &head, bool isFromProxy) const
{
    if (!m_hosts.empty()) {
        const std::string host = policy::lowerOf(fieldOf(head, "host"));
        const auto isHost = [&](const std::string &one) { return one == host || one == splitAuthority(host).host; };
        if (std::none_of(m_hosts.begin(), m_hosts.end(), isHost))
            return kOtherHost;
    }
    if (m_refusesCrossSite && !isFromProxy && fieldOf(head, "sec-fetch-site") == "cross-site"
        && !mayAsk(fieldOf(head, "origin")))
        return kOtherSite;
    return std::nullopt;
}

Cors BrowserRules::corsOf(const RequestHead &head) const
{
    const std::string_view origin = m_origins.empty() ? std::string_view{} : fieldOf(head, "origin");
    if (origin.empty())
        return {};
    Cors cors;
    if (mayAsk(origin))
        cors.origin = m_asksAnyOrigin ? "*" : origin;
    cors.isPreflight = head.method == "OPTIONS" && !fieldOf(head, "access-control-request-method").empty();
    const std::string_view wanted =
        cors.isPreflight ? fieldOf(head, "access-control-request-headers") : std::string_view{};
    if (!wanted.empty() && isListOfNames(wanted))
        cors.wantedHeaders = wanted;
    return cors;
}

} // namespace weir::http
