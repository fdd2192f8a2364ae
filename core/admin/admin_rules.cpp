// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/admin_rules.h"

#include <algorithm>

#include "core/admin/admin_answers.h"
#include "core/policy/request_view.h"

namespace weir::admin {
namespace {

using policy::lowerOf;

// Every value under a name: two of them must both be right.
std::vector<std::string> valuesOf(const http::RequestHead &head, std::string_view lowerName)
{
    std::vector<std::string> values;
    for (const http::RequestHead::Span &span : head.fields)
        if (const http::Field field = head.field(span); lowerOf(field.name) == lowerName)
            values.push_back(lowerOf(field.value));
    return values;
}

bool isHost(const AdminRules &rules, std::string_view host)
{
    return std::find(rules.hosts.begin(), rules.hosts.end(), host) != rules.hosts.end();
}

// What is served here is not encrypted, so no page of https is one of ours; "null" is none either.
bool isOwnOrigin(const AdminRules &rules, std::string_view origin)
{
    constexpr std::string_view kScheme = "http://";
    return origin.starts_with(kScheme) && isHost(rules, origin.substr(kScheme.size()));
}

bool isFromOtherSite(const AdminRules &rules, const http::RequestHead &head)
{
    const std::vector<std::string> origins = valuesOf(head, "origin");
    const std::vector<std::string> sites = valuesOf(head, "sec-fetch-site");
    return std::any_of(origins.begin(), origins.end(), [&](const auto &one) { return !isOwnOrigin(rules, one); })
           || std::any_of(sites.begin(), sites.end(),
                          [](const auto &one) { return one != "same-origin" && one != "none"; });
}

bool hasToken(const AdminRules &rules, const http::RequestHead &head)
{
    constexpr std::string_view kScheme = "bearer ";
    const auto value = fieldOf(head, "authorization");
    if (!value || value->size() < kScheme.size() || lowerOf(value->substr(0, kScheme.size())) != kScheme)
        return false;
    return isSameToken(value->substr(kScheme.size()), rules.token);
}

bool isHealth(std::string_view target)
{
    const std::string_view path = target.substr(0, target.find('?'));
    return path == "/healthz" || path == "/readyz";
}

} // namespace

std::optional<http::AdminAnswer> objection(const AdminRules &rules, const http::AdminRequest &request)
{
    const http::RequestHead &head = request.head;
    const auto host = fieldOf(head, "host");
    if (!host || !isHost(rules, lowerOf(*host)))
        return problem(421, "The admin port does not answer to that Host.");
    if (isFromOtherSite(rules, head))
        return problem(403, "A page of another site has sent this, and none may ask here.");
    const bool isRead = head.method == "GET" || head.method == "HEAD";
    const bool isOpen = isRead && (request.peer.isLoopback() || rules.mayStrangersRead || isHealth(head.target));
    if (isOpen || hasToken(rules, head))
        return std::nullopt;
    http::AdminAnswer answer = problem(401, isRead ? "From another machine this needs the token: Authorization: Bearer "
                                                     "and what is in the file admin-token of Weir's data folder."
                                                   : "This needs the token: Authorization: Bearer and what is in the "
                                                     "file admin-token of Weir's data folder.");
    answer.fields += "WWW-Authenticate: Bearer\r\n";
    return answer;
}

bool isSameToken(std::string_view given, std::string_view own)
{
    volatile unsigned char difference = own.empty() || given.size() != own.size() ? 1 : 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        const char other = given.empty() ? '\0' : given[i % given.size()];
        difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(own[i] ^ other));
    }
    return difference == 0;
}

std::optional<std::string_view> fieldOf(const http::RequestHead &head, std::string_view lowerName)
{
    std::optional<std::string_view> found;
    for (const http::RequestHead::Span &span : head.fields) {
        const http::Field field = head.field(span);
        if (lowerOf(field.name) != lowerName)
            continue;
        if (found)
            return std::nullopt;
        found = field.value;
    }
    return found;
}

} // namespace weir::admin
