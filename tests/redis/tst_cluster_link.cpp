// SPDX-License-Identifier: GPL-3.0-only
// What nodes of a cluster may say to one link: redirections, refusals, and maps of all kinds.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "core/redis/link/cluster_link.h"
#include "tests/redis/answer_list.h"
#include "tests/redis/fake_redis.h"
#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelay = 40ms};
constexpr QByteArrayView kKey = "weir:{global}";
const QByteArray kGet = formatCommand({"GET", kKey});

// A node that has, or says that others have, all slots.
class FakeNode {
public:
    explicit FakeNode(std::chrono::milliseconds pace = {}) : m_pace{pace} {}
    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] QByteArray place() const { return "127.0.0.1:" + QByteArray::number(port()); }
    [[nodiscard]] int count(const char *word) const { return static_cast<int>(heard.count(word)); }

    std::uint16_t owner{0}; ///< in its map; 0: the node itself
    QByteArray map;         ///< sent instead of a map
    QByteArrayList toGet;   ///< answers to GET, one after the other; the last one stays
    QByteArrayList heard;   ///< first words of its commands

private:
    QByteArray answerTo(const QByteArrayList &command)
    {
        heard.append(command.at(0));
        if (command.at(0) == "PING")
            return "+PONG\r\n";
        if (command.at(0) == "ASKING")
            return "+OK\r\n";
        if (command.at(0) == "GET")
            return toGet.size() > 1 ? toGet.takeFirst() : toGet.value(0);
        if (command.at(0) != "CLUSTER")
            return "-ERR unknown command\r\n";
        const QByteArray number = QByteArray::number(owner == 0 ? port() : owner);
        return map.isEmpty() ? "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" + bulk("127.0.0.1") + ':' + number + "\r\n" : map;
    }

    std::chrono::milliseconds m_pace;
    FakeRedis m_server{[this](const QByteArrayList &command) { return answerTo(command); }, m_pace};
};

} // namespace

class TestClusterLink : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void callsWaitForTheFirstMap();
    void movedIsFollowedAndRemembered();
    void askIsFollowedOnce();
    void aCircleEnds();
    void tryAgainIsTriedAgain();
    void tryAgainEndsWithTheDeadline();
    void clusterDownIsAPassingError();
    void aTimedOutCallIsNotSentAgain();
    void redirectedCallsWaitForTheirTurn();
    void theNextSeedIsAsked();
    void noMapIsToldInPlainWords_data();
    void noMapIsToldInPlainWords();
    void manyRedirectionsAreNoStormOfMaps();
    void aNodeThatDiesMakesTheClusterNotReady();
    void aServerThatIsNoCluster();
    void destructionCallsNobody();

private:
    static RedisUrl urlOf(const QList<std::uint16_t> &ports, const QString &secrets = {})
    {
        QStringList hosts;
        for (const std::uint16_t port : ports)
            hosts << u"127.0.0.1:%1"_s.arg(port);
        return parseRedisUrl(u"cluster://"_s + secrets + hosts.join(u',')).value();
    }

    WarningsFail m_warnings;
};

void TestClusterLink::callsWaitForTheFirstMap()
{
    FakeNode node;
    node.toGet = {bulk("here")};
    Answers answers;
    ClusterLink link{urlOf({node.port()}), kPatient};
    QSignalSpy readiness{&link, &ClusterLink::readyChanged};
    link.start();
    link.call(kKey, kGet, answers.handler());
    link.call(formatCommand({"PING"}), answers.handler());
    QCOMPARE(answers.answered(), std::size_t{0});
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QCOMPARE(answers[0].reply.text, QByteArray{"here"});
    QCOMPARE(answers[1].reply.text, QByteArray{"PONG"});
    QCOMPARE(readiness.count(), 1);
    QVERIFY(link.isReady());
    QCOMPARE(link.address(), u"cluster://127.0.0.1:%1"_s.arg(node.port()));
}

void TestClusterLink::movedIsFollowedAndRemembered()
{
    FakeNode first, second;
    first.toGet = {"-MOVED 10408 " + second.place() + "\r\n"};
    second.toGet = {bulk("moved")};
    Answers answers;
    ClusterLink link{urlOf({first.port()}), kPatient};
    link.start();
    for (int i = 0; i < 3; ++i) {
        first.owner = second.port(); // the map learns of it as well
        link.call(kKey, kGet, answers.handler());
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), answers.asked(), kPatienceMs);
        QCOMPARE(answers[answers.asked() - 1].reply.text, QByteArray{"moved"});
    }
    QVERIFY(first.count("GET") <= 1);
    QCOMPARE(second.count("GET"), 3);
    QCOMPARE(second.count("ASKING"), 0);
}

void TestClusterLink::askIsFollowedOnce()
{
    FakeNode first, second;
    first.toGet = {"-ASK 10408 " + second.place() + "\r\n", bulk("still here")};
    second.toGet = {bulk("there")};
    Answers answers;
    ClusterLink link{urlOf({first.port()}), kPatient};
    link.start();
    for (std::size_t i = 1; i <= 2; ++i) {
        link.call(kKey, kGet, answers.handler());
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), i, kPatienceMs);
    }
    QCOMPARE(answers[0].reply.text, QByteArray{"there"});
    QCOMPARE(answers[1].reply.text, QByteArray{"still here"});
    const QByteArrayList expected{"PING", "ASKING", "GET"};
    QCOMPARE(second.heard, expected);
}

void TestClusterLink::aCircleEnds()
{
    FakeNode first, second;
    first.toGet = {"-MOVED 10408 " + second.place() + "\r\n"};
    second.toGet = {"-MOVED 10408 " + first.place() + "\r\n"};
    Answers answers;
    ClusterLink link{urlOf({first.port()}), kPatient};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QVERIFY(answers[0].error);
    QCOMPARE(answers[0].error->code, Error::Code::Unavailable);
    QVERIFY(answers[0].error->transient && !answers[0].error->mayBeDone);
    QCOMPARE(first.count("GET") + second.count("GET"), 6);
}

void TestClusterLink::tryAgainIsTriedAgain()
{
    FakeNode node;
    node.toGet = {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
                  "-TRYAGAIN Multiple keys request during rehashing of slot\r\n", bulk("now")};
    Answers answers;
    ClusterLink link{urlOf({node.port()}), kPatient};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(answers[0].reply.text, QByteArray{"now"});
    QCOMPARE(node.count("GET"), 3);
}

void TestClusterLink::tryAgainEndsWithTheDeadline()
{
    FakeNode node;
    node.toGet = {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n"};
    LinkOptions options = kPatient;
    options.callDeadline = 150ms;
    Answers answers;
    ClusterLink link{urlOf({node.port()}), options};
    QSignalSpy readiness{&link, &ClusterLink::readyChanged};
    link.start();
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 1, kPatienceMs);
    QElapsedTimer clock;
    clock.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QVERIFY(clock.elapsed() >= 150);
    QVERIFY(answers[0].error);
    QCOMPARE(answers[0].error->code, Error::Code::Timeout);
    // Nothing more is sent for it: what the node hears next is the next call.
    const int sent = node.count("GET");
    for (std::size_t i = 2; i <= 10; ++i) {
        node.toGet = {bulk("here")};
        link.call(kKey, kGet, answers.handler());
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), i, kPatienceMs);
    }
    QVERIFY(node.count("GET") <= sent + 1 + 9);
    QVERIFY(answers.isEachCalledOnce());
}

void TestClusterLink::clusterDownIsAPassingError()
{
    FakeNode node;
    node.toGet = {"-CLUSTERDOWN The cluster is down\r\n", bulk("up")};
    Answers answers;
    ClusterLink link{urlOf({node.port()}), kPatient};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QVERIFY(answers[0].reply.isError("CLUSTERDOWN"));
    QVERIFY(errorOf(answers[0].reply).transient);
    QTRY_VERIFY_WITH_TIMEOUT(node.count("CLUSTER") >= 2, kPatienceMs); // it asks for the map again
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QCOMPARE(answers[1].reply.text, QByteArray{"up"});
}

void TestClusterLink::aTimedOutCallIsNotSentAgain()
{
    FakeNode first, second;
    first.toGet = {"-MOVED 10408 " + second.place() + "\r\n"};
    first.owner = first.port();
    second.toGet = {QByteArray{}}; // hears it and says nothing
    LinkOptions options = kPatient;
    options.callDeadline = 80ms; // well before the map is asked for again, which the second node would answer
    Answers answers;
    ClusterLink link{urlOf({first.port()}), options};
    QSignalSpy readiness{&link, &ClusterLink::readyChanged};
    link.start();
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 1, kPatienceMs);
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QVERIFY(answers[0].error);
    QCOMPARE(answers[0].error->code, Error::Code::Timeout);
    QVERIFY(answers[0].error->mayBeDone);
    QTRY_VERIFY_WITH_TIMEOUT(second.count("PING") >= 2, kPatienceMs); // the link to it has come back
    QCOMPARE(second.count("GET"), 1);
    QVERIFY(answers.isEachCalledOnce());
}

// Behind the others at the second node, which goes on answering.
void TestClusterLink::redirectedCallsWaitForTheirTurn()
{
    constexpr std::size_t kCalls = 40;
    FakeNode first, second{10ms};
    first.toGet = {"-MOVED 10408 " + second.place() + "\r\n"};
    second.toGet = {bulk("there")};
    LinkOptions options = kPatient;
    options.callDeadline = 150ms;
    Answers answers;
    ClusterLink link{urlOf({first.port()}), options};
    QSignalSpy readiness{&link, &ClusterLink::readyChanged};
    link.start();
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 1, kPatienceMs);
    for (std::size_t i = 0; i < kCalls; ++i)
        link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), kCalls, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    for (std::size_t i = 0; i < kCalls; ++i) {
        QVERIFY2(!answers[i].error, answers[i].error ? answers[i].error->detail.c_str() : "");
        QCOMPARE(answers[i].reply.text, QByteArray{"there"});
    }
}

void TestClusterLink::theNextSeedIsAsked()
{
    FakeNode lost, good;
    lost.map = "-CLUSTERDOWN Hash slot not served\r\n";
    good.toGet = {bulk("here")};
    Answers answers;
    ClusterLink link{urlOf({freePort(), lost.port(), good.port()}), kPatient};
    QSignalSpy failures{&link, &ClusterLink::failed};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(answers[0].reply.text, QByteArray{"here"});
    QCOMPARE(failures.count(), 0);
}

void TestClusterLink::noMapIsToldInPlainWords_data()
{
    QTest::addColumn<QByteArray>("map");
    QTest::addColumn<Error::Code>("code");
    QTest::addColumn<QString>("said");
    QTest::newRow("no slots") << QByteArray{"*0\r\n"} << Error::Code::Unavailable << u"knows no slots"_s;
    QTest::newRow("no permission") << QByteArray{"-NOPERM this user has no permissions to run 'cluster|slots'\r\n"}
                                   << Error::Code::Configuration << u"NOPERM"_s;
    QTest::newRow("something else") << QByteArray{"+OK\r\n"} << Error::Code::Protocol << u"CLUSTER SLOTS"_s;
}

void TestClusterLink::noMapIsToldInPlainWords()
{
    QFETCH(const QByteArray, map);
    QFETCH(const Error::Code, code);
    QFETCH(const QString, said);
    FakeNode node;
    node.map = map;
    node.toGet = {bulk("here")};
    Answers answers;
    ClusterLink link{urlOf({node.port(), freePort()}), kPatient};
    QSignalSpy failures{&link, &ClusterLink::failed};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 2, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce() && answers[0].error);
    if (code == Error::Code::Configuration) { // of several reasons the one that needs a person is told
        QCOMPARE(link.lastError().code, code);
        QVERIFY2(link.lastError().detail.find(said.toStdString()) != std::string::npos,
                 link.lastError().detail.c_str());
    }
    QVERIFY(link.lastError().detail.starts_with("no node of the cluster tells its slots: "));
    node.map.clear();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QCOMPARE(answers[1].reply.text, QByteArray{"here"});
}

void TestClusterLink::manyRedirectionsAreNoStormOfMaps()
{
    FakeNode first, second;
    first.toGet = {"-MOVED 10408 " + second.place() + "\r\n"};
    second.toGet = {bulk("there")};
    Answers answers;
    ClusterLink link{urlOf({first.port()}), kPatient}; // its map never learns
    QElapsedTimer clock;
    clock.start();
    link.start();
    while (answers.asked() < 500) {
        for (int i = 0; i < 10; ++i)
            link.call(kKey, kGet, answers.handler());
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), answers.asked(), kPatienceMs);
    }
    const int maps = first.count("CLUSTER") + second.count("CLUSTER");
    QVERIFY2(maps <= 2 + clock.elapsed() / 200, qPrintable(QString::number(maps)));
    for (std::size_t i = 0; i < answers.asked(); ++i)
        QCOMPARE(answers[i].reply.text, QByteArray{"there"});
}

void TestClusterLink::aNodeThatDiesMakesTheClusterNotReady()
{
    FakeNode seed;
    auto owner = std::make_unique<FakeNode>();
    owner->toGet = {bulk("here")};
    owner->owner = owner->port();
    seed.owner = owner->port();
    seed.toGet = {bulk("taken over")};
    Answers answers;
    ClusterLink link{urlOf({seed.port()}), kPatient};
    QSignalSpy failures{&link, &ClusterLink::failed};
    link.start();
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    owner.reset();
    QTRY_VERIFY_WITH_TIMEOUT(!link.isReady(), kPatienceMs);
    QVERIFY(failures.count() >= 1);
    QCOMPARE(link.lastError().code, Error::Code::Unavailable);
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QVERIFY(answers[1].error && answers[1].error->transient);
    seed.owner = 0;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    link.call(kKey, kGet, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{3}, kPatienceMs);
    QCOMPARE(answers[2].reply.text, QByteArray{"taken over"});
}

void TestClusterLink::aServerThatIsNoCluster()
{
    const std::uint16_t port = freePort();
    RedisServer redis;
    QVERIFY(redis.start({u"--port"_s, QString::number(port), u"--bind"_s, u"127.0.0.1"_s}));
    ClusterLink link{urlOf({port}), kPatient};
    QSignalSpy failures{&link, &ClusterLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Configuration);
    QVERIFY2(link.lastError().detail.find("use redis://") != std::string::npos, link.lastError().detail.c_str());
}

void TestClusterLink::destructionCallsNobody()
{
    FakeNode node;
    Answers answers;
    {
        ClusterLink waiting{urlOf({node.port()}), kPatient};
        waiting.start();
        waiting.call(kKey, kGet, answers.handler());
    }
    {
        ClusterLink busy{urlOf({node.port()}), kPatient};
        busy.start();
        busy.call(kKey, kGet, answers.handler()); // which the node leaves without an answer
        QTRY_VERIFY_WITH_TIMEOUT(node.count("GET") == 1, kPatienceMs);
    }
    QCoreApplication::processEvents();
    QCOMPARE(answers.answered(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestClusterLink)
#include "tst_cluster_link.moc"
