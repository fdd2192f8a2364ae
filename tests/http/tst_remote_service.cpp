// SPDX-License-Identifier: GPL-3.0-only
// A Weir that is seen and steered from elsewhere: the same numbers, changes that hold, and contact that is lost and found.
#include <QDateTime>
#include <QTemporaryDir>
#include <QTest>

#include "core/admin/admin_token.h"
#include "core/config/toml_reader.h"
#include "core/remote/remote_service.h"
#include "tests/http/running_service.h"
#include "tests/support/limit_setup.h"
#include "tests/support/slow_relay.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using remote::RemoteService;

namespace {

constexpr int kSoonMs = 5000;
constexpr int kFreshMs = 1000; // no number is older
constexpr limit::Tokens kCapacity = 40;

} // namespace

class TestRemoteService : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitSetup m_setup;
    std::unique_ptr<SlowRelay> m_relay;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<RemoteService> m_remote;

    static void rows()
    {
        QTest::addColumn<int>("kind");
        for (const LimitSetup::Kind kind : kLimitKinds)
            QTest::newRow(LimitSetup{kind, cappedAt(kCapacity)}.name().c_str()) << static_cast<int>(kind);
    }
    void serve()
    {
        const config::Config said = config::readConfigText(m_setup.text("local").toStdString()).config;
        m_service = std::make_unique<RunningService>(
            m_redis, limit::LimitSpec{}, 2, config::StoreFailurePolicy::Local, [&](config::Config &config) {
                config.limit = said.limit;
                config.limitSet = said.limitSet;
                config.onStoreFailure = said.onStoreFailure;
                config.admin = {true, true, {"127.0.0.1", 0}};
                config.adminHosts = {"127.0.0.1:" + std::to_string(m_relay->port())};
                config.dataDir = m_folder->path().toStdString();
                config.keepsHistory = true;
            });
        m_relay->leadTo(
            static_cast<std::uint16_t>(QUrl{QString::fromStdString((*m_service)->status().adminUrl)}.port()));
    }
    [[nodiscard]] QUrl url() const { return QUrl{QStringLiteral("http://127.0.0.1:%1").arg(m_relay->port())}; }
    Result<Done> connectTo(const std::string &token)
    {
        m_remote = std::make_unique<RemoteService>(remote::Elsewhere{url(), token});
        Result<Done> started = m_remote->start();
        m_remote->setWatched(true);
        return started;
    }
    void open(std::chrono::milliseconds roundTrip = 0ms)
    {
        QFETCH(const int, kind);
        m_setup = {static_cast<LimitSetup::Kind>(kind), cappedAt(kCapacity)};
        m_relay->setRoundTrip(roundTrip);
        serve();
        const auto token = admin::AdminToken::readOrMake(m_folder->path().toStdString());
        QVERIFY(token);
        const auto started = connectTo(token.value());
        QVERIFY2(started, started ? "" : started.error().detail.c_str());
    }
    [[nodiscard]] std::string subject(std::size_t client = 0) const
    {
        return m_setup.kind == LimitSetup::Kind::Keyed ? "k" + std::to_string(client) : std::string{};
    }
    int send(std::size_t client = 0, const QByteArray &target = QByteArrayLiteral("/"))
    {
        RawHttpClient connection;
        if (!connection.connectTo(m_service->port())
            || !connection.sendRequest(QByteArrayLiteral("GET"), target, m_setup.fields(client)))
            return 0;
        const auto response = connection.readResponse();
        return response ? response->status : 0;
    }
    int admittedOf(limit::Tokens requests)
    {
        int admitted = 0;
        for (limit::Tokens i = 0; i < requests; ++i)
            admitted += send() == 200 ? 1 : 0;
        return admitted;
    }
    template<class Value>
    Result<Value> answered(const std::function<void(std::function<void(Result<Value>)>)> &ask)
    {
        std::optional<Result<Value>> answer;
        ask([&](const Result<Value> &heard) { answer = heard; });
        if (answer)
            QTest::qFail("it was answered at once", __FILE__, __LINE__);
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 2 * kSoonMs))
            return Error{Error::Code::Timeout, "the test has waited in vain"};
        return *answer;
    }
    Result<Done> changed(const config::LimitSet &next, limit::TokenMode mode = limit::TokenMode::Refill)
    {
        return answered<Done>([&](const auto &done) { m_remote->changeLimits(next, mode, this, done); });
    }
    Result<limit::Tokens> level(limit::Tokens tokens)
    {
        return answered<limit::Tokens>(
            [&](const auto &done) { m_remote->setBucketLevel("global", subject(), tokens, this, done); });
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        m_relay = std::make_unique<SlowRelay>();
        m_folder = std::make_unique<QTemporaryDir>();
    }
    void cleanup()
    {
        m_remote.reset();
        m_service.reset();
        m_relay.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theSameIsSeen_data() { rows(); }
    void theSameIsSeen()
    {
        open();
        QCOMPARE(admittedOf(3), 3);
        m_remote->showBucket("global", subject());
        (*m_service)->showBucket("global", subject());
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, 3, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().level.tokens, m_setup.spec().capacity - 3, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().level.tokens, m_setup.spec().capacity - 3, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().level.admittedLifetime, 3, kSoonMs);
        const engine::Status here = m_remote->status(), there = (*m_service)->status();
        QCOMPARE(QString::fromStdString(here.elsewhere), url().toString());
        QVERIFY(here.noContact.empty());
        QVERIFY(there.elsewhere.empty());
        QCOMPARE(here.urls, there.urls);
        QCOMPARE(here.adminUrl, there.adminUrl);
        QCOMPARE(here.workers, there.workers);
        QCOMPARE(here.limit.name, there.limit.name);
        QVERIFY(here.limit.spec == there.limit.spec);
        QCOMPARE(here.subject, there.subject);
        QVERIFY(here.level.isKnown);
        QCOMPARE(here.onStoreFailure, there.onStoreFailure);
        QCOMPARE(here.store.state, there.store.state);
        QCOMPARE(here.store.address, there.store.address);
        QCOMPARE(here.store.version, there.store.version);
        QCOMPARE(here.store.isPrivate, there.store.isPrivate);
        QCOMPARE(here.refill.isRunning, there.refill.isRunning);
        QCOMPARE(here.failure.liveInstances, there.failure.liveInstances);
        QCOMPARE(here.totals.answers(), there.totals.answers());
        QCOMPARE(here.totals.decidedBy, there.totals.decidedBy);
        QCOMPARE(here.limits.size(), there.limits.size());
        QCOMPARE(here.limits.front().admitted, 3);
        QVERIFY(std::chrono::abs(here.startedAt - there.startedAt) < 2s);
        QVERIFY(*m_remote->limits() == *(*m_service)->limits());
        QVERIFY(!m_remote->canBreak());
        QVERIFY((*m_service)->canBreak());
    }

    void aChangeHoldsForTheNextRequest_data() { rows(); }
    void aChangeHoldsForTheNextRequest()
    {
        open();
        QCOMPARE(send(), 200);
        const std::shared_ptr<const config::LimitSet> before = m_remote->limits();
        for (const limit::Tokens capacity : {3, 7, 5}) {
            config::LimitSet next = *m_remote->limits();
            next.limits.front().spec.capacity = capacity;
            next.limits.front().spec.refill = 1;
            const auto done = changed(next);
            QVERIFY2(done, done ? "" : done.error().detail.c_str());
            QVERIFY(*m_remote->limits() == next);
            if (m_setup.kind == LimitSetup::Kind::Keyed) // buckets by key keep what they have
                QVERIFY(level(limit::kMaxCapacity));
            QCOMPARE(admittedOf(capacity + 2), static_cast<int>(capacity));
            QVERIFY(*(*m_service)->limits() == next);
        }
        const std::shared_ptr<const config::LimitSet> after = m_remote->limits();
        config::LimitSet wrong = *after;
        wrong.limits.front().spec.capacity = 0;
        const auto done = changed(wrong);
        QVERIFY(!done);
        QCOMPARE(done.error().code, Error::Code::Invalid);
        QVERIFY2(QByteArray::fromStdString(done.error().detail).contains("capacity"), done.error().detail.c_str());
        QCOMPARE(m_remote->limits(), after);
        QVERIFY(!changed(*before, limit::TokenMode::Drain));

        // Changed there, it is seen here.
        QVERIFY(m_service->change({9, 1, Micros{60s}}));
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->limits()->limits.front().spec.capacity, 9, kSoonMs);
        const auto policy = answered<Done>([&](const auto &heard) {
            m_remote->showBucket("global", subject());
            m_remote->setStoreFailurePolicy(config::StoreFailurePolicy::Allow, this, heard);
        });
        QVERIFY(policy);
        QCOMPARE(m_remote->status().onStoreFailure, config::StoreFailurePolicy::Allow);
        QCOMPARE((*m_service)->limits()->limits.front().onStoreFailure, config::StoreFailurePolicy::Allow);
    }

    void bucketsAreSet_data() { rows(); }
    void bucketsAreSet()
    {
        open();
        QCOMPARE(send(), 200);
        m_remote->showBucket("global", subject());
        const limit::Tokens capacity = m_setup.spec().capacity;
        for (const limit::Tokens tokens : {limit::Tokens{0}, limit::Tokens{2}, limit::kMaxCapacity}) {
            const auto now = level(tokens);
            QVERIFY2(now, now ? "" : now.error().detail.c_str());
            QCOMPARE(now.value(), std::min(tokens, capacity));
            QCOMPARE(m_remote->status().level.tokens, std::min(tokens, capacity));
            const auto peeks = answered<std::vector<engine::BucketPeek>>([&](const auto &done) {
                m_remote->peekBuckets({{"global", subject(), 1}}, this, done);
            });
            QVERIFY(peeks);
            QCOMPARE(peeks.value().front().tokens, std::min(tokens, capacity));
            QVERIFY(peeks.value().front().spec == m_setup.spec());
            QCOMPARE(peeks.value().front().wait == Micros{0}, tokens > 0);
        }
        QCOMPARE(admittedOf(capacity + 1), static_cast<int>(capacity));
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().level.tokens, 0, kSoonMs);
    }

    void bucketsAreListed_data() { rows(); }
    void bucketsAreListed()
    {
        open();
        for (const std::size_t client : {0, 1, 1})
            QCOMPARE(send(client), 200);
        m_remote->watchBuckets("global", {});
        QTRY_VERIFY_WITH_TIMEOUT(!m_remote->buckets()->rows.empty() && m_remote->buckets()->rows.front().admitted > 1,
                                 kSoonMs);
        const bool isKeyed = m_setup.kind == LimitSetup::Kind::Keyed;
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->buckets()->rows.size(), std::size_t{isKeyed ? 2U : 1U}, kSoonMs);
        QCOMPARE(m_remote->buckets()->rows.front().subject, subject(1));
        if (isKeyed) {
            m_remote->watchBuckets("global", "k0");
            QTRY_COMPARE_WITH_TIMEOUT(m_remote->buckets()->rows.size(), std::size_t{1}, kSoonMs);
        }
        const auto none =
            answered<engine::BucketList>([&](const auto &done) { m_remote->listBuckets("nobody", {}, this, done); });
        QVERIFY(!none);
        QCOMPARE(none.error().code, Error::Code::Invalid);
    }

    void requestsComeOnceAndInOrder_data() { rows(); }
    void requestsComeOnceAndInOrder()
    {
        open();
        QStringList sent, seen;
        const auto take = [&] {
            for (const telemetry::RequestRecord &record : m_remote->takeRequests()) {
                if (std::abs(record.atUs / 1000 - QDateTime::currentMSecsSinceEpoch()) > 10 * kSoonMs)
                    seen.append(QStringLiteral("at another time"));
                seen.append(QString::fromLatin1(record.target.view().data(),
                                                static_cast<qsizetype>(record.target.view().size())));
            }
            return seen.size();
        };
        for (const int count : {4, 1, 9}) {
            for (int i = 0; i < count; ++i) {
                sent.append(QStringLiteral("/%1").arg(sent.size()));
                QVERIFY(send(0, sent.back().toLatin1()) > 0);
            }
            QTRY_COMPARE_WITH_TIMEOUT(take(), sent.size(), kSoonMs);
            QCOMPARE(seen, sent);
        }
        QCOMPARE(m_remote->status().requestsNotShown, std::uint64_t{0});

        // Another process there counts from 1 again.
        m_remote->setWatched(false);
        m_relay->leadTo(0);
        m_service.reset();
        QTRY_VERIFY_WITH_TIMEOUT(!m_remote->status().noContact.empty(), 2 * kSoonMs);
        serve();
        for (int i = 0; i < 20; ++i) { // more than before: that the ids are lower says nothing
            sent.append(QStringLiteral("/%1").arg(sent.size()));
            QVERIFY(send(0, sent.back().toLatin1()) > 0);
        }
        m_remote->setWatched(true);
        QTRY_COMPARE_WITH_TIMEOUT(take(), sent.size(), 2 * kSoonMs);
        QCOMPARE(seen, sent);
    }

    void thePastIsSeen_data() { rows(); }
    void thePastIsSeen()
    {
        open();
        QCOMPARE(admittedOf(5), 5);
        const auto counted = [&](const std::string &limit) {
            const std::int64_t now = QDateTime::currentSecsSinceEpoch();
            const auto answer = answered<history::Answer>([&](const auto &done) {
                m_remote->askHistory({limit, now - 600, now + 60, 1000}, this, done);
            });
            std::int64_t admitted = 0;
            if (answer)
                for (const history::Row &row : answer.value().rows)
                    admitted += row.counts.admitted;
            return admitted;
        };
        QTRY_COMPARE_WITH_TIMEOUT(counted({}), 5, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(counted("global"), 5, kSoonMs);
        const auto drawn = [&] {
            std::int64_t admitted = 0;
            for (const telemetry::SecondBin &bin : m_remote->history()->bins)
                admitted += bin.admitted;
            return admitted;
        };
        QTRY_COMPARE_WITH_TIMEOUT(drawn(), 5, kSoonMs);

        // Who comes later sees what was before.
        const auto token = admin::AdminToken::readOrMake(m_folder->path().toStdString());
        QVERIFY(connectTo(token.value()));
        QTRY_COMPARE_WITH_TIMEOUT(drawn(), 5, kSoonMs);
        QCOMPARE(admittedOf(2), 2);
        QTRY_COMPARE_WITH_TIMEOUT(drawn(), 7, kSoonMs);
        m_remote->setWatched(false);
        QVERIFY(m_remote->history()->bins.empty());
    }

    void withoutTheTokenItIsOnlyLookedAt_data() { rows(); }
    void withoutTheTokenItIsOnlyLookedAt()
    {
        open();
        for (const std::string &token : {std::string{}, std::string(64, 'b')}) {
            QVERIFY(connectTo(token));
            const std::shared_ptr<const config::LimitSet> before = m_remote->limits();
            config::LimitSet next = *before;
            next.limits.front().spec.capacity = 2;
            const auto done = changed(next);
            QVERIFY(!done);
            QCOMPARE(done.error().code, Error::Code::Configuration);
            QVERIFY2(QByteArray::fromStdString(done.error().detail).contains("token"), done.error().detail.c_str());
            QVERIFY(!QByteArray::fromStdString(done.error().detail).contains("bbbb"));
            QCOMPARE(m_remote->limits(), before);
            QVERIFY(!level(0));
            QCOMPARE(send(), 200);
        }
    }

    void contactIsLostAndFound_data() { rows(); }
    void contactIsLostAndFound()
    {
        open();
        QCOMPARE(admittedOf(2), 2);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, 2, kSoonMs);
        m_relay->leadTo(0);
        QTRY_VERIFY_WITH_TIMEOUT(!m_remote->status().noContact.empty(), kSoonMs);
        const QByteArray why = QByteArray::fromStdString(m_remote->status().noContact);
        QVERIFY2(why.startsWith("No connection to " + url().toEncoded() + " since "), why.constData());
        QVERIFY2(why.contains("; trying again"), why.constData());
        QCOMPARE(m_remote->status().totals.admitted, 2); // as it was heard last
        const auto lost = level(0);
        QVERIFY(!lost);
        QCOMPARE(lost.error().code, Error::Code::Unavailable);
        QVERIFY(m_service->change({kCapacity, 1, Micros{366LL * 24h}}));
        QVERIFY(m_service->change({kCapacity - 1, 1, Micros{366LL * 24h}}));
        m_relay->leadTo(
            static_cast<std::uint16_t>(QUrl{QString::fromStdString((*m_service)->status().adminUrl)}.port()));
        QTRY_VERIFY_WITH_TIMEOUT(m_remote->status().noContact.empty(), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->limits()->limits.front().spec.capacity, kCapacity - 1, kSoonMs);
        QCOMPARE(send(), 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, 3, kSoonMs);

        // Another process.
        m_relay->leadTo(0);
        m_service.reset();
        QTRY_VERIFY_WITH_TIMEOUT(!m_remote->status().noContact.empty(), 2 * kSoonMs);
        serve();
        QTRY_VERIFY_WITH_TIMEOUT(m_remote->status().noContact.empty(), 2 * kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, 0, kSoonMs);
        QCOMPARE(send(), 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, 1, kSoonMs);
        QVERIFY(level(0));
    }

    // 100 ms there and back: what is shown is at most a second old, and nobody waits for it.
    void farAwayNumbersAreFresh_data() { rows(); }
    void farAwayNumbersAreFresh()
    {
        open(100ms);
        m_remote->showBucket("global", subject());
        for (int i = 1; i <= 3; ++i) {
            QCOMPARE(send(), 200);
            QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().totals.admitted, i, kFreshMs);
            QTRY_COMPARE_WITH_TIMEOUT(m_remote->status().level.tokens, m_setup.spec().capacity - i, kFreshMs);
        }
        QVERIFY(level(1));
        QCOMPARE(admittedOf(2), 1);
        QVERIFY2(m_relay->connections() <= 6, qPrintable(QString::number(m_relay->connections()))); // they are kept
    }

    void whatIsNoWeirIsNotShown()
    {
        const auto refused = connectTo({}); // nobody listens behind the relay
        QVERIFY(!refused);
        QVERIFY2(QByteArray::fromStdString(refused.error().detail).startsWith("the Weir at " + url().toEncoded()),
                 refused.error().detail.c_str());
        m_setup = {LimitSetup::Kind::One, cappedAt(kCapacity)};
        serve();
        m_relay->leadTo(m_service->port()); // the data port
        const auto other = connectTo({});
        QVERIFY(!other);
        QCOMPARE(other.error().code, Error::Code::Protocol);
        m_remote = std::make_unique<RemoteService>(remote::Elsewhere{url(), {}});
        QTimer::singleShot(0, m_remote.get(), &RemoteService::giveUpStart);
        const auto givenUp = m_remote->start();
        QVERIFY(!givenUp && givenUp.error().detail.empty());
    }

    void whatCannotBeDoneFromAfarIsSaid()
    {
        m_setup = {LimitSetup::Kind::One, cappedAt(kCapacity)};
        serve();
        QVERIFY(connectTo({}));
        const auto killed = answered<Done>([&](const auto &done) { m_remote->killStore(this, done); });
        const auto forgot = answered<Done>([&](const auto &done) { m_remote->makeStoreForget(this, done); });
        QVERIFY(!killed && killed.error().code == Error::Code::Invalid && !killed.error().detail.empty());
        QVERIFY(!forgot && forgot.error().code == Error::Code::Invalid && !forgot.error().detail.empty());
        m_remote->setHarm({true, 0ms, false, 0s});
        m_remote->pauseRefiller(true);
        QCOMPARE(send(), 200);
        QVERIFY((*m_service)->status().harm == engine::Harm{});
        std::optional<engine::SendReport> report;
        m_remote->sendRequests(3, this, [&](const engine::SendReport &heard) { report = heard; });
        QTRY_VERIFY_WITH_TIMEOUT(report.has_value(), kSoonMs);
        QCOMPARE(report->admitted, 3);
    }
};

QTEST_GUILESS_MAIN(TestRemoteService)
#include "tst_remote_service.moc"
