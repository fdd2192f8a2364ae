// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/client_header.h"

#include <algorithm>
#include <array>

#include "core/base/nearest_word.h"
#include "core/config/config.h"
#include "core/config/key_text.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

// What proxies and content networks write by themselves, as their documentation spells it.
const std::array<std::string, 9> kUsual{"X-Forwarded-For",  "Forwarded",      "X-Real-IP",
                                        "CF-Connecting-IP", "True-Client-IP", "Fastly-Client-IP",
                                        "Fly-Client-IP",    "X-Client-IP",    "X-Envoy-External-Address"};

// Of the connection or the body (RFC 9110, 7.6.1 and 8), or a request's by its own meaning: never an address, and most of
// them are not kept.
constexpr std::array<std::string_view, 11> kTaken{"connection", "content-length", "cookie",           "expect",
                                                  "host",       "keep-alive",     "proxy-connection", "te",
                                                  "trailer",    "upgrade",        "transfer-encoding"};

constexpr const char *kHint = "the one that the proxy writes, such as X-Forwarded-For, Forwarded or X-Real-IP";

} // namespace

std::vector<ConfigIssue> checkClientHeader(std::string_view name)
{
    if (name.empty())
        return {{"client-header", "no header field is named", kHint}};
    if (!isToken(name))
        return {{"client-header", shownInQuotes(name) + " is not the name of one header field", kHint}};
    if (std::find(kTaken.begin(), kTaken.end(), lowerCased(name)) != kTaken.end())
        return {{"client-header", shownInQuotes(name) + " never holds the address of a client", kHint}};
    return {};
}

bool isUsualClientHeader(std::string_view name)
{
    return std::any_of(kUsual.begin(), kUsual.end(),
                       [&](const std::string &usual) { return lowerCased(usual) == lowerCased(name); });
}

std::string meantClientHeader(std::string_view name)
{
    std::vector<std::string> lower;
    lower.reserve(kUsual.size());
    for (const std::string &usual : kUsual)
        lower.push_back(lowerCased(usual));
    const std::string nearest = nearestWord(lowerCased(name), lower);
    if (nearest.empty() || nearest == lowerCased(name))
        return {};
    return kUsual[static_cast<std::size_t>(std::find(lower.begin(), lower.end(), nearest) - lower.begin())];
}

} // namespace weir::config
