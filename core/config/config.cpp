// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config.h"

#include <algorithm>

#include "core/base/byte_size.h"
#include "core/config/settings.h"

namespace weir::config {
namespace {

bool isLoopback(const std::string &host)
{
    const auto address = parseIpAddress(host);
    return address && address->isLoopback();
}

void checkListen(const Config &config, std::vector<ConfigIssue> &issues)
{
    for (auto it = config.listen.begin(); it != config.listen.end(); ++it) {
        const std::string text = printListenAddress(*it);
        if (parseListenAddress(text) && !config.isPublic && !isLoopback(it->host))
            issues.push_back({"--listen", text + " can be reached from other machines",
                              "127.0.0.1 or [::1], or --public if that is meant"});
        // Port 0 twice is two different ports.
        if (it->port != 0 && std::find(config.listen.begin(), it, *it) != it)
            issues.push_back({"--listen", text + " is given twice", "each address once"});
    }
}

void checkAdmin(const Config &config, std::vector<ConfigIssue> &issues)
{
    const ListenAddress &address = config.admin.address;
    if (!config.admin.isOn)
        return;
    if (!config.isPublic && !isLoopback(address.host))
        issues.push_back({"--admin", printListenAddress(address) + " can be reached from other machines",
                          "127.0.0.1 or [::1], or --public if that is meant"});
    if (address.port != 0 && std::find(config.listen.begin(), config.listen.end(), address) != config.listen.end())
        issues.push_back(
            {"--admin", printListenAddress(address) + " is where requests come in (--listen)", "another port, or off"});
}

// Named after the larger of the two: it is the one that was raised.
void checkHead(const HttpLimits &http, std::vector<ConfigIssue> &issues)
{
    const std::uint64_t url = http.maxUrlBytes, header = http.maxHeaderBytes;
    if (!kUrlBytes.holds(url) || !kHeaderBytes.holds(header) || url + header <= kMostHeadBytes)
        return;
    const bool isUrl = url > header;
    issues.push_back({isUrl ? "--max-url" : "--max-header",
                      "URL and header of " + printByteSizeSpaced(url) + " and " + printByteSizeSpaced(header)
                          + " are too much together",
                      printByteSize(kMostHeadBytes - (isUrl ? header : url)) + " or less with "
                          + (isUrl ? "--max-header " : "--max-url ") + printByteSize(isUrl ? header : url)});
}

// Issues that name a field, as the option that sets it.
void append(std::vector<ConfigIssue> &issues, std::vector<ConfigIssue> ofFields)
{
    for (ConfigIssue &issue : ofFields) {
        issue.where.insert(0, "--");
        issues.push_back(std::move(issue));
    }
}

} // namespace

std::string printIssue(const ConfigIssue &issue)
{
    std::string line = (issue.where.empty() ? "" : issue.where + ": ") + issue.problem + ".";
    if (issue.hint.empty())
        return line;
    const bool isSentence = issue.hint.front() >= 'A' && issue.hint.front() <= 'Z';
    line += isSentence ? " " : " Use ";
    line += issue.hint;
    return issue.hint.back() == '?' ? line : line + ".";
}

limit::LimitSpec LimitWish::appliedTo(limit::LimitSpec base) const
{
    base.algorithm = algorithm.value_or(base.algorithm);
    base.capacity = capacity.value_or(base.capacity);
    if (capacity || limit::isWindow(base.algorithm))
        base.refill = std::max<limit::Tokens>(1, base.capacity); // a capacity out of range is one problem, not two
    base.refill = refill.value_or(base.refill);
    base.interval = interval.value_or(base.interval);
    base.start = start.value_or(base.start);
    return base;
}

LimitSet limitsOf(const Config &config)
{
    LimitSet limitSet = config.limitSet;
    if (limitSet.limits.empty()) {
        LimitEntry global;
        global.spec = config.limit.appliedTo(limit::LimitSpec{});
        global.onStoreFailure = config.onStoreFailure;
        limitSet.limits.push_back(std::move(global));
    }
    return limitSet;
}

std::vector<ConfigIssue> check(const Config &config)
{
    std::vector<ConfigIssue> issues = checkValues(config);
    checkListen(config, issues);
    checkAdmin(config, issues);
    append(issues, check(config.limit.appliedTo(limit::LimitSpec{})));
    checkHead(config.http, issues);
    if (config.trustedProxies.size() > kMostTrustedProxies)
        issues.push_back({"--trust-proxy", std::to_string(config.trustedProxies.size()) + " networks are too many",
                          "at most " + std::to_string(kMostTrustedProxies) + "; larger networks hold several"});
    if (config.dataDir.empty())
        issues.push_back({"--data-dir", "no folder is given", "an absolute path that can be written"});
    return issues;
}

} // namespace weir::config
