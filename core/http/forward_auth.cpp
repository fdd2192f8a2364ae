// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/forward_auth.h"

#include <array>

namespace weir::http {
namespace {

constexpr std::string_view kPrefix = "/v1/authorize";
constexpr std::string_view kLimit = "/limit/";

constexpr Rejection kTwice{
    400, kBadRequest, "A field that says what is asked about comes twice; the proxy is to set it, not to add to it."};
constexpr Rejection kNoMethod{400, kBadRequest, "X-Forwarded-Method is no method."};
constexpr Rejection kNoTarget{400, kBadRequest, "X-Forwarded-Uri is no path that begins with /."};
constexpr Rejection kNoStatus{400, kBadRequest, "X-Weir-Deny-Status is neither 403 nor 429."};
constexpr Rejection kNoLimit{404, "Not Found", "Ask /v1/authorize or /v1/authorize/limit/NAME."};

// What only a proxy may say.
struct Said {
    std::optional<std::string_view> method;
    std::optional<std::string_view> target;
    std::optional<std::string_view> denyStatus;
    bool isTwice{false};
};

Said readFields(const RequestHead &head)
{
    Said said;
    std::optional<std::string_view> host, scheme, client; // not asked for, and the same rule
    const std::array<std::pair<std::string_view, std::optional<std::string_view> *>, 6> fields{
        {{"x-forwarded-method", &said.method},
         {"x-forwarded-uri", &said.target},
         {"x-weir-deny-status", &said.denyStatus},
         {"x-forwarded-host", &host},
         {"x-forwarded-proto", &scheme},
         {"x-forwarded-for", &client}}};
    for (const RequestHead::Span &span : head.fields) {
        const Field field = head.field(span);
        for (const auto &[name, value] : fields)
            if (equalsIgnoringCase(field.name, name)) {
                said.isTwice = said.isTwice || value->has_value();
                *value = field.value;
            }
    }
    return said;
}

// A proxy that forwards "*" of OPTIONS says so.
bool isPath(std::string_view text)
{
    return text == "*" || (text.starts_with('/') && isTarget(text));
}

} // namespace

bool isInquiry(std::string_view target)
{
    if (!target.starts_with(kPrefix))
        return false;
    const std::string_view rest = target.substr(kPrefix.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

std::optional<Rejection> readInquiry(const RequestHead &head, bool isFromProxy, Inquiry &inquiry)
{
    const std::string_view rest = std::string_view{head.target}.substr(kPrefix.size());
    inquiry = {head.method, rest.starts_with('/') ? rest : "/"};
    if (!isFromProxy)
        return std::nullopt;
    const Said said = readFields(head);
    if (said.isTwice)
        return kTwice;
    if (said.method) {
        if (!isToken(*said.method) || said.method->size() > kMaxMethodBytes)
            return kNoMethod;
        inquiry.method = *said.method;
    }
    if (said.denyStatus) {
        if (*said.denyStatus != "403" && *said.denyStatus != "429")
            return kNoStatus;
        inquiry.denyStatus = *said.denyStatus == "403" ? 403 : 429;
    }
    if (!said.target)
        return std::nullopt;
    if (!isPath(*said.target))
        return kNoTarget;
    inquiry.target = *said.target;
    const std::string_view path = rest.substr(0, rest.find('?'));
    if (path.starts_with(kLimit) && path.size() > kLimit.size())
        inquiry.limit = path.substr(kLimit.size());
    else if (!path.empty() && path != "/")
        return kNoLimit;
    return std::nullopt;
}

} // namespace weir::http
