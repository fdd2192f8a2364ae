// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/settings.h"

#include <algorithm>

#include "core/config/limit_set.h"
#include "core/config/value_words.h"
#include "core/config/field_rows.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Row = Rows<Config>;
using Tables = std::vector<Setting>;

const char *const kServer = "server", *const kRedis = "redis";

// Above all tables: the one limit of a file that has no [[limit]]. What the store remembers holds where nothing is said.
void addLimit(Tables &all)
{
    const limit::LimitSpec usual;
    const auto add = [&](Setting setting, const std::string &unsaid) {
        setting.needsRestart = false;
        setting.unsaid = unsaid;
        all.push_back(std::move(setting));
    };
    add(Row::whole(
            {}, "capacity", {limit::kMinCapacity, limit::kMaxCapacity},
            "Most tokens in the bucket. A request takes one", [](auto &c) -> auto & { return c.limit.capacity; }),
        std::to_string(usual.capacity));
    Setting refill = Row::whole(
        {}, "refill", {1, limit::kMaxCapacity}, "Tokens that each interval adds",
        [](auto &c) -> auto & { return c.limit.refill; });
    refill.range = "1 to the capacity";
    refill = Row::withHint(std::move(refill), "a whole number from 1 to the capacity");
    add(std::move(refill), std::to_string(usual.refill));
    add(Row::duration(
            {}, "every", Range<Micros>{limit::kMinInterval, limit::kMaxInterval}, "The interval: 500ms 10s 1min 1h 1d",
            [](auto &c) -> auto & { return c.limit.interval; }),
        printDuration(usual.interval));
    add(Row::word(
            {}, "start", "LEVEL", kStartWords, "Level of a new bucket: full or empty",
            [](auto &c) -> auto & { return c.limit.start; }),
        "full");
    add(Row::word(
            {}, "on-store-failure", "POLICY", kPolicyWords,
            "While Redis cannot decide: local goes on from the last known level, reject answers 503, allow answers as "
            "if "
            "admitted",
            [](auto &c) -> auto & { return c.onStoreFailure; }),
        {});
}

constexpr const char *kAddressHint =
    "an address and a port from 0 to 65535, such as \"127.0.0.1:8000\" or \"[::1]:8000\"";

ReadValue<ListenAddress> readListenAddress(const std::string &text)
{
    if (const auto address = parseListenAddress(text))
        return *address;
    return ValueFault{shownInQuotes(text) + " is not an address and a port", kAddressHint};
}

// A file is read from wherever Weir is started, so a relative path in it would mean another one each time.
ReadValue<std::string> readPath(const std::string &text, const char *what)
{
    if (text.empty())
        return ValueFault{std::string{"no "} + what + " is given", "an absolute path"};
    if (text.front() != '/')
        return ValueFault{shownInQuotes(text) + " is not absolute", "a path that starts with /"};
    if (text.find('\0') != std::string::npos)
        return ValueFault{shownInQuotes(text) + " is no path", "a path without control characters"};
    return text;
}

template<class In>
Setting path(FieldPlace place, std::string name, std::string takes, const char *what, std::string help, In in)
{
    Setting setting = Row::text(std::move(place), std::move(name), std::move(takes), std::move(help), in,
                                [what](const std::string &text) { return readPath(text, what); });
    setting.form = Form::Path;
    setting.hint = "an absolute path in quotes";
    return setting;
}

ReadValue<std::string> readHost(const std::string &text)
{
    const bool isName = !text.empty() && text.find_first_of(" /@?#\"") == std::string::npos;
    if (isName)
        return text;
    return ValueFault{shownInQuotes(text) + " is not a name of a host",
                      "HOST or HOST:PORT, such as \"api.example:8000\""};
}

Setting adminPort()
{
    Setting admin = Row::text(
        {kServer}, "admin", "ADDR:PORT",
        "Where Weir is asked about itself and steered: metrics, health, forward auth for proxies; off: nowhere. "
        "Changes "
        "need the token in admin-token of the data folder. If another program has the default, Weir goes without",
        [](auto &c) -> auto & { return c.admin.address.host; },
        [](const std::string &text) -> ReadValue<std::string> { return text; });
    admin.print = [](const Config &config) -> Texts {
        return {config.admin.isOn ? printListenAddress(config.admin.address) : "off"};
    };
    admin.read = [](Config &config, const Texts &texts) -> std::vector<FieldFault> {
        if (texts.empty())
            return {};
        const auto address = parseListenAddress(texts.back());
        if (!address && texts.back() != "off")
            return {{0, shownInQuotes(texts.back()) + " is not an address and a port",
                     "an address and a port from 0 to 65535, such as \"127.0.0.1:8001\", or \"off\""}};
        config.admin = {address.has_value(), true, address.value_or(ListenAddress{})};
        return {};
    };
    admin.hint = "an address and a port in quotes, such as \"127.0.0.1:8001\", or \"off\"";
    return admin;
}

// Of what is done unless somebody says no.
Setting yesOrNo(Setting setting)
{
    setting.takes = "yes|no";
    setting.unsaid = "yes";
    setting.words = {"yes", "no"};
    return setting;
}

void addServer(Tables &all)
{
    Setting listen = Row::list(
        {kServer}, "listen", "ADDR:PORT",
        "Where requests come in; port 0 is any free port; may be repeated ([::1]:8000)",
        [](auto &c) -> auto & { return c.listen; }, readListenAddress, printListenAddress);
    listen.hint = "addresses and ports in quotes, such as [\"127.0.0.1:8000\"]";
    listen.read = [read = listen.read](Config &config, const Texts &texts) -> std::vector<FieldFault> {
        if (!texts.empty())
            return read(config, texts);
        return {{0, "no address to listen on", kAddressHint}};
    };
    all.push_back(std::move(listen));
    all.push_back(Row::onOff(
        {kServer}, "public", "Allow addresses that other machines can reach",
        [](auto &c) -> auto & { return c.isPublic; }));

    Setting threads = Row::whole(
        {kServer}, "threads", {1, kMaxThreads}, "Server threads", [](auto &c) -> auto & { return c.threads; });
    threads.unsaid = "one per core but one, which is left to Redis";
    threads.example = "2";
    threads.print = [](const Config &config) {
        return config.threads == 0 ? Texts{} : Texts{std::to_string(config.threads)};
    };
    all.push_back(std::move(threads));
    Setting lease = Row::whole(
        {kServer}, "lease", {0, kMaxLease},
        "Most tokens of a busy bucket that each server thread takes ahead, so that Redis is asked less often. "
        "What is not used in 0.1 s goes back; near an empty bucket none are taken",
        [](auto &c) -> auto & { return c.lease; });
    lease.unsaid = "0, off";
    all.push_back(std::move(lease));
    Setting folder = path(
        {kServer}, "data-dir", "DIR", "folder", "What must survive a restart, an absolute path in a file",
        [](auto &c) -> auto & { return c.dataDir; });
    folder.unsaid = "$XDG_STATE_HOME/weir or ~/.local/state/weir";
    folder.example = "\"/var/lib/weir\"";
    all.push_back(std::move(folder));
    all.push_back(yesOrNo(Row::onOff(
        {kServer}, "history",
        "Keep what was counted and what happened in history.sqlite of the data folder: by second for 2 hours, by "
        "minute "
        "for 14 days, by hour for 25 months",
        [](auto &c) -> auto & { return c.keepsHistory; })));
    all.push_back(adminPort());
    Setting adminHosts = Row::list(
        {kServer}, "admin-hosts", "HOST,...",
        "Names that the admin port answers to, besides its own address and localhost; a request for another Host is "
        "421, but for /v1/authorize",
        [](auto &c) -> auto & { return c.adminHosts; }, readHost, [](const std::string &text) { return text; });
    adminHosts.hint = "names in quotes, such as [\"weir:8001\"]";
    adminHosts.unsaid = "none";
    all.push_back(std::move(adminHosts));
    all.push_back(Row::word(
        {kServer}, "log-format", "FORMAT", {kLogFormats.begin(), kLogFormats.end()},
        "How the log is written: text, json (an object a line) or journal (for journald: a priority instead of "
        "the time). QT_LOGGING_RULES says which levels of which categories, see weir(1)",
        [](auto &c) -> auto & { return c.logFormat; }));

    Setting proxies = Row::list(
        {kServer}, "trust-proxy", "CIDR,...",
        "Proxies that are believed about the client's address, such as 127.0.0.1,10.0.0.0/8: the machines of "
        "the proxies alone; may be repeated",
        [](auto &c) -> auto & { return c.trustedProxies; }, readNetwork, printNetwork);
    proxies.hint = "networks in quotes, such as [\"10.0.0.0/8\"]";
    proxies.unsaid = "none";
    all.push_back(std::move(proxies));
    Setting header = Row::text(
        {kServer}, "client-header", "NAME",
        "The header field in which those proxies write it: X-Forwarded-For, Forwarded, or one of a single "
        "address such as X-Real-IP or CF-Connecting-IP. All others are ignored",
        [](auto &c) -> auto & { return c.clientHeader; },
        [](const std::string &text) -> ReadValue<std::string> {
            for (ConfigIssue &issue : checkClientHeader(text))
                return ValueFault{std::move(issue.problem), std::move(issue.hint)};
            return text;
        });
    header.hint = "the name of a header field in quotes, such as \"X-Real-IP\"";
    header.print = [](const Config &config) -> Texts { return {config.clientHeader}; };
    all.push_back(std::move(header));
}

// RFC 6454, 6.2: scheme, host and port, no path.
ReadValue<std::string> readOrigin(const std::string &text)
{
    const std::size_t host = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
    if (text == "*" || (host > 0 && text.size() > host && text.find_first_of(" /@?#\"", host) == std::string::npos))
        return text;
    return ValueFault{shownInQuotes(text) + " is not an origin",
                      "an origin such as \"https://app.example\", or \"*\" for each"};
}

void addBrowsers(Tables &all)
{
    const auto same = [](const std::string &text) { return text; };
    Setting hosts = Row::list(
        {kServer}, "hosts", "HOST,...",
        "Names that Weir answers to; a request for another Host is 421. Against pages whose name was pointed "
        "at this machine",
        [](auto &c) -> auto & { return c.http.hosts; }, readHost, same);
    hosts.hint = "names in quotes, such as [\"api.example:8000\"]";
    hosts.unsaid = "all";
    all.push_back(std::move(hosts));
    Setting cors = Row::list(
        {kServer}, "cors", "ORIGIN,...",
        "Pages of these origins may ask and read the answers, Retry-After among them; their preflights cost "
        "nothing",
        [](auto &c) -> auto & { return c.http.corsOrigins; }, readOrigin, same);
    cors.hint = "origins in quotes, such as [\"https://app.example\"]";
    cors.unsaid = "none";
    all.push_back(std::move(cors));
    all.push_back(Row::onOff(
        {kServer}, "refuse-cross-site",
        "Answer 403, without a token, to what a page of another site makes a browser send (Sec-Fetch-Site)",
        [](auto &c) -> auto & { return c.http.refusesCrossSite; }));
}

void addHttpLimits(Tables &all)
{
    all.push_back(Row::onOff(
        {kServer}, "proxy-protocol", "Trusted proxies begin each connection with the PROXY protocol, version 1 or 2",
        [](auto &c) -> auto & { return c.http.takesProxyProtocol; }));
    all.push_back(Row::duration(
        {kServer}, "retry-spread", kRetrySpreads,
        "A refused client is told up to so much more than it has to wait, so that not all come back in "
        "the same second",
        [](auto &c) -> auto & { return c.http.retrySpread; }));
    all.push_back(Row::size(
        {kServer}, "max-url", kUrlBytes, "Longest request target; more is 414",
        [](auto &c) -> auto & { return c.http.maxUrlBytes; }));
    all.push_back(Row::size(
        {kServer}, "max-header", kHeaderBytes,
        "Most bytes of header fields in a request, and " + printByteSize(kMostHeadBytes)
            + " together with max-url; more is 431",
        [](auto &c) -> auto & { return c.http.maxHeaderBytes; }));
    all.push_back(Row::whole(
        {kServer}, "max-header-fields", {kHeaderFields.least, kHeaderFields.most},
        "Most header fields in a request; more is 431", [](auto &c) -> auto & { return c.http.maxHeaderFields; }));
    all.push_back(Row::size(
        {kServer}, "max-body", kBodyBytes, "Longest content of a request; more is 413",
        [](auto &c) -> auto & { return c.http.maxBodyBytes; }));
    all.push_back(Row::whole(
        {kServer}, "max-connections", {kConnections.least, kConnections.most},
        "Most connections at a time, or what the descriptor limit leaves; more get 503",
        [](auto &c) -> auto & { return c.http.maxConnections; }));
    all.push_back(Row::whole(
        {kServer}, "max-connections-per-address", {kConnections.least, kConnections.most},
        "Most connections from one address, loopback exempt",
        [](auto &c) -> auto & { return c.http.maxConnectionsPerAddress; }));
    all.push_back(Row::duration(
        {kServer}, "header-timeout", kTimeouts, "From the first byte of a request to the end of its header; then 408",
        [](auto &c) -> auto & { return c.http.headerTimeout; }));
    all.push_back(Row::duration(
        {kServer}, "body-timeout", kTimeouts, "From there to the end of its content; then 408",
        [](auto &c) -> auto & { return c.http.bodyTimeout; }));
    all.push_back(Row::duration(
        {kServer}, "idle-timeout", kTimeouts, "How long a connection stays open without a request",
        [](auto &c) -> auto & { return c.http.idleTimeout; }));
    all.push_back(Row::size(
        {kServer}, "max-unread", kUnreadBytes, "Most bytes of answers that a client leaves unread before it is cut off",
        [](auto &c) -> auto & { return c.http.maxUnreadBytes; }));
}

void addRedis(Tables &all)
{
    Setting url = Row::text(
        {kRedis, "url"}, "redis", "URL",
        "Use this Redis: [USER:PASS@] in redis://HOST:PORT/DB, rediss://HOST:PORT/DB (TLS), unix:/PATH, "
        "sentinel://HOST,HOST,HOST/NAME or cluster://HOST,HOST",
        [](auto &c) -> auto & { return c.redisUrl; },
        [](const std::string &text) -> ReadValue<std::string> {
            if (text.find_first_not_of(" \t") != std::string::npos)
                return text;
            return ValueFault{"the URL is empty",
                              "redis://host:port/db or unix:/path; without a URL it is a private one"};
        });
    url.hint = "a URL in quotes, such as \"redis://localhost:6379/0\"";
    url.unsaid = "a private one";
    url.example = "\"redis://localhost:6379/0\"";
    all.push_back(std::move(url));
    const auto file = [&](const char *name, const char *key, const char *help, const char *example, auto in) {
        Setting setting = path({kRedis, key}, name, "FILE", "file", help, in);
        setting.example = example;
        all.push_back(std::move(setting));
    };
    file(
        "redis-ca", "ca", "rediss://: certificates (PEM) to trust. Without it those that this system trusts",
        "\"/etc/weir/ca.pem\"", [](auto &c) -> auto & { return c.redisTls.ca; });
    file(
        "redis-cert", "cert", "rediss://: the client certificate (PEM), with redis-key", "\"/etc/weir/client.pem\"",
        [](auto &c) -> auto & { return c.redisTls.certificate; });
    file(
        "redis-key", "key", "rediss://: its private key (PEM, without a passphrase)", "\"/etc/weir/client.key\"",
        [](auto &c) -> auto & { return c.redisTls.key; });
    Setting prefix = Row::text(
        {kRedis, "prefix"}, "redis-prefix", "NAME",
        "The names of all keys begin with weir:NAME: so that two environments on one Redis do not meet. 1 to 32 of "
        "a-z, 0-9 and -",
        [](auto &c) -> auto & { return c.redisPrefix; },
        [](const std::string &text) -> ReadValue<std::string> {
            constexpr std::size_t kLongest = 32;
            if (!text.empty() && text.size() <= kLongest
                && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos)
                return text;
            return ValueFault{shownInQuotes(text) + " cannot be a prefix", "1 to 32 of a-z, 0-9 and -"};
        });
    prefix.hint = "a name in quotes, such as \"staging\"";
    prefix.unsaid = "none";
    prefix.example = "\"staging\"";
    all.push_back(std::move(prefix));
    all.push_back(yesOrNo(Row::onOff(
        {kRedis, "wait_for_redis"}, "wait-for-redis",
        "Start although Redis does not answer, decide as on_store_failure says, and go on trying. no: exit with 1",
        [](auto &c) -> auto & { return c.waitForRedis; })));
}

// Of all limits alike; in a file only.
void addKeys(Tables &all)
{
    Setting onChange = Row::word(
        {}, "on_change", {}, {"keep", "proportional", "refill"},
        "What a change of numbers in this file makes of the tokens there are: keep them, as the panel does "
        "if nothing else is said, the same share of the new capacity, or refill",
        [](auto &c) -> auto & { return c.onChange; });
    onChange.name.clear();
    onChange.needsRestart = false;
    all.push_back(std::move(onChange));
    const auto add = [&](Setting setting) {
        setting.name.clear();
        setting.needsRestart = false;
        all.push_back(std::move(setting));
    };
    add(Row::whole(
        {"keys"}, "ipv6-prefix", {kIpv6Prefixes.least, kIpv6Prefixes.most},
        "Bits of an IPv6 address that make one client: a home or an office has a network of them",
        [](auto &c) -> auto & { return c.limitSet.keys.ipv6Prefix; }));
    add(Row::onOff(
        {"keys"}, "fold",
        "true: limits and prices by path mean its other spellings too (case, //, /../, %2F, ;a=b), and keys that "
        "differ in "
        "case only are one",
        [](auto &c) -> auto & { return c.limitSet.keys.folds; }));
    add(Row::whole(
        {"keys"}, "max-live", kLiveKeys, "Buckets that each limit keeps at a time; more clients share one",
        [](auto &c) -> auto & { return c.limitSet.keys.maxLive; }));
}

std::vector<Setting> all()
{
    std::vector<Setting> all;
    addLimit(all);
    addServer(all);
    addBrowsers(all);
    addHttpLimits(all);
    addRedis(all);
    addKeys(all);
    return all;
}

} // namespace

const std::vector<Setting> &settings()
{
    static const std::vector<Setting> kAll = all();
    return kAll;
}

const Setting *settingOf(std::string_view option)
{
    const auto found = std::find_if(settings().begin(), settings().end(),
                                    [&](const Setting &setting) { return !option.empty() && setting.name == option; });
    return found == settings().end() ? nullptr : &*found;
}

std::vector<ConfigIssue> checkValues(const Config &config)
{
    std::vector<ConfigIssue> issues;
    Config scratch;
    for (const Setting &setting : settings())
        if (!setting.name.empty() && !setting.table.empty())
            for (FieldFault &fault : setting.read(scratch, setting.print(config)))
                issues.push_back({"--" + setting.name, std::move(fault.problem), std::move(fault.hint)});
    return issues;
}

std::vector<std::string> changedForRestart(const Config &before, const Config &after)
{
    std::vector<std::string> paths;
    for (const Setting &setting : settings())
        if (setting.needsRestart && setting.print(before) != setting.print(after))
            paths.push_back(setting.path());
    return paths;
}

} // namespace weir::config
