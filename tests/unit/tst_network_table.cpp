// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/policy/network_table.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::policy;

namespace {

constexpr int kTables = 2'000;
constexpr int kAddresses = 50;

std::vector<Network> networks(std::initializer_list<const char *> texts)
{
    std::vector<Network> list;
    for (const char *text : texts) {
        const auto read = parseNetwork(text);
        if (const auto *network = std::get_if<Network>(&read))
            list.push_back(*network);
        else
            QTest::qFail(text, __FILE__, __LINE__);
    }
    return list;
}

// Few different bits, so that networks are often within each other and addresses often within networks.
IpAddress randomAddress(test::Random &random)
{
    IpAddress address;
    if (random.oneIn(2)) {
        address.bytes[10] = address.bytes[11] = 0xff;
        for (std::size_t at = 12; at < 16; ++at)
            address.bytes[at] = static_cast<std::uint8_t>(random.between(0, 3) * 85);
    } else {
        for (std::uint8_t &byte : address.bytes)
            byte = random.oneIn(3) ? 0xff : 0;
    }
    return address;
}

Network randomNetwork(test::Random &random)
{
    const IpAddress address = randomAddress(random);
    const std::int64_t bits = random.between(address.isIpv4() ? 96 : 0, 128);
    Network network{address, static_cast<int>(bits)};
    for (int bit = network.prefixBits; bit < 128; ++bit)
        network.base.bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~(0x80 >> bit % 8));
    return network;
}

} // namespace

class TestNetworkTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anEmptyOneHoldsNobody()
    {
        QVERIFY(NetworkTable{}.isEmpty());
        QVERIFY(!NetworkTable{}.contains(IpAddress{}));
        QVERIFY(!NetworkTable{}.meets(NetworkTable{}));
    }

    void keepsOnlyTheOutermost()
    {
        const NetworkTable table{networks({"10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "10.255.255.255", "11.0.0.0/8",
                                           "2001:db8::/32", "2001:db8:1::/48", "::1"})};
        QCOMPARE(table.size(), std::size_t{4});
    }

    void familiesStayApart()
    {
        const NetworkTable all6{networks({"::/0"})};
        const NetworkTable all4{networks({"0.0.0.0/0"})};
        QVERIFY(!all6.contains(*parseIpAddress("10.0.0.1")));
        QVERIFY(!all6.contains(*parseIpAddress("::ffff:10.0.0.1")));
        QVERIFY(all6.contains(*parseIpAddress("2001:db8::1")));
        QVERIFY(all4.contains(*parseIpAddress("::ffff:10.0.0.1")));
        QVERIFY(!all4.contains(*parseIpAddress("::1")));
        QVERIFY(!all4.meets(all6));
    }

    void agreesWithOneByOne()
    {
        test::Random random;
        int hits = 0;
        for (int i = 0; i < kTables; ++i) {
            std::vector<Network> list;
            for (std::int64_t left = random.between(0, 12); left > 0; --left)
                list.push_back(randomNetwork(random));
            const NetworkTable table{list};
            for (int k = 0; k < kAddresses; ++k) {
                const IpAddress address = randomAddress(random);
                QCOMPARE(table.contains(address), isInAny(list, address));
                hits += table.contains(address);
            }
        }
        QVERIFY(hits > kTables);
    }

    void meetsWhereTwoNetworksDo()
    {
        test::Random random;
        int meetings = 0;
        for (int i = 0; i < kTables * 10; ++i) {
            std::vector<Network> some, others;
            for (std::int64_t left = random.between(0, 4); left > 0; --left)
                some.push_back(randomNetwork(random));
            for (std::int64_t left = random.between(0, 4); left > 0; --left)
                others.push_back(randomNetwork(random));
            bool expected = false;
            for (const Network &a : some)
                for (const Network &b : others)
                    expected = expected || a.contains(b.base) || b.contains(a.base);
            QCOMPARE(NetworkTable{some}.meets(NetworkTable{others}), expected);
            QCOMPARE(NetworkTable{others}.meets(NetworkTable{some}), expected);
            meetings += expected;
        }
        QVERIFY(meetings > kTables && meetings < kTables * 9);
    }
};

QTEST_APPLESS_MAIN(TestNetworkTable)
#include "tst_network_table.moc"
