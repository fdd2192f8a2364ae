// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/server_section.h"

#include "core/config/file_keys.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

void readListen(TableReader &server, std::vector<ListenAddress> &listen)
{
    constexpr const char *kHint = "an address and a port from 0 to 65535, such as \"127.0.0.1:8000\" or \"[::1]:8000\"";
    const auto items = server.texts("listen", kHint);
    if (!items)
        return;
    if (items->empty() && !server.issues().hasFailed("server.listen[1]"))
        server.issues().fail("server.listen", "no address to listen on", kHint);
    std::vector<ListenAddress> addresses;
    for (const auto &[text, path] : *items)
        if (const auto address = parseListenAddress(text))
            addresses.push_back(*address);
        else
            server.issues().fail(path, shownInQuotes(text) + " is not an address and a port", kHint);
    if (!addresses.empty()) // else nothing that can be checked further
        listen = std::move(addresses);
}

void readTrustedProxies(TableReader &server, std::vector<Network> &networks)
{
    const auto items = server.texts("trust_proxy", "networks in quotes, such as [\"10.0.0.0/8\"]");
    if (!items)
        return;
    networks.clear();
    for (const auto &[text, path] : *items) {
        const auto read = parseNetwork(text);
        if (const auto *network = std::get_if<Network>(&read))
            networks.push_back(*network);
        else if (const auto *fault = std::get_if<NetworkFault>(&read))
            server.issues().fail(path, shownInQuotes(text) + " " + fault->problem, fault->hint);
    }
}

void readClientHeader(TableReader &server, std::string &name)
{
    const auto text = server.text("client_header", "the name of a header field in quotes, such as \"X-Real-IP\"");
    if (!text)
        return;
    const std::vector<ConfigIssue> issues = checkClientHeader(*text);
    for (const ConfigIssue &issue : issues)
        server.issues().fail("server.client_header", issue.problem, issue.hint);
    if (issues.empty())
        name = *text;
}

template<class Number>
void readSize(TableReader &server, const char *key, Range<std::uint64_t> range, Number &size)
{
    if (const auto bytes = server.byteSize(key, range))
        size = *bytes;
}

void readCount(TableReader &server, const char *key, Range<int> range, int &count)
{
    if (const auto number = server.whole(key, range.least, range.most))
        count = static_cast<int>(*number);
}

void readTime(TableReader &server, const char *key, std::chrono::milliseconds &time)
{
    if (const auto read = server.duration(key, Range<Micros>{kTimeouts.least, kTimeouts.most}))
        time = std::chrono::duration_cast<std::chrono::milliseconds>(*read);
}

void readHttpLimits(TableReader &server, HttpLimits &limits)
{
    readSize(server, "max_url", kUrlBytes, limits.maxUrlBytes);
    readSize(server, "max_header", kHeaderBytes, limits.maxHeaderBytes);
    readCount(server, "max_header_fields", kHeaderFields, limits.maxHeaderFields);
    readSize(server, "max_body", kBodyBytes, limits.maxBodyBytes);
    readCount(server, "max_connections", kConnections, limits.maxConnections);
    readCount(server, "max_connections_per_address", kConnections, limits.maxConnectionsPerAddress);
    readTime(server, "header_timeout", limits.headerTimeout);
    readTime(server, "body_timeout", limits.bodyTimeout);
    readTime(server, "idle_timeout", limits.idleTimeout);
    readSize(server, "max_unread", kUnreadBytes, limits.maxUnreadBytes);
}

// A file is read from wherever Weir is started, so a relative path in it would mean another one each time.
void readPath(TableReader &table, const std::string &key, std::string &target)
{
    const auto text = table.text(key, "an absolute path in quotes");
    if (!text)
        return;
    if (text->empty())
        table.issues().fail(table.pathOf(key), "no path is given", "an absolute path");
    else if (text->front() != '/')
        table.issues().fail(table.pathOf(key), shownInQuotes(*text) + " is not absolute", "a path that starts with /");
    else if (text->find('\0') != std::string::npos)
        table.issues().fail(table.pathOf(key), shownInQuotes(*text) + " is no path",
                            "a path without control characters");
    else
        target = *text;
}

} // namespace

void readServerSection(TableReader &server, Config &config)
{
    readListen(server, config.listen);
    config.isPublic = server.flag("public").value_or(config.isPublic);
    if (const auto threads = server.whole("threads", 1, kMaxThreads))
        config.threads = static_cast<int>(*threads);
    config.lease = server.whole("lease", 0, kMaxLease).value_or(config.lease);
    readPath(server, "data_dir", config.dataDir);
    (void)server.word("admin", {"off"}); // this version has no admin port
    if (const auto format = server.word("log_format", {kLogFormats.begin(), kLogFormats.end()}))
        config.logFormat = static_cast<LogFormat>(*format);
    readTrustedProxies(server, config.trustedProxies);
    readClientHeader(server, config.clientHeader);
    readHttpLimits(server, config.http);
    server.reportUnknown(homeOfServerKey);
}

void readRedisSection(TableReader &redis, Config &config)
{
    if (auto url = redis.text("url", "a URL in quotes, such as \"redis://localhost:6379/0\"")) {
        if (url->empty())
            redis.issues().fail("redis.url", "the URL is empty",
                                "redis://host:port/db or unix:/path; without url it is a private one");
        config.redisUrl = *std::move(url);
    }
    readPath(redis, "ca", config.redisTls.ca);
    readPath(redis, "cert", config.redisTls.certificate);
    readPath(redis, "key", config.redisTls.key);
    redis.reportUnknown(homeOfServerKey);
}

std::string homeOfServerKey(const std::string &key)
{
    for (const FileKey &known : kFileKeys) {
        const std::string path{known.path};
        const std::size_t dot = path.find('.');
        if (path.substr(dot + 1) != key && canonicalKey(known.option) != key)
            continue;
        if (dot == std::string::npos)
            return "Put it in a [[limit]], or above the first table";
        return "Put " + path.substr(dot + 1) + " in [" + path.substr(0, dot) + "]";
    }
    return {};
}

} // namespace weir::config
