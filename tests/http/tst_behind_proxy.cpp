// SPDX-License-Identifier: GPL-3.0-only
// A client behind a proxy is itself whatever it sends: blocked, matched by its network, limited by its address. The proxy is
// one as people set it up; what a client has added must change no verdict.
#include <QTest>

#include <algorithm>

#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const QByteArray kBlocked = "198.51.100.66";
const QByteArray kOfNetwork = "192.0.2.9";
const QByteArray kOfNetwork6 = "2001:db8:5::9";
const QByteArray kOther = "203.0.113.77";
const QByteArray kExempt = "203.0.113.5"; // what a client would like to be; so it would the proxy

constexpr int kOwn = 3;     // of each address by itself
constexpr int kNetwork = 2; // of all in the network together

Network network(std::string_view text)
{
    return std::get<Network>(parseNetwork(text));
}

/// Refills so seldom that no test meets it.
config::LimitEntry entry(const char *name, limit::Tokens capacity, std::vector<config::KeyPart> key = {})
{
    config::LimitEntry entry;
    entry.name = name;
    entry.key = std::move(key);
    entry.spec = {capacity, 1, Micros{366LL * 24h}, limit::StartLevel::Full};
    return entry;
}

using Lines = QList<QByteArray>;

/// What a proxy does to the field in which it names its client; all other fields it passes on.
struct Proxy {
    enum class How {
        Appends,    ///< to what the client sent, as nginx does with $proxy_add_x_forwarded_for
        AddsAField, ///< behind those of the client, as HAProxy does with option forwardfor
        Sets        ///< and drops those of the client, as nginx does with $remote_addr
    };
    QByteArray field;
    How how;

    [[nodiscard]] QByteArray own(const QByteArray &client) const
    {
        if (field.toLower() != "forwarded")
            return client;
        return "for=" + (client.contains(':') ? "\"[" + client + "]\"" : client) + ";proto=http";
    }

    [[nodiscard]] Lines passOn(const Lines &sent, const QByteArray &client) const
    {
        Lines lines;
        QByteArray list;
        for (const QByteArray &line : sent) {
            const qsizetype colon = line.indexOf(':');
            if (how == How::AddsAField || line.left(colon).toLower() != field.toLower())
                lines += line;
            else if (how == How::Appends)
                list += line.mid(colon + 1).trimmed() + ", ";
        }
        return lines + Lines{field + ": " + list + own(client)};
    }
};

/// Fields that a client adds: each believed somewhere, with everything in it that might make it somebody else.
QList<Lines> mischief()
{
    QList<Lines> all{{}};
    for (const char *name : {"X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP",
                             "X-Client-IP", "X-Forwarded", "Via", "x-forwarded-for", "FORWARDED", "X_Forwarded_For"})
        for (const char *value : {"x",
                                  "",
                                  ",",
                                  "unknown",
                                  "_hidden",
                                  "127.0.0.1",
                                  "::ffff:127.0.0.1",
                                  "127.0.0.1, 127.0.0.1",
                                  "203.0.113.5",
                                  "203.0.113.5:80",
                                  "x, 203.0.113.5",
                                  "203.0.113.5, x",
                                  "for=x",
                                  "for=unknown",
                                  "for=127.0.0.1",
                                  "for=203.0.113.5",
                                  "for=203.0.113.5, for=127.0.0.1",
                                  "for=\"203.0.113.5",
                                  "for=\"\\",
                                  "\"",
                                  ";",
                                  "unix:"})
            all += Lines{QByteArray{name} + ": " + value};
    all += {{"Forwarded: for=203.0.113.5", "X-Forwarded-For: 203.0.113.5", "X-Real-IP: 203.0.113.5"},
            {"X-Forwarded-For: 203.0.113.5", "X-Forwarded-For: x", "X-Forwarded-For: 127.0.0.1"},
            {"Forwarded: for=\"x", "Forwarded: for=\"203.0.113.5\"", "Forwarded: for="},
            {"Connection: X-Forwarded-For, Forwarded, X-Real-IP"},
            {"Connection: x-real-ip", "X-Real-IP: 203.0.113.5"}};
    return all;
}

} // namespace

class TestBehindProxy : public QObject {
    Q_OBJECT
    using How = Proxy::How;
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<RunningService> m_service;
    RawHttpClient m_connection; // the proxy's: one for many clients

    void serve(std::vector<config::LimitEntry> limits, const QByteArray &field, const char *trusted = "127.0.0.1",
               const QByteArray &exempt = "127.0.0.1")
    {
        m_service = std::make_unique<RunningService>(
            m_redis, limits.front().spec, 2, config::StoreFailurePolicy::Local, [&](config::Config &config) {
                config.limitSet.limits = limits;
                config.limitSet.block.networks = {network("198.51.100.64/26")};
                config.limitSet.allow.networks = {network(kExempt.toStdString()), network(exempt.toStdString())};
                config.trustedProxies = {network(trusted)};
                config.clientHeader = field.toStdString();
            });
        m_connection.close();
    }

    int ask(const Lines &lines)
    {
        if (!m_connection.isOpen() && !m_connection.connectTo(m_service->port()))
            return 0;
        QByteArray bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (const QByteArray &line : lines)
            bytes += line + "\r\n";
        m_connection.send(bytes + "\r\n");
        const RawResponse response = m_connection.readResponse().value_or(RawResponse{});
        if (response.header("connection") == "close")
            m_connection.close();
        return response.status;
    }

    // All mischief one after the other, `admitted` answered with 200 and all later ones with `then`.
    void everyWay(const Proxy &proxy, const QByteArray &client, int admitted, int then)
    {
        for (const Lines &lines : mischief()) {
            const int status = ask(proxy.passOn(lines, client));
            const QByteArray said = client + ": " + lines.join(" | ") + ": " + QByteArray::number(status);
            QVERIFY2(status == (admitted-- > 0 ? 200 : then), said.constData());
        }
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void whatAClientAddsChangesNothing_data();
    void whatAClientAddsChangesNothing();
    void theClientIsShown_data();
    void theClientIsShown();
    void anAddressThatIsAddedToIsRefused();
    void aProxyThatSaysNothingIsItself();
    void aProxyThatWritesAnotherFieldIsSaid();
    void anUntrustedPeerIsItself_data();
    void anUntrustedPeerIsItself();
};

void TestBehindProxy::whatAClientAddsChangesNothing_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<How>("how");
    QTest::addColumn<bool>("isSeveral");
    for (const bool isSeveral : {false, true})
        for (const Proxy &proxy : {Proxy{"X-Forwarded-For", How::Appends}, Proxy{"X-Forwarded-For", How::AddsAField},
                                   Proxy{"X-Forwarded-For", How::Sets}, Proxy{"Forwarded", How::Appends},
                                   Proxy{"Forwarded", How::AddsAField}, Proxy{"Forwarded", How::Sets},
                                   Proxy{"X-Real-IP", How::Sets}, Proxy{"CF-Connecting-IP", How::Sets}}) {
            const char *word = proxy.how == How::Sets ? "set" : proxy.how == How::Appends ? "appended to" : "added";
            QTest::addRow("%s, %s, %s", proxy.field.constData(), word, isSeveral ? "several limits" : "one limit")
                << proxy.field << proxy.how << isSeveral;
        }
}

void TestBehindProxy::whatAClientAddsChangesNothing()
{
    QFETCH(const QByteArray, field);
    QFETCH(const How, how);
    QFETCH(const bool, isSeveral);
    config::LimitEntry own = entry("own", kOwn, {config::KeyPart{}}), net = entry("net", kNetwork);
    net.match.networks = {network("192.0.2.0/24"), network("2001:db8:5::/48")};
    if (isSeveral)
        serve({entry("global", 1'000'000), own, net}, field);
    else
        serve({own}, field);
    const Proxy proxy{field, how};
    everyWay(proxy, kBlocked, 0, 403);
    everyWay(proxy, "::ffff:" + kBlocked, 0, 403);
    everyWay(proxy, "::ffff:c633:6442", 0, 403); // the same in hexadecimal
    everyWay(proxy, kOther, kOwn, 429);
    everyWay(proxy, "::FFFF:" + kOther, 0, 429); // nor is that another client
    everyWay(proxy, kOfNetwork, isSeveral ? kNetwork : kOwn, 429);
    everyWay(proxy, kOfNetwork6, isSeveral ? 0 : kOwn, 429);
    everyWay(proxy, "2001:db8:5::a", 0, 429); // of the same /64
}

// With one limit for all, the client counts for nothing but what is shown.
void TestBehindProxy::theClientIsShown_data()
{
    QTest::addColumn<QByteArray>("field");
    for (const char *field : {"X-Forwarded-For", "Forwarded", "X-Real-IP"})
        QTest::newRow(field) << QByteArray{field};
}

void TestBehindProxy::theClientIsShown()
{
    QFETCH(const QByteArray, field);
    m_service = std::make_unique<RunningService>(
        m_redis, limit::LimitSpec{1'000'000, 1, Micros{366LL * 24h}, limit::StartLevel::Full}, 1,
        config::StoreFailurePolicy::Local, [&](config::Config &config) {
            config.trustedProxies = {network("127.0.0.1")};
            config.clientHeader = field.toStdString();
        });
    m_connection.close();
    const Proxy proxy{field, field == "X-Real-IP" ? How::Sets : How::Appends};
    for (const Lines &lines : mischief()) {
        QCOMPARE(ask(proxy.passOn(lines, kOther)), 200);
        const auto records = (*m_service)->takeRequests();
        QCOMPARE(records.size(), std::size_t{1});
        QCOMPARE(QByteArray::fromStdString(std::string{records[0].client.view()}), kOther);
    }
}

// Which of the two is the client's cannot be told; whoever sends one is not let through as the proxy.
void TestBehindProxy::anAddressThatIsAddedToIsRefused()
{
    serve({entry("own", kOwn, {config::KeyPart{}})}, "X-Real-IP");
    for (const How how : {How::Appends, How::AddsAField}) {
        const Proxy proxy{"X-Real-IP", how};
        for (const char *made : {"x", "", "127.0.0.1", "203.0.113.5", "198.51.100.66", "203.0.113.77"}) {
            const Lines sent{QByteArray{"x-real-ip: "} + made};
            QCOMPARE(ask(proxy.passOn(sent, kBlocked)), 400);
            QCOMPARE(ask(proxy.passOn(sent, kOther)), 400);
        }
    }
    // Who sends none has lost nothing.
    const Proxy proxy{"X-Real-IP", How::AddsAField};
    for (int i = 0; i < kOwn; ++i)
        QCOMPARE(ask(proxy.passOn({}, kOther)), 200);
    QCOMPARE(ask(proxy.passOn({}, kOther)), 429);
    QCOMPARE(ask(proxy.passOn({}, kBlocked)), 403);
}

// It asks for itself, to see whether all is well; other fields make it nobody else.
void TestBehindProxy::aProxyThatSaysNothingIsItself()
{
    for (const char *field : {"X-Forwarded-For", "Forwarded", "X-Real-IP"}) {
        serve({entry("own", kOwn, {config::KeyPart{}})}, field);
        for (int i = 0; i < 2 * kOwn; ++i)
            QCOMPARE(ask({}), 200); // [allow] has it
        QCOMPARE(ask({"X-Forwarded-Host: 198.51.100.66", "CF-Connecting-IP: 198.51.100.66"}), 200);
        QCOMPARE(ask({QByteArray{field} + ": unknown"}), 200); // it does not say whom it speaks for
    }
}

void TestBehindProxy::aProxyThatWritesAnotherFieldIsSaid()
{
    serve({entry("own", kOwn, {config::KeyPart{}})}, "X-Forwarded-For");
    QCOMPARE(ask({"X-Forwarded-For: 203.0.113.77", "Forwarded: for=203.0.113.77"}), 200); // a client's
    QCOMPARE(m_warnings.take(), QStringList{});
    for (int i = 0; i < 2; ++i) // and once is enough
        QCOMPARE(ask({"Forwarded: for=203.0.113.77"}), 200);
    QCOMPARE(m_warnings.take(), QStringList{QStringLiteral(
                                    "the proxy 127.0.0.1 names clients in \"forwarded\", not in \"x-forwarded-for\": "
                                    "they all count as the proxy. Tell the proxy, or Weir by --client-header")});
}

void TestBehindProxy::anUntrustedPeerIsItself_data()
{
    theClientIsShown_data();
}

void TestBehindProxy::anUntrustedPeerIsItself()
{
    QFETCH(const QByteArray, field);
    m_warnings.expect(QStringLiteral("all its clients count as one")); // which is what is tried here
    serve({entry("own", kOwn, {config::KeyPart{}})}, field, "192.0.2.1", kExempt);
    everyWay({field, How::Sets}, kBlocked, kOwn, 429); // whomever it names
    everyWay({field, How::Appends}, kExempt, 0, 429);
}

QTEST_GUILESS_MAIN(TestBehindProxy)
#include "tst_behind_proxy.moc"
