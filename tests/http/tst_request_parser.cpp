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
    void headMayCome64KiBLong();
    void limitsFields();
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
    QTest::newRow("absolute form") << QByteArray{"GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("space in the target") << QByteArray{"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("raw UTF-8 in the target") << QByteArray{"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"} << 400;
    QTest::newRow("no host") << QByteArray{"GET / HTTP/1.1\r\n\r\n"} << 400;
    QTest::newRow("two hosts") << (get + "Host: b\r\n\r\n") << 400;
    QTest::newRow("space before the colon") << (get + "X : 1\r\n\r\n") << 400;
    QTest::newRow("folded line") << (get + "X: 1\r\n 2\r\n\r\n") << 400;
    QTest::newRow("no colon") << (get + "X\r\n\r\n") << 400;
    QTest::newRow("NUL in a value") << (get + QByteArray{"X: a\0b\r\n\r\n", 11}) << 400;
    QTest::newRow("chunked") << (get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n") << 411;
    QTest::newRow("length twice") << (get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na") << 400;
    QTest::newRow("length with letters") << (get + "Content-Length: 4x\r\n\r\n") << 400;
    QTest::newRow("length with a sign") << (get + "Content-Length: +4\r\n\r\n") << 400;
    QTest::newRow("length beyond 64 bits") << (get + "Content-Length: 18446744073709551616\r\n\r\n") << 413;
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

void TestRequestParser::headMayCome64KiBLong()
{
    const QByteArray start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const auto withHead = [&start](std::size_t size) { // without the final empty line
        return start + QByteArray(static_cast<qsizetype>(size) - start.size(), 'x') + "\r\n\r\n";
    };
    for (const std::size_t step : {std::size_t{1000}, std::size_t{100'000}}) {
        RequestParser fits;
        feedInSteps(fits, view(withHead(weir::http::kMaxHeadBytes - 4)), step);
        QCOMPARE(fits.state(), State::Complete);
        RequestParser tooLong;
        feedInSteps(tooLong, view(withHead(weir::http::kMaxHeadBytes + 1)), step);
        QCOMPARE(tooLong.state(), State::Rejected);
        QCOMPARE(tooLong.rejection().status, 431);
    }
}

void TestRequestParser::limitsFields()
{
    const auto request = [](int fields) {
        return QByteArray{"GET / HTTP/1.1\r\nHost: a\r\n"} + QByteArray{"X: 1\r\n"}.repeated(fields - 1) + "\r\n";
    };
    RequestParser fits;
    fits.feed(view(request(weir::http::kMaxFields)));
    QCOMPARE(fits.state(), State::Complete);
    RequestParser tooMany;
    tooMany.feed(view(request(weir::http::kMaxFields + 1)));
    QCOMPARE(tooMany.rejection().status, 431);
}

QTEST_APPLESS_MAIN(TestRequestParser)
#include "tst_request_parser.moc"
