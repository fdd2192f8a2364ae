// SPDX-License-Identifier: GPL-3.0-only
// Sockets that share a port, and nobody else does.
#include <QTest>

#include <unistd.h>

#include "core/http/listen_group.h"
#include "tests/support/raw_http_client.h"

using namespace weir;

class TestListenGroup : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sharesOnePort();
    void aSecondGroupIsRefused();
    void isFreeAgainAfterwards();
    void anAddressOfAnotherMachineIsRefused();
    void allOfIpv6IsAllOfIpv4();
    void butNotBesideOneOfIpv4();
};

void TestListenGroup::sharesOnePort()
{
    auto group = http::openListenGroup({"127.0.0.1", 0}, 3);
    QVERIFY(group.isOk());
    QVERIFY(group.value().address().port != 0);
    for (int i = 0; i < 3; ++i)
        ::close(group.value().takeDescriptor());
}

void TestListenGroup::aSecondGroupIsRefused()
{
    const auto first = http::openListenGroup({"127.0.0.1", 0}, 2);
    QVERIFY(first.isOk());
    const auto second = http::openListenGroup(first.value().address(), 2);
    QVERIFY(!second.isOk());
    QCOMPARE(second.error().code, Error::Code::Taken);
    QVERIFY(second.error().detail.find(std::to_string(first.value().address().port)) != std::string::npos);
}

void TestListenGroup::isFreeAgainAfterwards()
{
    config::ListenAddress address{"127.0.0.1", 0};
    {
        const auto first = http::openListenGroup(address, 2);
        QVERIFY(first.isOk());
        address = first.value().address();
    }
    QVERIFY(http::openListenGroup(address, 2).isOk());
}

void TestListenGroup::anAddressOfAnotherMachineIsRefused()
{
    const auto group = http::openListenGroup({"192.0.2.1", 0}, 1); // TEST-NET-1, RFC 5737: nobody has it
    QVERIFY(!group.isOk());
    QVERIFY(group.error().detail.find("192.0.2.1") != std::string::npos);
}

void TestListenGroup::allOfIpv6IsAllOfIpv4()
{
    const config::ListenAddress all{"::", 0};
    const auto group = http::openListenGroup(all, 2, http::takesIpv4(all, {all}));
    if (!group && group.error().detail.find("not supported") != std::string::npos)
        QSKIP("this machine has no IPv6");
    QVERIFY(group.isOk());
    for (const char *host : {"127.0.0.1", "::1"}) {
        test::RawHttpClient client;
        QVERIFY2(client.connectTo(group.value().address().port, host), host);
    }
    // As if somebody listened on 0.0.0.0.
    QVERIFY(!http::openListenGroup({"0.0.0.0", group.value().address().port}, 1).isOk());
}

void TestListenGroup::butNotBesideOneOfIpv4()
{
    const config::ListenAddress all{"::", 8000};
    QVERIFY(http::takesIpv4(all, {all}));
    QVERIFY(http::takesIpv4(all, {all, {"0.0.0.0", 8001}, {"::1", 8000}}));
    QVERIFY(!http::takesIpv4(all, {{"0.0.0.0", 8000}, all}));
    QVERIFY(!http::takesIpv4(all, {all, {"127.0.0.1", 8000}}));
    QVERIFY(!http::takesIpv4({"::1", 8000}, {{"::1", 8000}}));
    QVERIFY(!http::takesIpv4({"0.0.0.0", 8000}, {{"0.0.0.0", 8000}}));

    const auto ipv4 = http::openListenGroup({"0.0.0.0", 0}, 1);
    QVERIFY(ipv4.isOk());
    const config::ListenAddress twin{"::", ipv4.value().address().port};
    const auto ipv6 = http::openListenGroup(twin, 1, http::takesIpv4(twin, {ipv4.value().address(), twin}));
    if (!ipv6 && ipv6.error().detail.find("not supported") != std::string::npos)
        QSKIP("this machine has no IPv6");
    QVERIFY(ipv6.isOk());
}

QTEST_APPLESS_MAIN(TestListenGroup)
#include "tst_listen_group.moc"
