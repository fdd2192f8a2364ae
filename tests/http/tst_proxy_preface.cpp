// SPDX-License-Identifier: GPL-3.0-only
// The PROXY protocol: its bytes in every cut, then connections of a proxy that speaks it to a whole Weir.
#include <QTest>

#include "core/http/proxy_preface.h"
#include "tests/http/running_service.h"

using namespace weir;
using namespace weir::http;
using namespace weir::test;

namespace {

const limit::LimitSpec kLarge{1'000'000, 1, Micros{limit::kMaxInterval}, limit::StartLevel::Full};
const QByteArray kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const QByteArray kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};

/// Version 2: VERSION AND COMMAND, FAMILY, then `rest` with its length before it.
QByteArray binary(char command, char family, const QByteArray &rest)
{
    return kSignature + command + family + static_cast<char>(rest.size() / 256) + static_cast<char>(rest.size() % 256)
           + rest;
}

QByteArray ipv4Addresses(const QByteArray &more = {})
{
    return QByteArray::fromHex("c0000221c0000202") + QByteArray::fromHex("30390050") + more; // 192.0.2.33
}

QByteArray ipv6Addresses(const QByteArray &source)
{
    return QByteArray::fromHex(source) + QByteArray::fromHex("20010db8000000000000000000000002")
           + QByteArray::fromHex("30390050");
}

} // namespace

class TestProxyPreface : public QObject {
    Q_OBJECT
    RedisServer m_redis;

    static config::Config &listening(config::Config &config, bool takes)
    {
        config.http.takesProxyProtocol = takes;
        config.trustedProxies = {std::get<Network>(parseNetwork("127.0.0.1"))};
        return config;
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_redis.start()); }

    void prefaces_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("source"); // empty: the proxy itself; "!": broken; "...": more must come
        const auto row = [](const char *name, const QByteArray &bytes, const char *source) {
            QTest::newRow(name) << bytes << QByteArray{source};
        };
        row("1, IPv4", "PROXY TCP4 192.0.2.33 192.0.2.2 12345 80\r\n", "192.0.2.33");
        row("1, IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 12345 80\r\n", "2001:db8::1");
        row("1, mapped", "PROXY TCP6 ::ffff:192.0.2.33 ::1 12345 80\r\n", "192.0.2.33");
        row("1, from a translator", "PROXY TCP6 64:ff9b::192.0.2.33 ::1 12345 80\r\n", "192.0.2.33");
        row("1, unknown", "PROXY UNKNOWN\r\n", "");
        row("1, unknown and more", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "");
        row("1, the longest", "PROXY UNKNOWN " + QByteArray(91, 'x') + "\r\n", "");
        row("1, too long", "PROXY UNKNOWN " + QByteArray(92, 'x') + "\r\n", "!");
        row("1, without an end", "PROXY TCP4 192.0.2.33 192.0.2.2 12345 80", "...");
        row("1, another family", "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "!");
        row("1, another family again", "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "!");
        row("1, no address", "PROXY TCP4 x y 1 2\r\n", "!");
        row("1, a name", "PROXY TCP4 localhost 192.0.2.2 1 2\r\n", "!");
        row("1, two spaces", "PROXY TCP4  192.0.2.33 192.0.2.2 1 2\r\n", "!");
        row("1, too few", "PROXY TCP4 192.0.2.33 192.0.2.2 1\r\n", "!");
        row("1, too many", "PROXY TCP4 192.0.2.33 192.0.2.2 1 2 3\r\n", "!");
        row("1, datagrams", "PROXY UDP4 192.0.2.33 192.0.2.2 1 2\r\n", "!");
        row("1, small letters", "proxy TCP4 192.0.2.33 192.0.2.2 1 2\r\n", "!");
        row("2, IPv4", binary(0x21, 0x11, ipv4Addresses()), "192.0.2.33");
        row("2, IPv4 and what else is told", binary(0x21, 0x11, ipv4Addresses(QByteArray(300, 'x'))), "192.0.2.33");
        row("2, IPv6", binary(0x21, 0x21, ipv6Addresses("20010db8000000000000000000000001")), "2001:db8::1");
        row("2, mapped", binary(0x21, 0x21, ipv6Addresses("00000000000000000000ffffc0000221")), "192.0.2.33");
        row("2, the proxy itself", binary(0x20, 0x00, {}), "");
        row("2, the proxy itself, with addresses", binary(0x20, 0x11, ipv4Addresses()), "");
        row("2, a Unix socket", binary(0x21, 0x31, QByteArray(216, 'x')), "");
        row("2, not over IP", binary(0x21, 0x00, {}), "");
        row("2, cut short", binary(0x21, 0x11, QByteArray(11, 'x')), "!");
        row("2, IPv6 cut short", binary(0x21, 0x21, ipv4Addresses()), "!");
        row("2, another version", binary(0x31, 0x11, ipv4Addresses()), "!");
        row("2, another command", binary(0x22, 0x11, ipv4Addresses()), "!");
        row("2, the longest", binary(0x21, 0x11, ipv4Addresses(QByteArray(4096 - 12, 'x'))), "192.0.2.33");
        row("2, too long", binary(0x21, 0x11, ipv4Addresses(QByteArray(4096 - 11, 'x'))), "!");
        row("2, more to come", binary(0x21, 0x11, ipv4Addresses()).chopped(1), "...");
        row("a request", kGet, "!");
        row("an empty line and a request", "\r\n" + kGet, "!");
        row("a TLS hello", QByteArray::fromHex("1603010200"), "!");
        row("nothing", "", "...");
    }
    void prefaces()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QByteArray, source);
        using State = ProxyPreface::State;
        const QByteArray all = bytes + (source == "..." ? "" : "GET");
        for (const qsizetype step : {qsizetype{1}, qsizetype{2}, qsizetype{7}, qsizetype{16}, qsizetype{8192}}) {
            ProxyPreface preface;
            qsizetype taken = 0;
            for (qsizetype at = 0; at < all.size() && preface.state() == State::Incomplete; at += step) {
                const QByteArray part = all.mid(at, step);
                taken +=
                    static_cast<qsizetype>(preface.feed({part.constData(), static_cast<std::size_t>(part.size())}));
            }
            if (source == "!") {
                QCOMPARE(preface.state(), State::Broken);
            } else if (source == "...") {
                QCOMPARE(preface.state(), State::Incomplete);
            } else {
                QCOMPARE(preface.state(), State::Complete);
                QCOMPARE(taken, bytes.size());
                const auto found = preface.source();
                QCOMPARE(found ? QByteArray::fromStdString(printIpAddress(*found)) : QByteArray{}, source);
            }
        }
    }

    void theClientIsWhomThePrefaceNames_data()
    {
        QTest::addColumn<QByteArray>("preface");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QByteArray>("client");
        const QByteArray forwarded = "X-Forwarded-For: 198.51.100.7\r\n";
        QTest::newRow("version 1") << QByteArray{"PROXY TCP4 192.0.2.33 192.0.2.2 1 2\r\n"} << QByteArray{}
                                   << QByteArray{"192.0.2.33"};
        QTest::newRow("version 2") << binary(0x21, 0x11, ipv4Addresses()) << QByteArray{} << QByteArray{"192.0.2.33"};
        QTest::newRow("whom it names is believed no field")
            << binary(0x21, 0x11, ipv4Addresses()) << forwarded << QByteArray{"192.0.2.33"};
        QTest::newRow("but a proxy is") << QByteArray{"PROXY TCP4 127.0.0.1 192.0.2.2 1 2\r\n"} << forwarded
                                        << QByteArray{"198.51.100.7"};
        QTest::newRow("the proxy itself") << binary(0x20, 0x00, {}) << QByteArray{} << QByteArray{"127.0.0.1"};
    }
    void theClientIsWhomThePrefaceNames()
    {
        QFETCH(const QByteArray, preface);
        QFETCH(const QByteArray, fields);
        QFETCH(const QByteArray, client);
        RunningService service{m_redis, kLarge, 1, config::StoreFailurePolicy::Reject,
                               [](config::Config &config) { listening(config, true); }};
        RawHttpClient proxy;
        QVERIFY(proxy.connectTo(service.port()));
        const QByteArray request = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
        QVERIFY(proxy.send(preface + request + request)); // it is said once
        QCOMPARE(proxy.readResponse()->status, 200);
        QCOMPARE(proxy.readResponse()->status, 200);
        const auto records = service->takeRequests();
        QCOMPARE(records.size(), std::size_t{2});
        QCOMPARE(std::string{records[0].client.view()}, client.toStdString());
        QCOMPARE(std::string{records[1].client.view()}, client.toStdString());
    }

    void whoDoesNotKeepToItIsTold_data()
    {
        QTest::addColumn<bool>("takes");
        QTest::addColumn<bool>("isTrusted");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("words");
        const QByteArray line = "PROXY TCP4 192.0.2.33 192.0.2.2 1 2\r\n" + kGet;
        const QByteArray version2 = binary(0x21, 0x11, ipv4Addresses()) + kGet;
        QTest::newRow("it does not come")
            << true << true << kGet << QByteArray{"does not begin with the PROXY protocol"};
        QTest::newRow("it ends within") << true << true << QByteArray{"PROXY TCP4 1"} << QByteArray{"ended its side"};
        QTest::newRow("switched off") << false << true << line << QByteArray{"This is the PROXY protocol"};
        QTest::newRow("switched off, version 2")
            << false << true << version2 << QByteArray{"This is the PROXY protocol"};
        QTest::newRow("of a stranger") << true << false << line << QByteArray{"This is the PROXY protocol"};
        QTest::newRow("of a stranger, version 2")
            << true << false << version2 << QByteArray{"This is the PROXY protocol"};
    }
    void whoDoesNotKeepToItIsTold()
    {
        QFETCH(const bool, takes);
        QFETCH(const bool, isTrusted);
        QFETCH(const QByteArray, bytes);
        QFETCH(const QByteArray, words);
        RunningService service{m_redis, kLarge, 1, config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                                   listening(config, takes);
                                   if (!isTrusted)
                                       config.trustedProxies.clear();
                               }};
        RawHttpClient client;
        QVERIFY(client.connectTo(service.port()));
        QVERIFY(client.send(bytes));
        client.halfClose();
        const auto answer = client.readResponse();
        QVERIFY2(answer, qPrintable(client.error()));
        QCOMPARE(answer->status, 400);
        QVERIFY2(answer->body.contains(words), answer->body);
        QVERIFY(client.readUntilClosed());
    }
};

QTEST_GUILESS_MAIN(TestProxyPreface)
#include "tst_proxy_preface.moc"
