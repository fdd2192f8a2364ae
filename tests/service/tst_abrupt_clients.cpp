// SPDX-License-Identifier: GPL-3.0-only
// Clients that vanish in every way there is, while honest ones go on undisturbed. Made for AddressSanitizer.
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/busy_clients.h"
#include "tests/support/seed.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kThreads = 8;
constexpr int kFewExits = 1000; // of all threads together; ./dev soak asks for more
constexpr int kHonest = 4;
constexpr limit::LimitSpec kLarge{1'000'000'000, 1, limit::kMaxInterval, limit::StartLevel::Full};

int exits()
{
    bool isSaid = false;
    const int said = qEnvironmentVariableIntValue("WEIR_ABRUPT_EXITS", &isSaid);
    return isSaid ? said : kFewExits;
}

const QByteArray kRequest = QByteArrayLiteral("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

// One connection that ends badly. Every wait is one for bytes that must come.
bool leave(std::uint16_t port, Random &random)
{
    RawHttpClient client;
    if (!client.connectTo(port))
        return false;
    bool isGood = true;
    switch (random.between(0, 9)) {
    case 0: // without a word
        break;
    case 1: // inside a request
        isGood = client.send(kRequest.left(random.between(1, kRequest.size() - 1)));
        break;
    case 2: // while the store decides
        isGood = client.send(kRequest);
        break;
    case 3: // many requests deep
        isGood = client.send(kRequest.repeated(random.between(2, 50)));
        break;
    case 4: // many requests deep, inside the answers and inside a request
        isGood = client.send(kRequest.repeated(random.between(2, 50)) + kRequest.left(random.between(1, 20)))
                 && client.readResponse();
        break;
    case 5: // in a body that it promised
        isGood = client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");
        break;
    case 6: // in a chunk
        isGood = client.send(kRequest + "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        break;
    case 7: // after the last answer, which the server ends with
        isGood = client.send("GET / HTTP/1.0\r\n\r\n") && (random.between(0, 1) == 0 || client.readResponse());
        break;
    case 8:                                            // without reading what does not fit into any buffer
        isGood = client.send(kRequest.repeated(1000)); // the server reads on as long as it can write
        break;
    default: // no HTTP, and pipelined behind what is
        isGood = client.send(kRequest + "\x16\x03\x01\r\n\r\n" + kRequest);
        break;
    }
    switch (random.between(0, 2)) {
    case 0:
        client.abort();
        break;
    case 1:
        client.close();
        break;
    default:
        client.halfClose();
        break; // the destructor closes what is left
    }
    return isGood;
}

} // namespace

class TestAbruptClients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void honestClientsNoticeNothing();
    void theServerMayStopMeanwhile();

private:
    // exits() bad ends from `kThreads` threads; how many could not even begin.
    static int leaveAbruptly(std::uint16_t port, std::uint64_t seed)
    {
        std::atomic<int> failures{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i)
            threads.emplace_back([port, &failures, random = Random{seed + static_cast<std::uint64_t>(i)}]() mutable {
                for (int n = 0; n < exits() / kThreads; ++n)
                    failures += leave(port, random) ? 0 : 1;
            });
        for (std::thread &thread : threads)
            thread.join();
        return failures;
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestAbruptClients::honestClientsNoticeNothing()
{
    RunningService service{m_redis, kLarge};
    BusyClients honest{service.port(), kHonest};
    QTRY_VERIFY_WITH_TIMEOUT(honest.answers() > 100, kPatienceMs);
    const auto seed = static_cast<std::uint64_t>(Random{}.between(1, 1'000'000));
    QCOMPARE(leaveAbruptly(service.port(), seed), 0);
    const std::int64_t answersThen = honest.answers();
    QTRY_VERIFY_WITH_TIMEOUT(honest.answers() > answersThen + 100, kPatienceMs); // it goes on
    // Nobody is kept that has gone.
    QTRY_COMPARE_WITH_TIMEOUT(service->status().totals.connections, std::int64_t{kHonest}, kPatienceMs);
    const Tally tally = honest.stop();
    QCOMPARE(tally.admitted, tally.answers());
    QCOMPARE(tally.cutShort + tally.unanswered + tally.closings, std::int64_t{0});
    QTRY_COMPARE_WITH_TIMEOUT(service->status().totals.connections, std::int64_t{0}, kPatienceMs);
    QCOMPARE(service.get()->status, 200);
}

// The drain meets connections in every state.
void TestAbruptClients::theServerMayStopMeanwhile()
{
    RunningService service{m_redis, kLarge};
    BusyClients honest{service.port(), kHonest};
    QTRY_VERIFY_WITH_TIMEOUT(honest.answers() > 100, kPatienceMs);
    const auto seed = static_cast<std::uint64_t>(Random{}.between(1, 1'000'000));
    std::thread leaving{[seed, port = service.port()] { leaveAbruptly(port, seed); }}; // many find it closed
    service->stop();
    leaving.join();
    const Tally tally = honest.wait();
    QCOMPARE(tally.cutShort, std::int64_t{0});
    QCOMPARE(tally.other, std::int64_t{0});
    QVERIFY(tally.admitted > 0);
}

QTEST_GUILESS_MAIN(TestAbruptClients)
#include "tst_abrupt_clients.moc"
