// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <unordered_set>

#include <arpa/inet.h>

#include "core/base/ip_address.h"
#include "tests/support/seed.h"

using namespace weir;

namespace {

constexpr int kRandomAddresses = 20'000;

QString print(const std::optional<IpAddress> &address)
{
    return address ? QString::fromStdString(printIpAddress(*address)) : QString{};
}

IpAddress address(const char *text)
{
    const auto read = parseIpAddress(text);
    if (!read)
        QTest::qFail(text, __FILE__, __LINE__);
    return read.value_or(IpAddress{});
}

Network network(const QString &text)
{
    const auto read = parseNetwork(text.toStdString());
    const auto *network = std::get_if<Network>(&read);
    if (!network)
        QTest::qFail(qPrintable(text), __FILE__, __LINE__);
    return network ? *network : Network{};
}

// Groups of zeros are as frequent as they are in real addresses; now and then one of IPv4.
IpAddress randomAddress(test::Random &random)
{
    IpAddress result;
    for (std::size_t at = 0; at < result.bytes.size(); at += 2)
        if (!random.oneIn(2)) {
            result.bytes[at] = static_cast<std::uint8_t>(random.between(0, random.oneIn(2) ? 0 : 255));
            result.bytes[at + 1] = static_cast<std::uint8_t>(random.between(0, 255));
        }
    if (random.oneIn(4)) {
        std::fill_n(result.bytes.begin(), 10, std::uint8_t{0});
        result.bytes[10] = result.bytes[11] = 0xff;
    }
    return result;
}

} // namespace

class TestIpAddress : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAndPrints_data();
    void readsAndPrints();
    void refuses_data();
    void refuses();
    void whatIsPrintedIsReadBack();
    void mappedAndPlainAreOne();
    void knowsLoopback_data();
    void knowsLoopback();
    void networksContain_data();
    void networksContain();
    void networksPrint_data();
    void networksPrint();
    void networksRefuse_data();
    void networksRefuse();
    void everyPrefixHoldsItsBits();
};

void TestIpAddress::readsAndPrints_data()
{
    QTest::addColumn<QString>("printed");
    const auto row = [](const char *text, const char *printed) { QTest::newRow(text) << QString::fromLatin1(printed); };
    row("1.2.3.4", "1.2.3.4");
    row("0.0.0.0", "0.0.0.0");
    row("255.255.255.255", "255.255.255.255");
    row("::ffff:1.2.3.4", "1.2.3.4");
    row("::FFFF:102:304", "1.2.3.4");
    row("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4");
    row("::", "::");
    row("::1", "::1");
    row("0:0:0:0:0:0:0:1", "::1");
    row("1::", "1::");
    row("2001:DB8::A", "2001:db8::a");
    row("2001:0db8:0000:0000:0000:0000:0000:000a", "2001:db8::a");
    row("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"); // the first of two runs
    row("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");       // the longer one
    row("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    row("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); // never for a single group
    row("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
    row("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
    row("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
    row("::1.2.3.4", "::102:304"); // no IPv4: the deprecated form
    row("64:ff9b::1.2.3.4", "64:ff9b::102:304");
    row("::fffe:1.2.3.4", "::fffe:102:304");
    row("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

void TestIpAddress::readsAndPrints()
{
    QFETCH(const QString, printed);
    QCOMPARE(print(parseIpAddress(QTest::currentDataTag())), printed);
    QCOMPARE(print(parseIpAddress(printed.toStdString())), printed);
}

void TestIpAddress::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"",
                             " ",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "1.2.3.",
                             ".1.2.3.4",
                             "1..2.3",
                             "127.1",
                             "2130706433",
                             "0x7f.0.0.1",
                             "256.0.0.1",
                             "01.2.3.4",
                             "1.2.3.04",
                             "1.2.3.00",
                             "-1.2.3.4",
                             "+1.2.3.4",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "1.2.3.4\t",
                             "1.2.3.4:80",
                             "1.2.3.4/8",
                             "1.2.3.a",
                             "localhost",
                             "unknown",
                             ":",
                             ":::",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1::2::3",
                             "::12345",
                             "::00001",
                             "::g",
                             "[::1]",
                             "[::1]:80",
                             "::1/128",
                             "fe80::1%eth0",
                             "fe80::1%1",
                             "::1%",
                             "::ffff:1.2.3",
                             "::ffff:01.2.3.4",
                             "::ffff:256.2.3.4",
                             "1.2.3.4::",
                             " ::1",
                             "::1 ",
                             ":1",
                             "1:",
                             "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"})
        QTest::newRow(qPrintable(QLatin1Char{'"'} + QLatin1String{text} + QLatin1Char{'"'})) << QByteArray{text};
    QTest::newRow("NUL behind") << QByteArray{"1.2.3.4\0", 8};
    QTest::newRow("NUL and more") << QByteArray{"1.2.3.4\0x", 9};
    QTest::newRow("NUL before") << QByteArray{"\0::1", 4};
    QTest::newRow("very long") << QByteArray{100'000, '1'};
    QTest::newRow("not ASCII") << QByteArray{"1.2.3.\xd9\xa4"};
}

void TestIpAddress::refuses()
{
    QFETCH(const QByteArray, text);
    QCOMPARE(print(parseIpAddress(text.toStdString())), QString{});
}

void TestIpAddress::whatIsPrintedIsReadBack()
{
    test::Random random;
    for (int i = 0; i < kRandomAddresses; ++i) {
        const IpAddress written = randomAddress(random);
        const std::string printed = printIpAddress(written);
        QVERIFY2(parseIpAddress(printed) == written, printed.c_str());
        QVERIFY2(printed.size() <= 39, printed.c_str());
        // The C library spells the same, but for ::a.b.c.d and for ::ffff:a.b.c.d.
        std::array<char, INET6_ADDRSTRLEN> known{};
        QVERIFY(inet_ntop(AF_INET6, written.bytes.data(), known.data(), known.size()));
        if (std::string_view{known.data()}.find('.') == std::string_view::npos)
            QCOMPARE(QString::fromStdString(printed), QString::fromLatin1(known.data()));
    }
}

void TestIpAddress::mappedAndPlainAreOne()
{
    QVERIFY(address("10.0.0.1") == address("::ffff:a00:1"));
    QVERIFY(address("10.0.0.1") != address("::a00:1"));
    QVERIFY(address("::ffff:10.0.0.1").isIpv4());
    QVERIFY(!address("::10.0.0.1").isIpv4());
    const std::unordered_set<IpAddress> seen{address("10.0.0.1"), address("::ffff:a00:1"), address("::1"), IpAddress{}};
    QCOMPARE(seen.size(), std::size_t{3});
    QVERIFY(seen.count(address("::")) == 1);
}

void TestIpAddress::knowsLoopback_data()
{
    QTest::addColumn<bool>("isLoopback");
    for (const char *text : {"127.0.0.1", "127.255.255.255", "127.0.0.0", "::1", "::ffff:127.0.0.1"})
        QTest::newRow(text) << true;
    for (const char *text : {"126.255.255.255", "128.0.0.0", "0.0.0.0", "::", "::2", "::127.0.0.1", "7f00::1",
                             "10.127.0.1", "::fffe:127.0.0.1"})
        QTest::newRow(text) << false;
}

void TestIpAddress::knowsLoopback()
{
    QFETCH(const bool, isLoopback);
    QCOMPARE(address(QTest::currentDataTag()).isLoopback(), isLoopback);
}

void TestIpAddress::networksContain_data()
{
    QTest::addColumn<QString>("network");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isInside");
    const auto row = [](const char *network, const char *address, bool isInside) {
        QTest::addRow("%s %s", network, address)
            << QString::fromLatin1(network) << QString::fromLatin1(address) << isInside;
    };
    row("10.0.0.0/8", "10.0.0.0", true);
    row("10.0.0.0/8", "10.255.255.255", true);
    row("10.0.0.0/8", "::ffff:10.1.2.3", true);
    row("10.0.0.0/8", "11.0.0.0", false);
    row("10.0.0.0/8", "9.255.255.255", false);
    row("10.0.0.0/8", "::10.0.0.1", false);
    row("10.0.0.0/8", "a00::1", false);
    row("10.0.0.0/8", "::", false);
    row("192.168.4.0/22", "192.168.7.255", true);
    row("192.168.4.0/22", "192.168.8.0", false);
    row("192.168.4.0/22", "192.168.3.255", false);
    row("10.0.0.1", "10.0.0.1", true);
    row("10.0.0.1", "10.0.0.0", false);
    row("10.0.0.2/31", "10.0.0.3", true);
    row("10.0.0.2/31", "10.0.0.4", false);
    row("128.0.0.0/1", "255.0.0.1", true);
    row("128.0.0.0/1", "127.0.0.1", false);
    row("0.0.0.0/0", "203.0.113.9", true);
    row("0.0.0.0/0", "2001:db8::1", false);
    row("0.0.0.0/0", "::", false);
    row("0.0.0.0/0", "::fffe:1.2.3.4", false);
    row("::ffff:0:0/96", "203.0.113.9", true); // the same network
    row("::ffff:10.0.0.0/104", "10.1.2.3", true);
    row("::ffff:10.0.0.0/104", "11.1.2.3", false);
    row("::/0", "2001:db8::1", true);
    row("::/0", "::1", true);
    row("::/0", "203.0.113.9", false);
    row("::/80", "203.0.113.9", false);
    row("2001:db8::/32", "2001:db8:ffff::1", true);
    row("2001:db8::/32", "2001:db9::", false);
    row("2001:db8::/33", "2001:db8:7fff::", true);
    row("2001:db8::/33", "2001:db8:8000::", false);
    row("::1/128", "::1", true);
    row("::1", "::1", true);
    row("::1", "::", false);
    row("fc00::/7", "fdff::1", true);
    row("fc00::/7", "fe00::1", false);
}

void TestIpAddress::networksContain()
{
    QFETCH(const QString, network);
    QFETCH(const QString, address);
    QFETCH(const bool, isInside);
    QCOMPARE(::network(network).contains(::address(qPrintable(address))), isInside);
}

void TestIpAddress::networksPrint_data()
{
    QTest::addColumn<QString>("printed");
    const auto row = [](const char *text, const char *printed) { QTest::newRow(text) << QString::fromLatin1(printed); };
    row("10.0.0.0/8", "10.0.0.0/8");
    row("10.0.0.1", "10.0.0.1/32");
    row("0.0.0.0/0", "0.0.0.0/0");
    row("::ffff:10.0.0.0/104", "10.0.0.0/8");
    row("::ffff:0:0/96", "0.0.0.0/0");
    row("::ffff:10.0.0.1", "10.0.0.1/32");
    row("::/0", "::/0");
    row("::1", "::1/128");
    row("2001:DB8:0::/32", "2001:db8::/32");
}

void TestIpAddress::networksPrint()
{
    QFETCH(const QString, printed);
    const Network read = network(QString::fromLatin1(QTest::currentDataTag()));
    QCOMPARE(QString::fromStdString(printNetwork(read)), printed);
    QCOMPARE(network(printed), read);
}

void TestIpAddress::networksRefuse_data()
{
    QTest::addColumn<QString>("problem");
    QTest::addColumn<QString>("hint");
    const auto row = [](const char *text, const char *problem, const char *hint) {
        QTest::newRow(qPrintable(QLatin1Char{'"'} + QLatin1String{text} + QLatin1Char{'"'}))
            << QString::fromLatin1(problem) << QString::fromLatin1(hint);
    };
    for (const char *text :
         {"", " ", "/", "/8", "10/8", "10.0.0/8", "10.0.0.0 /8", " 10.0.0.0/8", "010.0.0.0/8", "localhost", "*", "all",
          "10.0.0.0-10.0.0.9", "10.0.0.*", "[::1]/128", "fe80::1%eth0/64", "fe80::%1/64", "10.0.0.1:80/32"})
        row(text, "is not an address or a network", "10.0.0.0/8");
    for (const char *text :
         {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/8 ",
          "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0.0/0x8", "10.0.0.0/128", "10.0.0.0/99999999999999999999"})
        row(text, "has no prefix that is right", "from 0 to 32");
    row("::/129", "has no prefix that is right", "from 0 to 128");
    row("::/", "has no prefix that is right", "from 0 to 128");
    row("10.0.0.1/8", "beyond its prefix", "10.0.0.0/8 for the network or 10.0.0.1 for the one address");
    row("10.0.0.1/0", "beyond its prefix", "0.0.0.0/0 for the network");
    row("10.0.0.129/25", "beyond its prefix", "10.0.0.128/25 for the network");
    row("192.168.1.1/31", "beyond its prefix", "192.168.1.0/31 for the network");
    row("2001:db8::1/32", "beyond its prefix", "2001:db8::/32 for the network or 2001:db8::1 for");
    row("::1/0", "beyond its prefix", "::/0 for the network");
    row("::ffff:10.0.0.1/104", "beyond its prefix", "10.0.0.0/8 for the network");
    row("::ffff:10.0.0.0/8", "IPv4 with a prefix below 96", "10.0.0.0/8");
    row("::ffff:10.0.0.1/64", "IPv4 with a prefix below 96", "10.0.0.1/32");
}

void TestIpAddress::networksRefuse()
{
    QFETCH(const QString, problem);
    QFETCH(const QString, hint);
    const QString text = QString::fromLatin1(QTest::currentDataTag());
    const auto read = parseNetwork(text.mid(1, text.size() - 2).toStdString());
    const auto *fault = std::get_if<ValueFault>(&read);
    QVERIFY(fault);
    QVERIFY2(QString::fromStdString(fault->problem).contains(problem), fault->problem.c_str());
    QVERIFY2(QString::fromStdString(fault->hint).contains(hint), fault->hint.c_str());
}

void TestIpAddress::everyPrefixHoldsItsBits()
{
    const IpAddress ones = address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    for (int bits = 1; bits <= 128; ++bits) {
        Network all{IpAddress{}, bits};
        for (int bit = 0; bit < bits; ++bit)
            all.base.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
        QVERIFY(all.contains(ones));
        for (int bit = 0; bit < 128; ++bit) {
            IpAddress other = ones;
            other.bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
            QCOMPARE(all.contains(other), bit >= bits);
        }
        QCOMPARE(network(QString::fromStdString(printNetwork(all))), all);
    }
}

QTEST_APPLESS_MAIN(TestIpAddress)
#include "tst_ip_address.moc"
