// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_http_values.h"

namespace weir::app {
namespace {

using config::Range;

const QString kTrustProxy = QStringLiteral("trust-proxy"), kClientHeader = QStringLiteral("client-header");

// All addresses of one kind.
bool isEverybody(const Network &network)
{
    constexpr int kBitsBeforeIpv4 = 96;
    return network.prefixBits == (network.base.isIpv4() ? kBitsBeforeIpv4 : 0);
}

std::uint64_t bytesOr(std::uint64_t fallback, OptionReader &reader, const QString &name, Range<std::uint64_t> range)
{
    return readByteSize(reader, name, range.least, range.most).value_or(fallback);
}

int countOr(int fallback, OptionReader &reader, const QString &name, Range<int> range)
{
    const QString hint = QStringLiteral("a whole number from %1 to %2").arg(range.least).arg(range.most);
    return static_cast<int>(readWhole(reader, name, range.least, range.most, hint).value_or(fallback));
}

std::chrono::milliseconds timeOr(std::chrono::milliseconds fallback, OptionReader &reader, const QString &name,
                                 Range<std::chrono::milliseconds> range)
{
    const auto time = readDuration(reader, name, range.least, range.most);
    return time ? std::chrono::duration_cast<std::chrono::milliseconds>(*time) : fallback;
}

} // namespace

config::HttpLimits readHttpLimits(OptionReader &reader)
{
    using namespace config;
    HttpLimits limits = reader.file().file.config.http;
    limits.maxUrlBytes = bytesOr(limits.maxUrlBytes, reader, QStringLiteral("max-url"), kUrlBytes);
    limits.maxHeaderBytes = bytesOr(limits.maxHeaderBytes, reader, QStringLiteral("max-header"), kHeaderBytes);
    limits.maxHeaderFields =
        countOr(limits.maxHeaderFields, reader, QStringLiteral("max-header-fields"), kHeaderFields);
    limits.maxBodyBytes = bytesOr(limits.maxBodyBytes, reader, QStringLiteral("max-body"), kBodyBytes);
    limits.maxConnections = countOr(limits.maxConnections, reader, QStringLiteral("max-connections"), kConnections);
    limits.maxConnectionsPerAddress =
        countOr(limits.maxConnectionsPerAddress, reader, QStringLiteral("max-connections-per-address"), kConnections);
    limits.headerTimeout = timeOr(limits.headerTimeout, reader, QStringLiteral("header-timeout"), kTimeouts);
    limits.bodyTimeout = timeOr(limits.bodyTimeout, reader, QStringLiteral("body-timeout"), kTimeouts);
    limits.idleTimeout = timeOr(limits.idleTimeout, reader, QStringLiteral("idle-timeout"), kTimeouts);
    limits.maxUnreadBytes = bytesOr(limits.maxUnreadBytes, reader, QStringLiteral("max-unread"), kUnreadBytes);
    return limits;
}

std::vector<Network> readTrustedProxies(OptionReader &reader)
{
    const QStringList values = reader.values(kTrustProxy);
    if (values.isEmpty())
        return reader.file().file.config.trustedProxies;
    std::vector<Network> networks;
    for (const QString &texts : values)
        for (const QString &part : texts.split(QLatin1Char{','})) {
            const QString text = part.trimmed();
            const auto read = parseNetwork(text.toStdString());
            if (const auto *network = std::get_if<Network>(&read))
                networks.push_back(*network);
            else if (const auto *fault = std::get_if<NetworkFault>(&read))
                reader.fail(kTrustProxy, quoted(text) + QLatin1Char{' '} + QString::fromStdString(fault->problem),
                            QString::fromStdString(fault->hint));
        }
    return networks;
}

std::string readClientHeader(const OptionReader &reader)
{
    const auto said = reader.value(kClientHeader);
    return said ? said->toStdString() : reader.file().file.config.clientHeader;
}

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
