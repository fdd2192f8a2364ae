// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <vector>

#include "core/http/client_address.h"

using namespace weir;
using namespace weir::http;

namespace {

std::optional<std::string_view> sent(const QByteArray &value)
{
    if (value.isNull())
        return std::nullopt;
    return std::string_view{value.constData(), static_cast<std::size_t>(value.size())};
}

IpAddress address(const QByteArray &text)
{
    const auto read = parseIpAddress(text.toStdString());
    if (!read)
        QTest::qFail(text.constData(), __FILE__, __LINE__);
    return read.value_or(IpAddress{});
}

std::vector<Network> networks(const QByteArray &commas)
{
    std::vector<Network> all;
    for (const QByteArray &text : commas.split(','))
        if (!text.isEmpty())
            all.push_back(std::get<Network>(parseNetwork(text.toStdString())));
    return all;
}

const QByteArray kProxies = "10.0.0.0/8,127.0.0.1,2001:db8:1::/48";

constexpr const char *kX = "X-Forwarded-For";
constexpr const char *kForwarded = "Forwarded";

// Of a request with `value` in the field called `name`, null: without it; null: there is none, it is to be refused.
QByteArray client(const QByteArray &peer, const char *name, const QByteArray &value,
                  const QByteArray &trusted = kProxies)
{
    const auto found = clientAddress(address(peer), sent(value), ProxyTrust{networks(trusted), name});
    return found ? QByteArray::fromStdString(printIpAddress(*found)) : QByteArray{};
}

} // namespace

class TestClientAddress : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void xForwardedFor_data();
    void xForwardedFor();
    void forwarded_data();
    void forwarded();
    void oneHop_data();
    void oneHop();
    void unreadableElements_data();
    void unreadableElements();
    void oneAddress_data();
    void oneAddress();
    void theNameSaysHowItIsRead();
    void whatIsBeforeTheTrueAddressCountsNothing();
    void nobodyIsTrusted();
    void everybodyIsTrusted();
    void theLongestFieldIsWalked();
    void whatIsLeftOpenSwallowsNothing();
};

void TestClientAddress::xForwardedFor_data()
{
    QTest::addColumn<QByteArray>("peer");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *peer, const char *field, const char *expected) {
        QTest::newRow(name) << QByteArray{peer} << QByteArray{field} << QByteArray{expected};
    };
    row("no field", "10.0.0.1", nullptr, "10.0.0.1");
    row("one hop", "10.0.0.1", "198.51.100.7", "198.51.100.7");
    row("two proxies", "10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7");
    row("three proxies of both families", "127.0.0.1", "198.51.100.7, 2001:db8:1::2, 10.0.0.2", "198.51.100.7");
    row("no spaces", "10.0.0.1", "198.51.100.7,10.0.0.2", "198.51.100.7");
    row("many spaces and tabs", "10.0.0.1", " \t198.51.100.7 \t ,\t 10.0.0.2 ", "198.51.100.7");
    row("the proxy comes over a mapped address", "::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7");
    row("the client came over a mapped address", "10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7");
    row("a mapped proxy in the middle", "10.0.0.1", "198.51.100.7, ::ffff:10.0.0.2", "198.51.100.7");
    row("all are trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");

    row("an untrusted peer", "203.0.113.9", "198.51.100.7", "203.0.113.9");
    row("an untrusted peer claims a proxy's address", "203.0.113.9", "10.0.0.1", "203.0.113.9");
    row("an untrusted peer claims loopback", "203.0.113.9", "127.0.0.1", "203.0.113.9");
    row("an untrusted IPv6 peer", "2001:db8:2::1", "198.51.100.7", "2001:db8:2::1");

    row("spoofed: an address before the own one", "10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7");
    row("spoofed: a proxy's address before it", "10.0.0.1", "10.0.0.2, 198.51.100.7", "198.51.100.7");
    row("spoofed: loopback before it", "10.0.0.1", "127.0.0.1, 198.51.100.7", "198.51.100.7");
    row("spoofed: loopback before it, two proxies", "10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2", "198.51.100.7");
    row("spoofed: a whole chain before it", "10.0.0.1", "1.1.1.1, 10.0.0.2, 10.0.0.3, 198.51.100.7, 10.0.0.4",
        "198.51.100.7");
    row("spoofed: garbage before it", "10.0.0.1", "\";drop, unknown, , 198.51.100.7", "198.51.100.7");
    row("spoofed: in another field before it", "10.0.0.1", "1.1.1.1,198.51.100.7", "198.51.100.7");
    row("spoofed: many commas before it", "10.0.0.1", ",,,,,,,,198.51.100.7", "198.51.100.7");
    row("spoofed: a list in quotes is no list", "10.0.0.1", "\"1.1.1.1, 198.51.100.7\"", "10.0.0.1");
    row("spoofed: a bare IPv6 address with the port in it", "10.0.0.1", "2001:db8:2::1:443", "2001:db8:2::1:443");

    row("empty", "10.0.0.1", "", "10.0.0.1");
    row("a comma", "10.0.0.1", ",", "10.0.0.1");
    row("spaces", "10.0.0.1", "  \t", "10.0.0.1");
    row("unknown", "10.0.0.1", "unknown", "10.0.0.1");
    row("hidden", "10.0.0.1", "_client", "10.0.0.1");
    row("unknown, before a proxy", "10.0.0.1", "198.51.100.7, unknown, 10.0.0.2", "10.0.0.2");
    row("empty, before a proxy", "10.0.0.1", "198.51.100.7, , 10.0.0.2", "10.0.0.2");
    row("empty, at the right end", "10.0.0.1", "198.51.100.7, ", "10.0.0.1");
    row("empty, at the left end", "10.0.0.1", ", 10.0.0.2", "10.0.0.2");
    row("garbage, before a proxy", "10.0.0.1", "198.51.100.7, x, 10.0.0.2", "10.0.0.2");
    row("a word of Forwarded", "10.0.0.1", "for=198.51.100.7", "10.0.0.1");
    row("other separators", "10.0.0.1", "198.51.100.7 10.0.0.2", "10.0.0.1");
    row("semicolons", "10.0.0.1", "198.51.100.7;10.0.0.2", "10.0.0.1");
    row("a line end within", "10.0.0.1", "198.51.100.7\r\n,10.0.0.2", "10.0.0.2");
}

void TestClientAddress::xForwardedFor()
{
    QFETCH(const QByteArray, peer);
    QFETCH(const QByteArray, field);
    QFETCH(const QByteArray, expected);
    QCOMPARE(client(peer, kX, field), expected);
}

void TestClientAddress::forwarded_data()
{
    QTest::addColumn<QByteArray>("peer");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *peer, const char *field, const char *expected) {
        QTest::newRow(name) << QByteArray{peer} << QByteArray{field} << QByteArray{expected};
    };
    row("one element", "10.0.0.1", "for=198.51.100.7", "198.51.100.7");
    row("quoted", "10.0.0.1", R"(for="198.51.100.7")", "198.51.100.7");
    row("two elements", "10.0.0.1", "for=198.51.100.7, for=10.0.0.2", "198.51.100.7");
    row("two elements without a space", "10.0.0.1", "for=198.51.100.7,for=10.0.0.2", "198.51.100.7");
    row("example of RFC 7239, 4", "10.0.0.1", "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60");
    row("example with IPv6", "10.0.0.1", R"(For="[2001:db8:cafe::17]:4711")", "2001:db8:cafe::17");
    row("example with two", "10.0.0.1", "for=192.0.2.43, for=198.51.100.17", "198.51.100.17");
    row("example of RFC 7239, 7.1", "10.0.0.1", R"(for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown)", "10.0.0.1");
    row("for in the middle", "10.0.0.1", "proto=https;for=198.51.100.7;host=example.com", "198.51.100.7");
    row("for at the end", "10.0.0.1", "by=10.0.0.1;proto=https;FOR=198.51.100.7", "198.51.100.7");
    row("names in any case", "10.0.0.1", "fOr=198.51.100.7;PROTO=http", "198.51.100.7");
    row("spaces around semicolons", "10.0.0.1", "proto=https ; for=198.51.100.7\t; by=a", "198.51.100.7");
    row("empty pairs", "10.0.0.1", ";;for=198.51.100.7;; ;", "198.51.100.7");
    row("other values without their quotes", "10.0.0.1", "host=example.com:8080;for=198.51.100.7:80;x=[a]{b}/?",
        "198.51.100.7");
    row("a comma in quotes", "10.0.0.1", R"(for=198.51.100.7;host="a,b", for=10.0.0.2;host="c,for=1.1.1.1")",
        "198.51.100.7");
    row("a semicolon in quotes", "10.0.0.1", R"(x="a;for=1.1.1.1";for=198.51.100.7)", "198.51.100.7");
    row("escaped quotes", "10.0.0.1", R"(x="a\"b,c\\";for=198.51.100.7;y="\\\"", for=10.0.0.2)", "198.51.100.7");
    row("an empty value in quotes", "10.0.0.1", R"(x="";for=198.51.100.7)", "198.51.100.7");
    row("bytes beyond ASCII in quotes", "10.0.0.1", "x=\"\xc3\xa4\";for=198.51.100.7", "198.51.100.7");
    row("escapes in the address", "10.0.0.1", R"(for="198\.51.100\.7")", "198.51.100.7");
    row("escapes in an IPv6 address", "10.0.0.1", R"(for="\[2001\:db8:2::1\]:80")", "2001:db8:2::1");
    row("all are trusted", "10.0.0.1", "for=10.0.0.3, for=10.0.0.2", "10.0.0.3");

    row("an untrusted peer", "203.0.113.9", "for=198.51.100.7", "203.0.113.9");
    row("an untrusted peer claims a proxy's address", "203.0.113.9", "for=10.0.0.1", "203.0.113.9");

    row("spoofed: an element before the own one", "10.0.0.1", "for=1.1.1.1, for=198.51.100.7", "198.51.100.7");
    row("spoofed: a proxy's before it, two proxies", "10.0.0.1", "for=10.0.0.9, for=198.51.100.7, for=10.0.0.2",
        "198.51.100.7");
    row("spoofed: for in the value of another pair", "10.0.0.1", R"(host=";for=1.1.1.1;";for=198.51.100.7)",
        "198.51.100.7");
    row("spoofed: a quote left open before it", "10.0.0.1", R"(for="1.1.1.1, for=198.51.100.7)", "198.51.100.7");
    row("spoofed: a quote and a backslash left open", "10.0.0.1", R"(for="1.1.1.1\, for=198.51.100.7)", "198.51.100.7");
    row("spoofed: two fors", "10.0.0.1", "for=1.1.1.1;for=198.51.100.7", "10.0.0.1");
    row("spoofed: two fors in different case", "10.0.0.1", "for=198.51.100.7;For=1.1.1.1", "10.0.0.1");

    row("empty", "10.0.0.1", "", "10.0.0.1");
    row("a comma", "10.0.0.1", ",", "10.0.0.1");
    row("no for, before a proxy", "10.0.0.1", "for=198.51.100.7, proto=http, for=10.0.0.2", "10.0.0.2");
    row("empty, before a proxy", "10.0.0.1", "for=198.51.100.7, , for=10.0.0.2", "10.0.0.2");
    row("unknown, before a proxy", "10.0.0.1", "for=198.51.100.7, for=unknown, for=10.0.0.2", "10.0.0.2");
    row("hidden, before a proxy", "10.0.0.1", R"(for=198.51.100.7, for="_mdn", for=10.0.0.2)", "10.0.0.2");
    row("two fors, before a proxy", "10.0.0.1", "for=1.1.1.1, for=2.2.2.2;for=3.3.3.3, for=10.0.0.2", "10.0.0.2");
}

void TestClientAddress::forwarded()
{
    QFETCH(const QByteArray, peer);
    QFETCH(const QByteArray, field);
    QFETCH(const QByteArray, expected);
    QCOMPARE(client(peer, kForwarded, field), expected);
}

void TestClientAddress::oneHop_data()
{
    QTest::addColumn<QByteArray>("hop");
    QTest::addColumn<QByteArray>("expected"); // null: unreadable
    const auto row = [](const char *hop, const char *expected) {
        QTest::newRow(hop) << QByteArray{hop} << QByteArray{expected};
    };
    row("1.2.3.4", "1.2.3.4");
    row("1.2.3.4:5678", "1.2.3.4");
    row("1.2.3.4:0", "1.2.3.4");
    row("1.2.3.4:65535", "1.2.3.4");
    row("1.2.3.4:00080", "1.2.3.4");
    row("1.2.3.4:_port.1-a_b", "1.2.3.4");
    row("2001:db8:2::1", "2001:db8:2::1");
    row("2001:DB8:2:0:0:0:0:1", "2001:db8:2::1");
    row("[2001:db8:2::1]", "2001:db8:2::1");
    row("[2001:db8:2::1]:4711", "2001:db8:2::1");
    row("[2001:db8:2::1]:_x", "2001:db8:2::1");
    row("[::ffff:1.2.3.4]:80", "1.2.3.4");
    row("::ffff:1.2.3.4", "1.2.3.4");
    row("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    const QByteArray unreadable =
        "unknown _hidden _ localhost example.com 1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 0x1.2.3.4 "
        "16909060 1.2.3.4: 1.2.3.4:65536 1.2.3.4:000080 1.2.3.4:-1 1.2.3.4:+1 1.2.3.4:x "
        "1.2.3.4:_ 1.2.3.4:_a! 1.2.3.4:80: 1.2.3.4/32 [1.2.3.4] [1.2.3.4]:80 [] [ ] []:80 "
        "[2001:db8::1 2001:db8::1] 2001:db8::1]:80 [2001:db8::1]80 [2001:db8::1]: "
        "[2001:db8::1]:65536 [2001:db8::1]:80x [[2001:db8::1]] [2001:db8::1]] [fe80::1%eth0] "
        "fe80::1%eth0 fe80::1%25eth0 : ::1:: 1::2::3 :80 1.2.3.4%0 '1.2.3.4' <1.2.3.4> "
        "(1.2.3.4) http://1.2.3.4 - *";
    for (const QByteArray &bad : unreadable.split(' '))
        row(bad.constData(), nullptr);
}

void TestClientAddress::oneHop()
{
    QFETCH(const QByteArray, expected);
    const QByteArray hop = QTest::currentDataTag();
    const QByteArray wanted = expected.isNull() ? QByteArray{"10.0.0.1"} : expected;
    QCOMPARE(client("10.0.0.1", kX, hop), wanted);
    QCOMPARE(client("10.0.0.1", kForwarded, "for=\"" + hop + '"'), wanted);
    QCOMPARE(client("10.0.0.1", kForwarded, "for=" + hop), wanted);
}

void TestClientAddress::unreadableElements_data()
{
    QTest::addColumn<QByteArray>("element");
    for (const char *text : {"for",
                             "for=",
                             "for=;",
                             "=1.2.3.4",
                             "for =1.2.3.4",
                             "for= 1.2.3.4",
                             "for==1.2.3.4",
                             "for:1.2.3.4",
                             "1.2.3.4",
                             "for=1.2.3.4 by=a",
                             "for=1.2.3.4;by",
                             "for=1.2.3.4;by=",
                             "for=1.2.3.4;=a",
                             "for=1.2.3.4;b y=a",
                             "for=1.2.3.4;\"by\"=a",
                             R"(for="1.2.3.4)",
                             R"(for=1.2.3.4")",
                             R"(for="1.2.3.4"x)",
                             R"(for="1.2.3.4" x)",
                             R"(for=x"1.2.3.4")",
                             R"(for="1.2.3.4\)",
                             R"(for="1.2.3.4\")",
                             R"(for=1\.2.3.4)",
                             R"(for="")",
                             R"(for=" 1.2.3.4")",
                             R"(for="1.2.3.4 ")",
                             R"(for=""1.2.3.4"")",
                             "for='1.2.3.4'",
                             "fore=1.2.3.4",
                             "fo=1.2.3.4",
                             "xfor=1.2.3.4",
                             "for=1.2.3.4;x=\"\x01\"",
                             "for=1.2.3.4;x=\"\x7f\"",
                             "for=1.2.3.4;x=\"\\\x01\"",
                             "for=1.2.3.4;x=\x01",
                             "for=1.2.3.4;x=\xc3\xa4",
                             "for=1.2.3.4\r\n",
                             "for=1.2.3.4;\xc3\xa4=a",
                             "FOR=1.2.3.4;for=1.2.3.4",
                             "&/2=1.2.3.4",
                             "forfor=1.2.3.4"})
        QTest::addRow("%s", QByteArray{text}.toPercentEncoding(" =;\"\\:,'&/[]").constData()) << QByteArray{text};
    QTest::newRow("NUL") << QByteArray{"for=1.2.3.4;x=\"\0\"", 17};
    QTest::newRow("NUL in the address") << QByteArray{"for=\"1.2.3.4\0\"", 14};
    QTest::newRow("too long once unquoted") << QByteArray{"for=\"1.2.3.4:_" + QByteArray{56, 'x'} + '"'};
}

void TestClientAddress::unreadableElements()
{
    QFETCH(const QByteArray, element);
    QCOMPARE(client("10.0.0.1", kForwarded, element), QByteArray{"10.0.0.1"});
    // It ends the walk where it stands, and nothing else.
    QCOMPARE(client("10.0.0.1", kForwarded, element + ", for=10.0.0.2"), QByteArray{"10.0.0.2"});
    QCOMPARE(client("10.0.0.1", kForwarded, element + ",for=\"[2001:db8:2::1]:1\";x=\"a,\\\"\""),
             QByteArray{"2001:db8:2::1"});
}

void TestClientAddress::oneAddress_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("expected"); // null: to be refused
    const auto row = [](const char *name, const char *field, const char *expected) {
        QTest::newRow(name) << QByteArray{field} << QByteArray{expected};
    };
    row("no field", nullptr, "10.0.0.1");
    row("an address", "198.51.100.7", "198.51.100.7");
    row("spaces and tabs", " \t198.51.100.7\t ", "198.51.100.7");
    row("with a port", "198.51.100.7:4711", "198.51.100.7");
    row("IPv6", "2001:db8:2::1", "2001:db8:2::1");
    row("IPv6 in brackets", "[2001:db8:2::1]", "2001:db8:2::1");
    row("IPv6 with a port", "[2001:db8:2::1]:4711", "2001:db8:2::1");
    row("IPv4 as IPv6", "::ffff:198.51.100.7", "198.51.100.7");
    row("the address of a proxy is one like others", "10.0.0.2", "10.0.0.2");
    row("the proxy's own", "10.0.0.1", "10.0.0.1");

    row("empty", "", "10.0.0.1");
    row("spaces", " \t", "10.0.0.1");
    row("unknown", "unknown", "10.0.0.1");
    row("a socket without addresses", "unix:", "10.0.0.1");
    row("a name", "client.example", "10.0.0.1");
    row("an element of Forwarded", "for=198.51.100.7", "10.0.0.1");
    row("quotes", "\"198.51.100.7\"", "10.0.0.1");
    row("two without a comma", "1.1.1.1 198.51.100.7", "10.0.0.1");
    row("semicolon", "1.1.1.1;198.51.100.7", "10.0.0.1");

    row("two", "1.1.1.1, 198.51.100.7", nullptr);
    row("two in two fields", "1.1.1.1,198.51.100.7", nullptr);
    row("twice the same", "198.51.100.7,198.51.100.7", nullptr);
    row("garbage before it", "x,198.51.100.7", nullptr);
    row("garbage behind it", "198.51.100.7,x", nullptr);
    row("a proxy's behind it", "198.51.100.7, 10.0.0.2", nullptr);
    row("an empty field before it", ",198.51.100.7", nullptr);
    row("an empty field behind it", "198.51.100.7,", nullptr);
    row("a comma", ",", nullptr);
    row("a comma in quotes", "\"198.51.100.7,\"", nullptr);
}

void TestClientAddress::oneAddress()
{
    QFETCH(const QByteArray, field);
    QFETCH(const QByteArray, expected);
    for (const char *name : {"X-Real-IP", "CF-Connecting-IP", "X-Forwarded", "X-Forwarded-For-Original"}) {
        QCOMPARE(client("10.0.0.1", name, field), expected);
        QCOMPARE(client("::ffff:10.0.0.1", name, field), expected);
        QCOMPARE(client("203.0.113.9", name, field), QByteArray{"203.0.113.9"});
        QCOMPARE(client("10.0.0.1", name, field, ""), QByteArray{"10.0.0.1"});
    }
}

void TestClientAddress::theNameSaysHowItIsRead()
{
    using Form = ProxyTrust::Form;
    QCOMPARE(int(ProxyTrust{}.form), int(Form::Addresses));
    QCOMPARE(ProxyTrust{}.field, std::string{"x-forwarded-for"});
    for (const char *name : {"X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR"})
        QCOMPARE(int((ProxyTrust{{}, name}.form)), int(Form::Addresses));
    for (const char *name : {"Forwarded", "forwarded", "FORWARDED"})
        QCOMPARE(int((ProxyTrust{{}, name}.form)), int(Form::Elements));
    QCOMPARE(int((ProxyTrust{{}, "X-Real-IP"}.form)), int(Form::OneAddress));
    QCOMPARE((ProxyTrust{{}, "X-Real-IP"}.field), std::string{"x-real-ip"});
}

// The first proxy writes the client's address behind whatever the client has sent; further ones write those of proxies.
void TestClientAddress::whatIsBeforeTheTrueAddressCountsNothing()
{
    const QByteArray true4 = "198.51.100.7", true6 = "2001:db8:2::1";
    for (const char *made : {"",
                             ",",
                             "x",
                             "unknown",
                             "_hidden",
                             "10.0.0.1",
                             "10.0.0.2",
                             "127.0.0.1",
                             "::1",
                             "0.0.0.0",
                             "1.1.1.1",
                             "for=1.1.1.1",
                             "for=unknown",
                             "for=10.0.0.2",
                             "\"",
                             "\\",
                             "for=\"",
                             "for=\"1.1.1.1",
                             "for=\"\\",
                             "for=10.0.0.1;host=\"a",
                             ";;;",
                             "[",
                             "::ffff:10.0.0.1",
                             "\xff\xfe",
                             "unix:"})
        for (const char *behind : {"", ", 10.0.0.2", ",\t127.0.0.1 ,2001:db8:1::5"}) {
            const QByteArray before = QByteArray{made} + ", ";
            QCOMPARE(client("10.0.0.1", kX, before + true4 + behind), true4);
            QCOMPARE(client("10.0.0.1", kX, before + "::FFFF:c633:6407" + behind), true4);
            QCOMPARE(client("10.0.0.1", kX, before + true6 + behind), true6);
            QCOMPARE(client("10.0.0.1", kX, before + '[' + true6 + "]:443" + behind), true6);
        }
}

void TestClientAddress::nobodyIsTrusted()
{
    QCOMPARE(client("127.0.0.1", kX, "198.51.100.7", ""), QByteArray{"127.0.0.1"});
    QCOMPARE(client("::1", kForwarded, "for=198.51.100.7", ""), QByteArray{"::1"});
    QCOMPARE(client("::ffff:10.0.0.1", kX, {}, ""), QByteArray{"10.0.0.1"});
}

void TestClientAddress::everybodyIsTrusted()
{
    const QByteArray all = "0.0.0.0/0,::/0";
    QCOMPARE(client("203.0.113.9", kX, "1.1.1.1, 198.51.100.7", all), QByteArray{"1.1.1.1"});
    QCOMPARE(client("203.0.113.9", kX, "x, 198.51.100.7", all), QByteArray{"198.51.100.7"});
    // One family is not the other.
    QCOMPARE(client("203.0.113.9", kX, "1.1.1.1", "::/0"), QByteArray{"203.0.113.9"});
    QCOMPARE(client("2001:db8::9", kX, "1.1.1.1", "0.0.0.0/0"), QByteArray{"2001:db8::9"});
}

// 192 KiB is the most that --max-header allows; the test's timeout would notice work that grows with the square.
void TestClientAddress::theLongestFieldIsWalked()
{
    constexpr qsizetype kLongest = 196'608;
    const auto filled = [](const QByteArray &piece) { return piece.repeated(kLongest / piece.size()); };
    QCOMPARE(client("10.0.0.1", kX, "198.51.100.7" + filled(",10.0.0.2")), QByteArray{"198.51.100.7"});
    QCOMPARE(client("10.0.0.1", kForwarded, "for=198.51.100.7" + filled(",for=10.0.0.2")), QByteArray{"198.51.100.7"});
    for (const char *piece :
         {",", "\"", "\\", "\\\"", "\"\\", ",\"", "for=\"", ";", "[", ":", "a=b;", "for=10.0.0.2\","})
        for (const char *end : {"", "\"", ",for=10.0.0.2", ",10.0.0.2"}) {
            const QByteArray field = filled(piece) + end;
            const QByteArray x = client("10.0.0.1", kX, field);
            QVERIFY2(x == "10.0.0.1" || x == "10.0.0.2", x.constData());
            const QByteArray forwarded = client("10.0.0.1", kForwarded, field);
            QVERIFY2(forwarded == "10.0.0.1" || forwarded == "10.0.0.2", forwarded.constData());
        }
}

// Whatever a client sends in Forwarded, the proxy's element behind it is read as the proxy wrote it.
void TestClientAddress::whatIsLeftOpenSwallowsNothing()
{
    const QByteArray alphabet = "\"\\,;=a";
    constexpr int kLength = 5;
    int count = 1;
    for (int i = 0; i < kLength; ++i)
        count *= static_cast<int>(alphabet.size());
    for (int number = 0; number < count; ++number) {
        QByteArray sent;
        for (int rest = number, i = 0; i < kLength; ++i, rest /= static_cast<int>(alphabet.size()))
            sent += alphabet[rest % alphabet.size()];
        for (const char *element : {"for=198.51.100.7", "for=\"198.51.100.7:80\";host=\"a,\\\"b\\\\\""})
            QCOMPARE(client("10.0.0.1", kForwarded, "for=\"1.1.1.1" + sent + ", " + element),
                     QByteArray{"198.51.100.7"});
    }
}

QTEST_APPLESS_MAIN(TestClientAddress)
#include "tst_client_address.moc"
