// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_warnings.h"

namespace weir::app {
namespace {

const QString kTrustProxy = QStringLiteral("trust-proxy"), kClientHeader = QStringLiteral("client-header");

// All addresses of one kind.
bool isEverybody(const Network &network)
{
    constexpr int kBitsBeforeIpv4 = 96;
    return network.prefixBits == (network.base.isIpv4() ? kBitsBeforeIpv4 : 0);
}

} // namespace

std::vector<config::ConfigIssue> warningsOfProxies(const OptionReader &reader, const config::Config &config)
{
    std::vector<config::ConfigIssue> warnings;
    const auto warn = [&](const QString &name, std::string problem, std::string hint) {
        warnings.push_back({reader.warningAt(name), std::move(problem), std::move(hint)});
    };
    for (const Network &network : config.trustedProxies)
        if (isEverybody(network))
            warn(kTrustProxy, printNetwork(network) + " is everybody, so every client can say who it is",
                 "the addresses of the proxies alone");
    if (!reader.isSaid(kClientHeader) && !reader.file().says(kClientHeader))
        return warnings;
    if (config.trustedProxies.empty())
        warn(kClientHeader, "it has no effect, because no proxy is believed about its clients",
             "--trust-proxy with the addresses of the proxies");
    else if (const std::string meant = config::meantClientHeader(config.clientHeader); !meant.empty())
        warn(kClientHeader, "no usual proxy writes \"" + config.clientHeader + "\"", "Did you mean " + meant + "?");
    return warnings;
}

} // namespace weir::app
