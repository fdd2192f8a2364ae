// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config.h"

#include <algorithm>

namespace weir::config {
namespace {

bool isLoopback(const std::string &host)
{
    const auto address = parseIpAddress(host);
    return address && address->isLoopback();
}

void checkListen(const Config &config, std::vector<ConfigIssue> &issues)
{
    if (config.listen.empty())
        issues.push_back({"--listen", "no address to listen on", "an address and a port, such as 127.0.0.1:8000"});
    for (auto it = config.listen.begin(); it != config.listen.end(); ++it) {
        const std::string text = printListenAddress(*it);
        if (!parseListenAddress(text))
            issues.push_back({"--listen", "\"" + it->host + "\" is not an IPv4 or IPv6 address", "127.0.0.1 or ::1"});
        else if (!config.isPublic && !isLoopback(it->host))
            issues.push_back({"--listen", text + " can be reached from other machines",
                              "127.0.0.1 or [::1], or --public if that is meant"});
        // Port 0 twice is two different ports.
        if (it->port != 0 && std::find(config.listen.begin(), it, *it) != it)
            issues.push_back({"--listen", text + " is given twice", "each address once"});
    }
}

void checkTrustedProxies(const std::vector<Network> &networks, std::vector<ConfigIssue> &issues)
{
    if (networks.size() > kMostTrustedProxies)
        issues.push_back({"--trust-proxy", std::to_string(networks.size()) + " networks are too many",
                          "at most " + std::to_string(kMostTrustedProxies) + "; larger networks hold several"});
    for (const Network &network : networks) {
        const std::string text = printNetwork(network);
        const auto read = parseNetwork(text);
        if (const auto *fault = std::get_if<NetworkFault>(&read))
            issues.push_back({"--trust-proxy", "\"" + text + "\" " + fault->problem, fault->hint});
    }
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
    if (capacity) {
        base.capacity = *capacity;
        // At least 1: a capacity out of range is one problem, not two.
        base.refill = std::max<limit::Tokens>(1, std::min(base.refill, *capacity));
    }
    if (limit::isWindow(base.algorithm))
        base.refill = base.capacity;
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
    std::vector<ConfigIssue> issues;
    checkListen(config, issues);
    append(issues, check(config.limit.appliedTo(limit::LimitSpec{})));
    if (config.threads < 0 || config.threads > kMaxThreads)
        issues.push_back({"--threads", std::to_string(config.threads) + " is out of range",
                          "a whole number from 1 to " + std::to_string(kMaxThreads)});
    if (config.lease < 0 || config.lease > kMaxLease)
        issues.push_back({"--lease", std::to_string(config.lease) + " is out of range",
                          "a whole number from 0 to " + std::to_string(kMaxLease)});
    append(issues, check(config.http));
    checkTrustedProxies(config.trustedProxies, issues);
    append(issues, checkClientHeader(config.clientHeader));
    if (config.dataDir.empty())
        issues.push_back({"--data-dir", "no folder is given", "an absolute path that can be written"});
    else if (config.dataDir.front() != '/')
        issues.push_back({"--data-dir", "\"" + config.dataDir + "\" is not absolute", "a path that starts with /"});
    return issues;
}

} // namespace weir::config
