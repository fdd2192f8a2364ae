// SPDX-License-Identifier: GPL-3.0-only
// The parser alone: what is let through, what is turned away, and that the cut of the bytes never matters.
#include <QTest>

#include "core/http/request_parser.h"

using weir::http::RequestParser;
using State = RequestParser::State;

namespace {

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

// Feeds `bytes` in pieces of `step`; returns how many were taken before it was complete or rejected.
std::size_t feedInSteps(RequestParser &parser, std::string_view bytes, std::size_t step)
{
    std::size_t taken = 0;
    while (taken < bytes.size() && parser.state() == State::Incomplete)
        taken += parser.feed(bytes.substr(taken, step));
    return taken;
}

} // namespace

class TestRequestParser : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void letsThrough_data();
    void letsThrough();
    void turnsAway_data();
    void turnsAway();
    void takesOneRequestAtATime();
    void writesTheHeadAnew_data();
    void writesTheHeadAnew();
    void tellsWhatProxiesSayWhenAsked();
    void limitsAreThoseItIsGiven_data();
    void limitsAreThoseItIsGiven();
    void keepsBodiesWhenToldTo();
};

void TestRequestParser::letsThrough_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<bool>("closes");
    QTest::newRow("plain") << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"} << QByteArray{"GET"} << QByteArray{"/"}
                           << false;
    QTest::newRow("query") << QByteArray{"GET /a?b=%20c HTTP/1.1\r\nHost: a\r\n\r\n"} << QByteArray{"GET"}
                           << QByteArray{"/a?b=%20c"} << false;
    QTest::newRow("close") << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"} << QByteArray{"GET"}
                           << QByteArray{"/"} << true;
    QTest::newRow("close among others") << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\nconnection: x, CLOSE\r\n\r\n"}
                                        << QByteArray{"GET"} << QByteArray{"/"} << true;
    QTest::newRow("1.0") << QByteArray{"GET / HTTP/1.0\r\n\r\n"} << QByteArray{"GET"} << QByteArray{"/"} << true;
    QTest::newRow("1.0 kept") << QByteArray{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"} << QByteArray{"GET"}
                              << QByteArray{"/"} << false;
    QTest::newRow("body") << QByteArray{"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"}
                          << QByteArray{"POST"} << QByteArray{"/x"} << false;
    QTest::newRow("line feeds in the body")
        << QByteArray{"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n\n\na\n\n"} << QByteArray{"POST"}
        << QByteArray{"/x"} << false;
    QTest::newRow("empty line first") << QByteArray{"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"} << QByteArray{"GET"}
                                      << QByteArray{"/"} << false;
    QTest::newRow("empty body") << QByteArray{"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}
                                << QByteArray{"POST"} << QByteArray{"/x"} << false;
    QTest::newRow("tabs around a value") << QByteArray{"GET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n"} << QByteArray{"GET"}
                                         << QByteArray{"/"} << false;
    QTest::newRow("h2c upgrade, ignored")
        << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"} << QByteArray{"GET"}
        << QByteArray{"/"} << false;
    QTest::newRow("chunked") << QByteArray{"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           "5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n"}
                             << QByteArray{"POST"} << QByteArray{"/x"} << false;
    QTest::newRow("absolute form") << QByteArray{"GET http://b:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n"} << QByteArray{"GET"}
                                   << QByteArray{"/x?y"} << false;
    QTest::newRow("absolute form of a host alone") << QByteArray{"OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n"}
                                                   << QByteArray{"OPTIONS"} << QByteArray{"*"} << false;
    QTest::newRow("asterisk") << QByteArray{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"} << QByteArray{"OPTIONS"}
                              << QByteArray{"*"} << false;
}

void TestRequestParser::letsThrough()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(bool, closes);
    for (std::size_t step = 1; step <= static_cast<std::size_t>(bytes.size()); ++step) {
        RequestParser parser;
        const std::size_t taken = feedInSteps(parser, view(bytes), step);
        QCOMPARE(parser.state(), State::Complete);
        QCOMPARE(taken, static_cast<std::size_t>(bytes.size()));
        QCOMPARE(QByteArray::fromStdString(parser.head().method), method);
        QCOMPARE(QByteArray::fromStdString(parser.head().target), target);
        QCOMPARE(parser.head().closes, closes);
    }
}

void TestRequestParser::turnsAway_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    const QByteArray get = "GET / HTTP/1.1\r\nHost: a\r\n";
    QTest::newRow("line feed alone") << QByteArray{"GET / HTTP/1.1\nHost: a\n\n"} << 400;
    QTest::newRow("carriage return alone") << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"} << 400;
    QTest::newRow("TLS hello") << QByteArray{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11} << 400;
    QTest::newRow("no version") << QByteArray{"GET /\r\n\r\n"} << 400;
    QTest::newRow("HTTP/2.0") << QByteArray{"GET / HTTP/2.0\r\nHost: a\r\n\r\n"} << 505;
    QTest::newRow("HTTPX") << QByteArray{"GET / HTTPX9Y9\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("absolute form of https") << QByteArray{"GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"} << 421;
    QTest::newRow("absolute form with user information")
        << QByteArray{"GET http://a@evil/ HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("space in the target") << QByteArray{"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("raw UTF-8 in the target") << QByteArray{"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("no host") << QByteArray{"GET / HTTP/1.1\r\n\r\n"} << 400;
    QTest::newRow("two hosts") << (get + "Host: b\r\n\r\n") << 400;
    QTest::newRow("space before the colon") << (get + "X : 1\r\n\r\n") << 400;
    QTest::newRow("folded line") << (get + "X: 1\r\n 2\r\n\r\n") << 400;
    QTest::newRow("no colon") << (get + "X\r\n\r\n") << 400;
    QTest::newRow("NUL in a value") << (get + QByteArray{"X: a\0b\r\n\r\n", 11}) << 400;
    QTest::newRow("chunk without a size") << (get + "Transfer-Encoding: chunked\r\n\r\n\r\n") << 400;
    QTest::newRow("chunk that is longer than its size")
        << (get + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n") << 400;
    QTest::newRow("chunk of 2 MiB") << (get + "Transfer-Encoding: chunked\r\n\r\n200000\r\n") << 413;
    QTest::newRow("length in a trailer") << (get + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n")
                                         << 400;
    QTest::newRow("length twice") << (get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na") << 400;
    QTest::newRow("length with letters") << (get + "Content-Length: 4x\r\n\r\n") << 400;
    QTest::newRow("length with a sign") << (get + "Content-Length: +4\r\n\r\n") << 400;
    QTest::newRow("length beyond 64 bits") << (get + "Content-Length: 18446744073709551616\r\n\r\n") << 400;
    QTest::newRow("length with zeros before it") << (get + "Content-Length: 010\r\n\r\n0123456789") << 400;
    QTest::newRow("websocket") << (get + "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\r\n") << 501;
    QTest::newRow("expectation") << (get + "Expect: a miracle\r\n\r\n") << 417;
    QTest::newRow("length of 2 MiB") << (get + "Content-Length: 2097152\r\n\r\n") << 413;
}

void TestRequestParser::turnsAway()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    for (std::size_t step = 1; step <= static_cast<std::size_t>(bytes.size()); ++step) {
        RequestParser parser;
        feedInSteps(parser, view(bytes), step);
        QCOMPARE(parser.state(), State::Rejected);
        QCOMPARE(parser.rejection().status, status);
        QVERIFY(!parser.rejection().detail.empty());
    }
}

void TestRequestParser::takesOneRequestAtATime()
{
    const QByteArray one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    const QByteArray both = one + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    RequestParser parser;
    QCOMPARE(parser.feed(view(both)), static_cast<std::size_t>(one.size()));
    QCOMPARE(parser.head().target, std::string{"/1"});
    parser.reset();
    QCOMPARE(parser.feed(view(both).substr(static_cast<std::size_t>(one.size()))),
             static_cast<std::size_t>(one.size()));
    QCOMPARE(parser.head().target, std::string{"/2"});
}

void TestRequestParser::writesTheHeadAnew_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("as it came") << QByteArray{"GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"}
                                << QByteArray{"GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"};
    QTest::newRow("one spelling") << QByteArray{"\r\nGET / HTTP/1.0\r\nX:\ty \t\r\nhost:a\r\n\r\n"}
                                  << QByteArray{"GET / HTTP/1.1\r\nX: y\r\nhost: a\r\n\r\n"};
    QTest::newRow("the host of the target") << QByteArray{"GET http://b:8/ HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n"}
                                            << QByteArray{"GET / HTTP/1.1\r\nHost: b:8\r\nX: y\r\n\r\n"};
    QTest::newRow("no framing and nothing of the connection")
        << QByteArray{"POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X\r\nConnection: Upgrade, TE\r\n"
                      "Keep-Alive: timeout=5\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"}
        << QByteArray{"POST / HTTP/1.1\r\nHost: a\r\n\r\n"};
    QTest::newRow("no chunks") << QByteArray{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n"
                                             "1\r\na\r\n0\r\nX: y\r\n\r\n"}
                               << QByteArray{"POST / HTTP/1.1\r\nHost: a\r\n\r\n"};
}

void TestRequestParser::writesTheHeadAnew()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, text);
    RequestParser parser;
    for (int round = 0; round < 2; ++round) { // nothing is left of the request before
        QCOMPARE(feedInSteps(parser, view(bytes), 7), static_cast<std::size_t>(bytes.size()));
        QCOMPARE(parser.state(), State::Complete);
        QCOMPARE(QByteArray::fromStdString(parser.head().text), text);
        parser.reset();
    }
}

void TestRequestParser::tellsWhatProxiesSayWhenAsked()
{
    const QByteArray bytes = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.2\r\n"
                             "x-forwarded-for: 192.0.2.3, 192.0.2.4\r\nFORWARDED: for=192.0.2.5\r\n\r\n";
    RequestParser parser;
    parser.feed(view(bytes));
    QVERIFY(!parser.head().clientField);
    QVERIFY(parser.head().otherClientField == "forwarded"); // the last one
    const auto proxy = [](const char *line) {
        RequestParser other;
        other.feed("GET / HTTP/1.1\r\nHost: a\r\n" + std::string{line} + "\r\n");
        return std::string{other.head().otherClientField};
    };
    QCOMPARE(proxy("Via: 1.1 a\r\n"), std::string{"via"});
    QCOMPARE(proxy("X-Real-IP: 192.0.2.1\r\nVIA: 1.1 a\r\n"), std::string{"x-real-ip"});
    QCOMPARE(proxy("Accept: */*\r\n"), std::string{});
    const auto told = [&](const char *name) {
        parser.reset();
        parser.setClientField(name);
        parser.feed(view(bytes));
        const auto first = parser.head().clientField;
        parser.reset(); // nothing is left of the request before
        parser.feed(view(bytes));
        return first == parser.head().clientField ? first.value_or("nothing") : "something else";
    };
    QCOMPARE(told("x-forwarded-for"), std::string{"192.0.2.1,192.0.2.3, 192.0.2.4"});
    QCOMPARE(told("forwarded"), std::string{"for=192.0.2.2,for=192.0.2.5"});
    QVERIFY(parser.head().otherClientField == "x-forwarded-for");
    QCOMPARE(told("x-real-ip"), std::string{"nothing"});
    QVERIFY(parser.head().otherClientField == "forwarded"); // any of them
    QCOMPARE(told("x-forwarded"), std::string{"nothing"});
    parser.reset();
    parser.setClientField("cf-connecting-ip");
    parser.feed("GET / HTTP/1.1\r\nHost: a\r\nCF-Connecting-Ip:\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
    QCOMPARE(parser.head().clientField.value(), std::string{}); // there, if empty
}

void TestRequestParser::limitsAreThoseItIsGiven_data()
{
    QTest::addColumn<QByteArray>("fits");
    QTest::addColumn<QByteArray>("tooMuch");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("detail");
    const QByteArray head = "GET / HTTP/1.1\r\nHost: a\r\n";
    const QByteArray post = "POST / HTTP/1.1\r\nHost: a\r\n";
    QTest::newRow("target") << QByteArray{"GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n"}
                            << QByteArray{"GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n"} << 414
                            << QByteArray{"The target of the request is longer than 10 bytes."};
    QTest::newRow("field lines") << (head + "X: 3456789\r\nY: 3456\r\n\r\n")
                                 << (head + "X: 3456789\r\nY: 34567\r\n\r\n") << 431
                                 << QByteArray{"The header fields together are longer than 30 bytes."};
    QTest::newRow("fields") << (head + "X:\r\nX:\r\n\r\n") << (head + "X:\r\nX:\r\nX:\r\n\r\n") << 431
                            << QByteArray{"There are more than 3 fields."};
    QTest::newRow("body") << (post + "Content-Length: 4\r\n\r\nabcd") << (post + "Content-Length: 5\r\n\r\nabcde")
                          << 413 << QByteArray{"The body is longer than 4 bytes."};
}

void TestRequestParser::limitsAreThoseItIsGiven()
{
    QFETCH(QByteArray, fits);
    QFETCH(QByteArray, tooMuch);
    QFETCH(int, status);
    QFETCH(QByteArray, detail);
    const weir::config::HttpLimits limits{
        .maxUrlBytes = 10, .maxHeaderBytes = 30, .maxHeaderFields = 3, .maxBodyBytes = 4};
    for (std::size_t step = 1; step <= static_cast<std::size_t>(tooMuch.size()); ++step) {
        RequestParser parser{limits};
        feedInSteps(parser, view(fits), step);
        QCOMPARE(parser.state(), State::Complete);
        parser.reset();
        feedInSteps(parser, view(tooMuch), step);
        QCOMPARE(parser.state(), State::Rejected);
        QCOMPARE(parser.rejection().status, status);
        QCOMPARE(QByteArray::fromStdString(parser.rejection().sentence()), detail);
    }
}

void TestRequestParser::keepsBodiesWhenToldTo()
{
    const QByteArray bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                             "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3;x=y\r\nab\n\r\n2\r\n\r\n\r\n0\r\nX: y\r\n\r\n"
                             "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const bool keeps : {true, false})
        for (std::size_t step = 1; step <= static_cast<std::size_t>(bytes.size()); ++step) {
            RequestParser parser;
            if (keeps)
                parser.keepBodies();
            std::vector<std::string> bodies;
            std::string_view rest = view(bytes);
            while (!rest.empty()) {
                rest.remove_prefix(parser.feed(rest.substr(0, step)));
                if (parser.state() == State::Incomplete)
                    continue;
                QCOMPARE(parser.state(), State::Complete);
                bodies.push_back(parser.head().body);
                parser.reset();
            }
            QCOMPARE(bodies, (keeps ? std::vector<std::string>{"hello", "ab\n\r\n", ""} : std::vector<std::string>(3)));
        }
}

QTEST_APPLESS_MAIN(TestRequestParser)
#include "tst_request_parser.moc"
