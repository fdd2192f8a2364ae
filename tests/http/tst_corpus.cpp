// SPDX-License-Identifier: GPL-3.0-only
// Every request of tests/data/http, against the whole server over a socket and against the parser in every cut.
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>

#include "core/http/request_parser.h"
#include "tests/http/corpus.h"
#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using http::RequestParser;
using State = RequestParser::State;

namespace {

constexpr limit::LimitSpec kHuge{1'000'000, 1'000'000, Micros{3600s}, limit::StartLevel::Full};
constexpr qsizetype kEveryCutBelow = 2048;
const QByteArray kHonest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

// The statuses that the parser itself decides on.
bool isTurnedAway(int status)
{
    static const QSet<int> statuses{400, 413, 414, 417, 421, 431, 501, 505};
    return statuses.contains(status);
}

// What the parser makes of a conversation, in words that a failed comparison shows.
class Verdict {
public:
    void feed(std::string_view bytes)
    {
        while (!bytes.empty() && !m_isOver) {
            bytes.remove_prefix(m_parser.feed(bytes));
            if (m_parser.state() == State::Complete) {
                m_words += m_parser.head().closes ? "whole+close " : "whole ";
                m_isOver = m_parser.head().closes;
                m_parser.reset();
            } else if (m_parser.state() == State::Rejected) {
                m_words += QByteArray::number(m_parser.rejection().status);
                m_detail = m_parser.rejection().detail;
                m_isOver = true;
            }
        }
    }
    [[nodiscard]] QByteArray words() const { return m_words + (m_parser.hasBegun() ? "begun" : ""); }
    [[nodiscard]] QByteArray detail() const { return {m_detail.data(), static_cast<qsizetype>(m_detail.size())}; }

private:
    RequestParser m_parser;
    QByteArray m_words;
    std::string_view m_detail;
    bool m_isOver{false};
};

Verdict verdictInSteps(const QByteArray &bytes, qsizetype step)
{
    Verdict verdict;
    for (qsizetype at = 0; at < bytes.size(); at += step)
        verdict.feed(view(bytes).substr(static_cast<std::size_t>(at), static_cast<std::size_t>(step)));
    return verdict;
}

Verdict verdictCutAt(const QByteArray &bytes, qsizetype at)
{
    Verdict verdict;
    verdict.feed(view(bytes).substr(0, static_cast<std::size_t>(at)));
    verdict.feed(view(bytes).substr(static_cast<std::size_t>(at)));
    return verdict;
}

// What the answers of the server say about the parser.
QByteArray expectedWords(const CorpusCase &which)
{
    QList<int> statuses = which.statuses();
    if (which.halfCloses && !statuses.isEmpty() && statuses.back() == 400) // the end of the bytes is no byte
        return QByteArray{"whole "}.repeated(statuses.size() - 1) + "begun";
    const bool endsBadly = !statuses.isEmpty() && isTurnedAway(statuses.back());
    const QByteArray end = endsBadly ? QByteArray::number(statuses.takeLast()) : QByteArray{};
    QByteArray words = QByteArray{"whole "}.repeated(statuses.size());
    const bool isSaidToClose = which.isClosed && !endsBadly && !which.halfCloses;
    if (isSaidToClose)
        words = words.chopped(1) + "+close ";
    return words + end;
}

void addRows(const QList<CorpusCase> &cases)
{
    QTest::addColumn<int>("index");
    for (int i = 0; i < cases.size(); ++i)
        QTest::newRow(cases[i].name.constData()) << i;
}

} // namespace

class TestCorpus : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void isLargeAndNamesAreUnique();
    void parser_data() { addRows(m_cases); }
    void parser();
    void server_data() { addRows(m_cases); }
    void server();

private:
    void honestRequestIsAnswered();
    void converse(RawHttpClient &client, const CorpusCase &which);

    WarningsFail m_warnings;
    RedisServer m_redis;
    std::optional<RunningService> m_service;
    const QList<CorpusCase> m_cases = readCorpus();
};

void TestCorpus::initTestCase()
{
    m_warnings.listen();
    QVERIFY(m_redis.start());
    m_service.emplace(m_redis, kHuge);
}

void TestCorpus::isLargeAndNamesAreUnique()
{
    QVERIFY(m_cases.size() >= 250);
    QSet<QByteArray> names;
    for (const CorpusCase &which : m_cases) {
        QVERIFY2(!names.contains(which.name), which.name.constData());
        names.insert(which.name);
    }
}

void TestCorpus::parser()
{
    QFETCH(int, index);
    const CorpusCase &which = m_cases[index];
    const QByteArray bytes = which.bytes();
    const Verdict whole = verdictCutAt(bytes, bytes.size());
    // Who closes first does not matter where the client has ended its half.
    QCOMPARE(which.halfCloses ? whole.words().replace("+close", "") : whole.words(), expectedWords(which));
    if (bytes.size() >= kEveryCutBelow)
        return;
    for (qsizetype cut = 1; cut < bytes.size(); ++cut) {
        for (const Verdict &other : {verdictInSteps(bytes, cut), verdictCutAt(bytes, cut)}) {
            QCOMPARE(other.words(), whole.words());
            QCOMPARE(other.detail(), whole.detail());
        }
    }
}

void TestCorpus::server()
{
    QFETCH(int, index);
    const CorpusCase &which = m_cases[index];
    RawHttpClient client;
    QVERIFY(client.connectTo(m_service->port()));
    converse(client, which);
    if (QTest::currentTestFailed())
        return;
    if (which.isClosed) {
        const auto rest = client.readUntilClosed();
        QVERIFY2(rest, "the connection stays open");
        QCOMPARE(*rest, QByteArray{});
    } else {
        QVERIFY(client.send(kHonest));
        const auto next = client.readResponse();
        QVERIFY2(next, "the connection is not kept");
        QCOMPARE(next->status, 200);
    }
    honestRequestIsAnswered();
}

void TestCorpus::converse(RawHttpClient &client, const CorpusCase &which)
{
    for (const CorpusStep &step : which.steps) {
        client.send(step.bytes); // may fail half way where the answer comes before the end
        if (which.halfCloses)
            client.halfClose();
        for (const CorpusAnswer &expected : step.answers) {
            const auto answer = client.readResponse(expected.hasNoBody);
            QVERIFY2(answer, "no answer");
            QCOMPARE(answer->status, expected.status);
            if (&step == &which.steps.back() && &expected == &step.answers.back() && !which.halfCloses)
                QCOMPARE(answer->header("connection") == "close", which.isClosed);
            if (answer->status < 400 || expected.hasNoBody)
                continue;
            QCOMPARE(answer->header("content-type"), QByteArray{"application/problem+json"});
            const QJsonObject problem = QJsonDocument::fromJson(answer->body).object();
            QCOMPARE(problem["status"_L1].toInt(), expected.status);
            QVERIFY(!problem["detail"_L1].toString().isEmpty());
        }
    }
}

void TestCorpus::honestRequestIsAnswered()
{
    const auto honest = m_service->get();
    QVERIFY(honest);
    QCOMPARE(honest->status, 200);
}

QTEST_GUILESS_MAIN(TestCorpus)
#include "tst_corpus.moc"
