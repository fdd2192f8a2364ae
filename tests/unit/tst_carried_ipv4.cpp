// SPDX-License-Identifier: GPL-3.0-only
// The table of forms in which an IPv6 address carries an IPv4 one, and what networks in those forms mean.
#include <QTest>

#include "core/base/carried_ipv4.h"

using namespace weir;

namespace {

IpAddress address(const char *text)
{
    return parseIpAddress(text).value_or(IpAddress{});
}

} // namespace

class TestCarriedIpv4 : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void forms_data()
    {
        QTest::addColumn<QByteArray>("client"); // empty: who comes by this address is nobody else
        const auto row = [](const char *text, const char *client) { QTest::newRow(text) << QByteArray{client}; };
        row("::ffff:192.0.2.33", ""); // it is IPv4 already
        row("64:ff9b::192.0.2.33", "192.0.2.33");
        row("64:ff9b::c000:221", "192.0.2.33");
        row("64:ff9b:0:0:0:0:192.0.2.33", "192.0.2.33");
        row("::ffff:0:192.0.2.33", "192.0.2.33");
        row("::192.0.2.33", "192.0.2.33");
        row("2002:c000:221::", "192.0.2.33");
        row("2002:c000:221::1", "192.0.2.33");
        row("2002:c000:221:abcd:1:2:3:4", "192.0.2.33"); // one of its 65,536 networks
        row("2001:0:4136:e378:8000:63bf:3fff:fdde", "192.0.2.33");
        // Anybody may choose these bits who has a network: they are nobody else's.
        row("2001:db8::5efe:192.0.2.33", "");
        row("2001:db8::200:5efe:192.0.2.33", "");
        row("2001:db8::192.0.2.33", "");
        row("fe80::5efe:192.0.2.33", "");
        // Nearly those forms.
        row("64:ff9b:1::192.0.2.33", ""); // RFC 8215: where the address is in it is each network's own matter
        row("64:ff9b::1:0:192.0.2.33", "");
        row("64:ff9a::192.0.2.33", "");
        row("::ffff:1:192.0.2.33", "");
        row("::fffe:0:192.0.2.33", "");
        row("::1:192.0.2.33", "");
        row("2001:1::3fff:fdde", "");
        row("2003:c000:221::1", "");
        row("::", "");
        row("::1", "");
        // No translator makes these, and nobody becomes somebody inside by them.
        for (const char *inner : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "172.31.255.255", "169.254.1.1",
                                  "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255"})
            for (const char *prefix : {"64:ff9b::", "::ffff:0:", "::"})
                QTest::newRow(qPrintable(QString::fromLatin1(prefix) + QString::fromLatin1(inner))) << QByteArray{};
        row("2002:7f00:1::1", "");
        row("2002:a00:1::1", "");
        row("2001:0:4136:e378:8000:63bf:80ff:fffe", ""); // 127.0.0.1
        row("64:ff9b::172.32.0.1", "172.32.0.1");
        row("64:ff9b::100.128.0.1", "100.128.0.1");
        row("64:ff9b::223.255.255.255", "223.255.255.255");
    }
    void forms()
    {
        QFETCH(const QByteArray, client);
        const IpAddress peer = address(QTest::currentDataTag());
        const auto carried = carriedIpv4(peer);
        QCOMPARE(carried ? QByteArray::fromStdString(printIpAddress(*carried)) : QByteArray{}, client);
        QVERIFY(clientOf(peer) == (client.isEmpty() ? peer : address(client.constData())));
        QVERIFY(clientOf(clientOf(peer)) == clientOf(peer));
        QVERIFY(!carried || carried->isIpv4());
    }

    void networks_data()
    {
        QTest::addColumn<QByteArray>("means"); // "!": refused
        const auto row = [](const char *text, const char *means) { QTest::newRow(text) << QByteArray{means}; };
        row("64:ff9b::192.0.2.0/120", "192.0.2.0/24");
        row("64:ff9b::192.0.2.33", "192.0.2.33/32");
        row("::ffff:0:198.0.0.0/104", "198.0.0.0/8");
        row("2002:c000:200::/40", "192.0.2.0/24");
        row("2002:c000:221::/48", "192.0.2.33/32");
        row("2002:c000:221:7::/64", "192.0.2.33/32"); // who is one client cannot be told apart
        row("2001:0:4136:e378:8000:63bf:3fff:fdde/128", "192.0.2.33/32");
        // These would be lists that nobody is on.
        row("64:ff9b::/96", "!");
        row("::ffff:0:0:0/96", "!");
        row("2002::/16", "!");
        row("2001::/32", "!");
        row("2001:0:4136:e378::/64", "!");
        // These are what they were.
        row("::/0", "::/0");
        row("::1", "::1/128");
        row("::/96", "::/96");
        row("2000::/3", "2000::/3");
        row("2001:db8::/32", "2001:db8::/32");
        row("64:ff9b::10.0.0.0/104", "64:ff9b::a00:0/104");
    }
    void networks()
    {
        QFETCH(const QByteArray, means);
        const auto read = parseNetwork(QTest::currentDataTag());
        const auto *network = std::get_if<Network>(&read);
        QCOMPARE(network ? QByteArray::fromStdString(printNetwork(*network)) : QByteArray{"!"}, means);
    }

    void aNetworkHoldsTheClientsThatItWasWrittenFor()
    {
        const auto read = parseNetwork("64:ff9b::192.0.2.0/120");
        QVERIFY(std::get<Network>(read).contains(clientOf(address("64:ff9b::192.0.2.33"))));
        QVERIFY(std::get<Network>(read).contains(clientOf(address("2002:c000:221::1"))));
        QVERIFY(!std::get<Network>(read).contains(clientOf(address("64:ff9b::192.0.3.33"))));
    }
};

QTEST_APPLESS_MAIN(TestCarriedIpv4)
#include "tst_carried_ipv4.moc"
