// SPDX-License-Identifier: GPL-3.0-only
// A configuration file: what each key means, and texts that no configuration is.
#include <QTest>

#include "core/base/byte_size.h"
#include "core/config/toml_reader.h"

using namespace weir;
using namespace weir::config;
using namespace std::chrono_literals;

namespace {

ConfigFile readGood(std::string_view text)
{
    ConfigFile file = readConfigText(text);
    for (const FileIssue &issue : file.issues)
        QTest::qFail(printIssue(inFile("file", issue)).c_str(), __FILE__, __LINE__);
    return file;
}

std::string firstIssue(std::string_view text)
{
    const ConfigFile file = readConfigText(text);
    return file.issues.empty() ? std::string{} : printIssue(inFile("file", file.issues.front()));
}

std::string repeated(std::string_view text, int times)
{
    std::string result;
    for (int i = 0; i < times; ++i)
        result += text;
    return result;
}

Network network(std::string_view text)
{
    return std::get<Network>(parseNetwork(text));
}

} // namespace

class TestTomlReader : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingSaidIsTheDefault()
    {
        for (const char *text :
             {"", "\n\n", "# nothing\n", "\xEF\xBB\xBF", "[server]\n[redis]\n[allow]\n[block]\n[keys]\n"}) {
            const ConfigFile file = readGood(text);
            QVERIFY(limitsOf(file.config) == limitsOf(Config{}));
            QCOMPARE(file.config.listen, Config{}.listen);
            QVERIFY(file.config.http == HttpLimits{});
            QVERIFY(file.config.limit.isEmpty());
        }
        const LimitSet limitSet = limitsOf(Config{});
        QCOMPARE(limitSet.limits.size(), std::size_t{1});
        QVERIFY(limitSet.limits.front() == LimitEntry{});
    }

    void theServer()
    {
        const ConfigFile file = readGood("[server]\n"
                                         "listen = ['127.0.0.1:8000', '[::1]:0']\n"
                                         "public = true\n"
                                         "threads = 2\n"
                                         "lease = 10000\n"
                                         "data-dir = '/d'\n"
                                         "admin = '[::1]:9'\n"
                                         "log-format = 'json'\n"
                                         "trust_proxy = ['10.0.0.0/8', '::1']\n"
                                         "client-header = 'Forwarded'\n"
                                         "max_url = '8KiB'\n"
                                         "max_header = 300\n"
                                         "max_header_fields = 7\n"
                                         "max_body = 0\n"
                                         "max_connections = 20\n"
                                         "max_connections_per_address = 30\n"
                                         "header_timeout = '250ms'\n"
                                         "body_timeout = '1h'\n"
                                         "idle_timeout = '1min'\n"
                                         "max_unread = '1MiB'\n"
                                         "[redis]\n"
                                         "url = 'rediss://h'\n"
                                         "ca = '/ca'\n"
                                         "cert = '/cert'\n"
                                         "key = '/key'\n");
        const Config &config = file.config;
        QCOMPARE(config.listen, (std::vector<ListenAddress>{{"127.0.0.1", 8000}, {"::1", 0}}));
        QVERIFY(config.isPublic);
        QCOMPARE(config.threads, 2);
        QCOMPARE(config.lease, kMaxLease);
        QCOMPARE(config.dataDir, std::string{"/d"});
        QVERIFY(config.admin.isOn);
        QCOMPARE(config.admin.address, (ListenAddress{"::1", 9}));
        QCOMPARE(config.trustedProxies, (std::vector{network("10.0.0.0/8"), network("::1")}));
        QCOMPARE(config.clientHeader, std::string{"Forwarded"});
        QCOMPARE(int(config.logFormat), int(LogFormat::Json));
        QVERIFY(config.http == (HttpLimits{8192, 300, 7, 0, 20, 30, 250ms, 1h, 1min, 1'048'576}));
        QCOMPARE(config.redisUrl, std::string{"rediss://h"});
        QCOMPARE(config.redisTls.ca + config.redisTls.certificate + config.redisTls.key, std::string{"/ca/cert/key"});
        QCOMPARE(file.lines.at("server.data_dir"), 6);
    }

    void theOneLimit()
    {
        const ConfigFile file = readGood("capacity = 50\nrefill = 7\nevery = \"10s\"\nstart = \"empty\"\n"
                                         "on-store-failure = \"allow\"\n");
        const LimitEntry limit = limitsOf(file.config).limits.at(0);
        QCOMPARE(limit.name, std::string{"global"});
        QVERIFY(limit.spec
                == (limit::LimitSpec{.capacity = 50, .refill = 7, .interval = 10s, .start = limit::StartLevel::Empty}));
        QCOMPARE(int(limit.onStoreFailure), int(StoreFailurePolicy::Allow));
    }

    void aLimitWithEverything()
    {
        const ConfigFile file = readGood(
            "[[limit]]\n"
            "name = 'per-client'\n"
            "enabled = false\n"
            "match = { path = '/api/*', methods = ['GET', 'POST'], network = ['10.0.0.0/8'], header = { X-Plan = "
            "'free', A = '' } }\n"
            "key = ['ip', 'header:X-Api-Key', 'cookie:sid', 'query:token']\n"
            "algorithm = 'gcra'\n"
            "capacity = 10\n"
            "refill = 4\n"
            "every = '1h'\n"
            "start = 'empty'\n"
            "cost = 2\n"
            "cost_by_route = [{ path = '/api/search', methods = ['POST'], cost = 0 }, { network = '::1', cost = 10 }]\n"
            "cost_header = 'X-Cost'\n"
            "on_store_failure = 'reject'\n"
            "shadow = true\n");
        LimitEntry limit;
        limit.name = "per-client";
        limit.isOn = false;
        limit.match = {"/api/*", {"GET", "POST"}, {network("10.0.0.0/8")}, {{"A", ""}, {"X-Plan", "free"}}};
        limit.key = {{KeyPart::Kind::Ip, ""},
                     {KeyPart::Kind::Header, "X-Api-Key"},
                     {KeyPart::Kind::Cookie, "sid"},
                     {KeyPart::Kind::Query, "token"}};
        limit.spec = {10, 4, 1h, limit::StartLevel::Empty, limit::Algorithm::Gcra};
        limit.cost = {2, {{{"/api/search", {"POST"}, {}, {}}, 0}, {{"", {}, {network("::1")}, {}}, 10}}, "X-Cost"};
        limit.onStoreFailure = StoreFailurePolicy::Reject;
        limit.isShadow = true;
        QCOMPARE(file.config.limitSet.limits.size(), std::size_t{1});
        QVERIFY(file.config.limitSet.limits.front() == limit);
    }

    void tablesOfTheirOwnMeanTheSame()
    {
        const ConfigFile file = readGood("[[limit]]\n"
                                         "name = 'a'\n"
                                         "capacity = 9\n"
                                         "[limit.match]\n"
                                         "path = '/a'\n"
                                         "[limit.match.header]\n"
                                         "X-Plan = 'free'\n"
                                         "[[limit.cost_by_route]]\n"
                                         "path = '/b'\n"
                                         "cost = 2\n"
                                         "\n"
                                         "[[limit]]\n"
                                         "name = 'b'\n"
                                         "match.path = '/b'\n"
                                         "key = 'ip'\n");
        const auto &limits = file.config.limitSet.limits;
        QCOMPARE(limits.size(), std::size_t{2});
        QVERIFY((limits[0].match == RequestMatch{"/a", {}, {}, {{"X-Plan", "free"}}}));
        QCOMPARE(limits[0].cost.routes.size(), std::size_t{1});
        QCOMPARE(limits[1].match.path, std::string{"/b"});
        QCOMPARE(limits[1].key.size(), std::size_t{1});
    }

    void whatIsUnsaidFollowsFromWhatIsSaid()
    {
        const auto spec = [](const char *keys) {
            return readGood(std::string{"[[limit]]\nname = \"a\"\n"} + keys).config.limitSet.limits.at(0).spec;
        };
        QCOMPARE(spec("").refill, limit::Tokens{5});
        QCOMPARE(spec("capacity = 3\n").refill, limit::Tokens{3});
        QCOMPARE(spec("capacity = 100\nevery = \"2s\"\n").refill, limit::Tokens{100});
        // A window has no refill: it is the capacity.
        QCOMPARE(spec("algorithm = \"fixed-window\"\ncapacity = 100\n").refill, limit::Tokens{100});
        QCOMPARE(spec("algorithm = \"sliding-log\"\ncapacity = 7\nrefill = 7\n").refill, limit::Tokens{7});
        QVERIFY(readGood("[[limit]]\nname = \"a\"\nkey = [\"global\"]\n").config.limitSet.limits.at(0).key.empty());
        QVERIFY(readGood("[[limit]]\nname = \"a\"\ncost = 0\ncost_header = \"X\"\n").isUsable());
    }

    void accessAndKeys()
    {
        const LimitSet limitSet = readGood("[allow]\n"
                                           "networks = ['192.168.0.0/16']\n"
                                           "keys = ['header:X-Key=a=b', 'cookie:sid=']\n"
                                           "[block]\n"
                                           "networks = '10.0.0.0/8'\n"
                                           "keys = ['query:token=x']\n"
                                           "[keys]\n"
                                           "ipv6_prefix = 56\n"
                                           "max_live = 10000000\n")
                                      .config.limitSet;
        QCOMPARE(limitSet.allow.networks, std::vector{network("192.168.0.0/16")});
        QVERIFY((
            limitSet.allow.keys
            == std::vector<KeyValue>{{{KeyPart::Kind::Header, "X-Key"}, "a=b"}, {{KeyPart::Kind::Cookie, "sid"}, ""}}));
        QCOMPARE(limitSet.block.networks, std::vector{network("10.0.0.0/8")});
        QVERIFY((limitSet.block.keys == std::vector<KeyValue>{{{KeyPart::Kind::Query, "token"}, "x"}}));
        QVERIFY((limitSet.keys == KeySettings{56, 10'000'000}));
    }

    void linesEndAsTheyLike()
    {
        const ConfigFile file = readGood("\xEF\xBB\xBF# comment\r\ncapacity = 9\r\n\r\n[server]\r\nthreads = 1\r\n");
        QCOMPARE(file.config.limit.capacity, std::optional<limit::Tokens>{9});
        QCOMPARE(file.lines.at("server.threads"), 5);
        QCOMPARE(readGood("capacity = 9").config.limit.capacity, std::optional<limit::Tokens>{9}); // no final line feed
    }

    void whatIsNotCertainIsNotWarnedOf_data()
    {
        QTest::addColumn<QByteArray>("other");
        const auto row = [](const char *other) { QTest::newRow(other) << QByteArray{other}; };
        row("key = [\"header:X\"]");          // other buckets
        row("every = \"2min\"");              // another interval: neither is stricter at every moment
        row("algorithm = \"gcra\"");          // other moments
        row("cost = 2");                      // other costs
        row("start = \"empty\"");             // a new bucket can refuse
        row("on_store_failure = \"reject\""); // refuses while Redis is away
        row("capacity = 4\nrefill = 4");      // stricter itself, and the first one is for fewer requests
        row("shadow = true");                 // counts
        row("enabled = false");               // is meant to be off
    }
    void whatIsNotCertainIsNotWarnedOf()
    {
        QFETCH(const QByteArray, other);
        const std::string first = "[[limit]]\nname = \"a\"\nkey = [\"ip\"]\nmatch = { path = \"/api/*\" }\n";
        const bool isKeyed = other.startsWith("key");
        (void)readGood(first + "[[limit]]\nname = \"b\"\nmatch = { path = \"/api/x\" }\n"
                       + (isKeyed ? "" : "key = \"ip\"\n") + other.toStdString() + "\n");
        (void)readGood(first
                       + "[[limit]]\nname = \"b\"\nkey = \"ip\"\nmatch = { path = \"/ap/*\" }\n"); // other requests
        (void)readGood(first + "[[limit]]\nname = \"b\"\nkey = \"ip\"\ncapacity = 6\n");           // more requests
    }

    void noTextIsTooMuch_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const std::string &text, const char *says) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray{says};
        };
        constexpr int kLarge = 500'000;
        row("10 MB", std::string(10'000'000, '#'), "file: the file has more than 1 MiB");
        row("brackets", "a = " + std::string(kLarge, '['), "nested too deep");
        row("braces", "a = " + repeated("{a=", kLarge / 2), "nested too deep");
        row("dotted key", repeated("a.", kLarge / 2) + "a = 1", "nested too deep");
        row("dotted header", "[" + repeated("a.", kLarge / 2) + "a]", "nested too deep");
        row("quoted keys", repeated("\"a\" . ", kLarge / 10) + "a = 1", "nested too deep");
        row("10,000 limits", repeated("[[limit]]\nname = \"a\"\n", 10'000),
            "10000 limits are too many. Use at most 100");
        row("NUL", std::string(1'000'000, '\0'), "file:1:1: a byte is 0");
        row("all bytes", "\xff\xfe\x80", "not UTF-8");
        row("surrogate", "a = \"\xed\xa0\x80\"", "not UTF-8");
        row("a long line", "a = \"" + std::string(1'000'000, 'x') + "\"", "there is no such key");
        row("a long key", std::string(1'000'000, 'x') + " = 1", "xx…: there is no such key");
        row(
            "many unknown keys",
            [] {
                std::string text;
                for (int i = 0; i < 20'000; ++i)
                    text += "k" + std::to_string(i) + " = 1\n";
                return text;
            }(),
            "file:1: k0: there is no such key");
        row("quotes", std::string(kLarge, '"'), "file:1:");
        row("backslashes", "a = \"" + std::string(kLarge, '\\'), "file:1:");
    }
    void noTextIsTooMuch()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, says);
        const ConfigFile file = readConfigText({text.constData(), std::size_t(text.size())});
        QVERIFY(!file.isUsable());
        QVERIFY(file.issues.size() <= kMostFileIssues + 1);
        QVERIFY2(firstIssue({text.constData(), std::size_t(text.size())}).find(says.toStdString()) != std::string::npos,
                 printIssue(inFile("file", file.issues.front())).c_str());
    }

    void oneHundredLimitsArePossible()
    {
        std::string text;
        for (int i = 0; i < 100; ++i)
            text += "[[limit]]\nname = \"l" + std::to_string(i) + "\"\nkey = [\"query:q" + std::to_string(i) + "\"]\n";
        QCOMPARE(readGood(text).config.limitSet.limits.size(), std::size_t{100});
    }
};

QTEST_APPLESS_MAIN(TestTomlReader)
#include "tst_toml_reader.moc"
