// SPDX-License-Identifier: GPL-3.0-only
// A client that paces itself by RateLimit-Policy and RateLimit is never refused: by the very bytes of the answers, over all
// algorithms and their numbers, then through a whole Weir.
#include <QTest>

#include <charconv>
#include <deque>

#include "core/base/whole.h"
#include "core/http/answers.h"
#include "core/limit/take.h"
#include "tests/http/limits_file.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using limit::LimitSpec;
using limit::Tokens;
using std::chrono::steady_clock;

namespace {

constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kLongestInterval{24h}; // longer ones would leave the years that the clock of a bucket can count
constexpr int kLimits = 200;
constexpr int kRequests = 300;

/// What the fields of an answer say of the first limit.
struct Fields {
    bool isAdmitted{false};
    std::int64_t quota{-1};
    std::int64_t windowS{-1}; ///< -1: not told
    std::int64_t remaining{-1};
    std::int64_t resetS{-1};
};

std::int64_t parameter(std::string_view field, std::string_view name)
{
    const auto at = field.find(name);
    std::int64_t value = -1;
    if (at != std::string_view::npos)
        std::from_chars(field.data() + at + name.size(), field.data() + field.size(), value);
    return value;
}

Fields fieldsOf(bool isAdmitted, std::string_view policy, std::string_view level)
{
    return {isAdmitted, parameter(policy, ";q="), parameter(policy, ";w="), parameter(level, ";r="),
            parameter(level, ";t=")};
}

std::string_view lineOf(std::string_view head, std::string_view name)
{
    const auto at = head.find(name);
    return at == std::string_view::npos ? std::string_view{} : head.substr(at, head.find("\r\n", at) - at);
}

/// A limit and its bucket, asked on a clock of the test's.
class Simulated {
public:
    explicit Simulated(const LimitSpec &spec) { m_limit.spec = spec; }

    Fields ask(Micros now, Tokens cost = 1)
    {
        const limit::BucketCall call{m_limit.spec, m_limit.epoch, limit::TokenMode::Keep, {}};
        const limit::AskRun run{{{0, cost, false}}, 1, false};
        const limit::TakeOutput told = limit::take({&m_bucket, 1}, {now, {&call, 1}, {&run, 1}});
        const bool isAdmitted = told.runs[0].granted == 1;
        const limit::Verdict verdict{isAdmitted ? limit::Verdict::Kind::Admitted : limit::Verdict::Kind::Refused,
                                     told.buckets[0].room, told.runs[0].asks[0].wait.value_or(Micros{0}),
                                     limit::nextRefill(told.buckets[0], now)};
        http::RequestFacts facts;
        facts.method = "GET";
        facts.target = "/";
        const http::Answer answer = http::decidedAnswer(facts, {.verdict = verdict, .limit = &m_limit}, false);
        const std::string_view head{answer.bytes.constData(), static_cast<std::size_t>(answer.bytes.size())};
        return fieldsOf(answer.status == 200, lineOf(head, "RateLimit-Policy: "), lineOf(head, "RateLimit: "));
    }

private:
    limit::Limit m_limit;
    std::optional<limit::Bucket> m_bucket;
};

LimitSpec anyLimit(Random &random, limit::Algorithm algorithm)
{
    LimitSpec spec = randomLimit(random, algorithm);
    spec.interval = Micros{random.scaled(limit::kMinInterval.count(), kLongestInterval.count())};
    if (random.oneIn(2)) // whole seconds: nothing is rounded in favour of the client
        spec.interval = Micros{random.scaled(1, kLongestInterval / 1s)} * 1'000'000;
    spec.start = limit::StartLevel::Full;
    return spec;
}

QByteArray wordsOf(const LimitSpec &spec, const Fields &told)
{
    return QByteArray{limit::nameOf(spec.algorithm).data()} + " capacity " + QByteArray::number(qint64{spec.capacity})
           + " refill " + QByteArray::number(qint64{spec.refill}) + " every "
           + QByteArray::number(qint64{spec.interval.count()}) + " us: q=" + QByteArray::number(qint64{told.quota})
           + ";w=" + QByteArray::number(qint64{told.windowS});
}

} // namespace

class TestPacing : public QObject {
    Q_OBJECT
    RedisServer m_redis;
    LimitsFile m_file;

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<int>("index");
        for (const limit::Algorithm algorithm : kAlgorithms)
            QTest::newRow(limit::nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }

    void whoSpreadsTheQuotaOverItsWindowIsNeverRefused()
    {
        QFETCH_GLOBAL(const int, index);
        Random random;
        int paced = 0;
        for (int n = 0; n < kLimits; ++n) {
            const LimitSpec spec = anyLimit(random, static_cast<limit::Algorithm>(index));
            Micros now = kStart + Micros{random.between(0, spec.interval.count())};
            Simulated weir{spec};
            Fields told = weir.ask(now);
            if (told.windowS < 0)
                continue;
            ++paced;
            const Micros step{ceilDiv(told.windowS * 1'000'000, told.quota)};
            for (int request = 0; request < kRequests; ++request) {
                QVERIFY2(told.isAdmitted, wordsOf(spec, told) + " request " + QByteArray::number(request));
                now += step;
                told = weir.ask(now);
            }
        }
        QVERIFY2(paced > kLimits / 2, QByteArray::number(paced));
    }

    // But for sliding-counter, whose burst is still fading when the next one comes: r and t tell of that.
    void whoSpendsTheQuotaAtAnyMomentsOfItsWindowIsNeverRefused()
    {
        QFETCH_GLOBAL(const int, index);
        if (static_cast<limit::Algorithm>(index) == limit::Algorithm::SlidingCounter)
            return;
        Random random;
        for (int n = 0; n < kLimits; ++n) {
            const LimitSpec spec = anyLimit(random, static_cast<limit::Algorithm>(index));
            Micros now = kStart + Micros{random.between(0, spec.interval.count())};
            Simulated weir{spec};
            Fields told = weir.ask(now);
            if (told.windowS < 0)
                continue;
            struct Spent {
                Micros at;
                Tokens tokens;
            };
            std::deque<Spent> spent{{now, 1}};
            Tokens inWindow = 1;
            const Micros window = Micros{1s} * told.windowS;
            for (int request = 0; request < kRequests; ++request) {
                QVERIFY2(told.isAdmitted, wordsOf(spec, told) + " request " + QByteArray::number(request));
                now += random.oneIn(2) ? Micros{random.between(0, 3)} : Micros{random.scaled(0, window.count())};
                if (random.oneIn(4)) // just when the oldest of them is out
                    now = std::max(now, spent.front().at + window);
                for (; !spent.empty() && spent.front().at + window <= now; spent.pop_front())
                    inWindow -= spent.front().tokens;
                const Tokens cost = random.oneIn(3) ? told.quota - inWindow : random.between(0, told.quota - inWindow);
                if (cost == 0 && spent.empty())
                    continue;
                spent.push_back({now, cost});
                inWindow += cost;
                told = weir.ask(now, cost);
            }
        }
    }

    void whoSpendsWhatRemainsAndThenWaitsIsNeverRefused()
    {
        QFETCH_GLOBAL(const int, index);
        Random random;
        for (int n = 0; n < kLimits; ++n) {
            const LimitSpec spec = anyLimit(random, static_cast<limit::Algorithm>(index));
            Micros now = kStart + Micros{random.between(0, spec.interval.count())};
            Simulated weir{spec};
            Fields told = weir.ask(now, random.between(1, spec.capacity));
            for (int request = 0; request < kRequests; ++request) {
                QVERIFY2(told.isAdmitted, wordsOf(spec, told) + " request " + QByteArray::number(request));
                QVERIFY(told.remaining >= 0 && told.resetS >= 0);
                if (told.remaining == 0) {
                    now += Micros{1s} * told.resetS;
                    told = weir.ask(now);
                } else {
                    told = weir.ask(now, random.oneIn(3) ? random.between(1, told.remaining) : told.remaining);
                }
            }
        }
    }

    // Both fields are read by programs that take the first of them for the size of a bar, and count in 31 bits.
    void theFieldsStayWithinWhatClientsCanRead()
    {
        QFETCH_GLOBAL(const int, index);
        Random random;
        for (int n = 0; n < kLimits; ++n) {
            const LimitSpec spec = randomLimit(random, static_cast<limit::Algorithm>(index));
            const Fields told = Simulated{spec}.ask(kStart, 0);
            QVERIFY2(told.quota >= 1 && told.quota <= spec.capacity, wordsOf(spec, told));
            QVERIFY2(told.windowS == -1 || (told.windowS >= 1 && told.windowS <= 2'147'483'647), wordsOf(spec, told));
        }
    }

    // One client that spreads, one that spends what remains; both wait after their answer, as clients do.
    void throughAWholeWeir()
    {
        QFETCH_GLOBAL(const int, index);
        const auto algorithm = static_cast<limit::Algorithm>(index);
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        const QByteArray refill = limit::isWindow(algorithm) ? "6" : "3";
        const auto service = m_file.serveWithout(m_redis, "[[limit]]\nname = \"paced\"\ncapacity = 6\nrefill = "
                                                              + refill + "\nevery = \"1s\"\nalgorithm = \""
                                                              + limit::nameOf(algorithm).data() + "\"\n" + kByKey);
        struct Client {
            QByteArray header;
            steady_clock::time_point due;
            int admitted{0};
            RawHttpClient wire{};
        };
        const auto start = steady_clock::now(), end = start + 2500ms;
        std::array<Client, 2> clients{{{"X-Api-Key: spreads\r\n", start}, {"X-Api-Key: spends\r\n", start}}};
        for (Client &client : clients)
            QVERIFY(client.wire.connectTo(service->port()));
        while (steady_clock::now() < end) {
            Client &client = clients[0].due <= clients[1].due ? clients[0] : clients[1];
            (void)QTest::qWaitFor([&] { return steady_clock::now() >= client.due; },
                                  5000); // the pace is what is tested
            QVERIFY(client.wire.sendRequest("GET", "/", client.header));
            const auto answer = client.wire.readResponse();
            QVERIFY(answer.has_value());
            const QByteArray policy = answer->header("ratelimit-policy"), level = answer->header("ratelimit");
            const Fields told = fieldsOf(answer->status == 200, policy.toStdString(), level.toStdString());
            QVERIFY2(told.isAdmitted, client.header + policy + " after " + QByteArray::number(client.admitted));
            ++client.admitted;
            client.due = steady_clock::now();
            if (&client == &clients[0])
                client.due += Micros{ceilDiv(told.windowS * 1'000'000, told.quota)};
            else if (told.remaining == 0)
                client.due += Micros{1s} * told.resetS;
        }
        QVERIFY2(clients[0].admitted >= 4 && clients[1].admitted >= 7, QByteArray::number(clients[1].admitted));
    }
};

QTEST_GUILESS_MAIN(TestPacing)
#include "tst_pacing.moc"
