// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_http_values.h"

namespace weir::app {
namespace {

using config::Range;

const QString kClientHeader = QStringLiteral("client-header");

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
    const QString name = QStringLiteral("trust-proxy");
    const QStringList values = reader.values(name);
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
                reader.fail(name, quoted(text) + QLatin1Char{' '} + QString::fromStdString(fault->problem),
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
    if (!reader.isSaid(kClientHeader) && !reader.file().says(kClientHeader))
        return {};
    const std::string where = reader.warningAt(kClientHeader);
    if (config.trustedProxies.empty())
        return {{where, "it has no effect, because no proxy is believed about its clients",
                 "--trust-proxy with the addresses of the proxies"}};
    if (const std::string meant = config::meantClientHeader(config.clientHeader); !meant.empty())
        return {{where, "no usual proxy writes \"" + config.clientHeader + "\"", "Did you mean " + meant + "?"}};
    return {};
}

} // namespace weir::app
