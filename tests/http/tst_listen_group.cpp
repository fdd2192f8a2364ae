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

QTEST_APPLESS_MAIN(TestListenGroup)
#include "tst_listen_group.moc"
