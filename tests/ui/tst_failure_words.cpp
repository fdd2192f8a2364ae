// SPDX-License-Identifier: GPL-3.0-only
#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/words/failure_words.h"
#include "ui/words/format.h"
#include "ui/help/help_text.h"
#include "ui/failures/explanation.h"

using namespace weir;
using namespace weir::ui;
using namespace std::chrono_literals;
using telemetry::DecidedBy;

namespace {

const SteadyNow kNow{100h};
constexpr qint64 kWall = 1'800'000'000;

constexpr std::array kAll{Situation::Healthy, Situation::Hung,      Situation::Cut,          Situation::Killed,
                          Situation::Forgot,  Situation::Slow,      Situation::ClockStepped, Situation::Starving,
                          Situation::Paused,  Situation::TimerOnly, Situation::Away};

} // namespace

class TestFailureWords : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    engine::Status m_status;

    void degrade(DecidedBy by)
    {
        m_status.failure.isDegraded = true;
        m_status.failure.since = kNow - 24s;
        m_status.failure.by = by;
        m_status.failure.breaker = engine::CircuitBreaker::State::Open;
    }
    FailureMessage message() { return failureMessage(m_status, kNow, kWall); }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        Q_INIT_RESOURCE(app);
    }
    void init() { m_status = test::FakeService{}.now; }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void whenAllIsWellNothingIsSaid()
    {
        QVERIFY(message().headline.isEmpty());
        QVERIFY(failureChip(m_status).isEmpty());
        QCOMPARE(situationOf(m_status), Situation::Healthy);
    }

    void requestsThatNobodyDecidesAreNamed()
    {
        m_status.failure.undecidedWhy = "Redis says: OOM command not allowed";
        m_status.failure.undecidedSince = kNow - 24s;
        m_status.failure.isAllUndecided = true;
        QVERIFY(isDegraded(m_status));
        QCOMPARE(message().headline, QStringLiteral("Every request is answered 503 since %1 (0:24): Redis says: OOM "
                                                    "command not allowed.")
                                         .arg(format::clock(kWall - 24)));
        QCOMPARE(failureChip(m_status), QStringLiteral("All 503"));
        QCOMPARE(failureAge(m_status, kNow), QStringLiteral("0:24"));
        m_status.failure.isAllUndecided = false; // of one bucket among many
        QVERIFY(message().headline.startsWith(QStringLiteral("Some requests are answered 503 since ")));
        QCOMPARE(failureChip(m_status), QStringLiteral("Some 503"));
        degrade(DecidedBy::Reject); // an outage has words of its own
        QVERIFY(!message().headline.contains(QStringLiteral("answered 503")));
    }

    void aStoreThatNeverCameIsNamed()
    {
        m_status.store.state = engine::StoreStatus::State::Down;
        m_status.store.problem = "cannot reach Redis";
        m_status.store.isAwaited = true;
        degrade(DecidedBy::Local);
        m_status.failure.isUnheard = true;
        m_status.failure.spentLocally = 7;
        QVERIFY(message().headline.startsWith(QStringLiteral("Redis has not answered yet since ")));
        QVERIFY(message().headline.endsWith(QStringLiteral("cannot reach Redis.")));
        QVERIFY(message().detail.contains(QStringLiteral("each bucket from its start level")));
        QVERIFY(message().detail.contains(QStringLiteral("7 tokens to settle")));
        QVERIFY(message().detail.contains(QStringLiteral("an excess is possible")));
        m_status.store.isAwaited = false;
        QVERIFY(message().headline.startsWith(QStringLiteral("Redis is down since ")));
    }

    void aStoreThatWillForgetIsNamedWhileItWorks()
    {
        m_status.store.warnings = {"it deletes keys", "a right is missing"};
        QCOMPARE(message().headline, QStringLiteral("This Redis is not set up to keep a limit."));
        QCOMPARE(message().detail, QStringLiteral("It deletes keys. A right is missing."));
        m_status.harm.isLinkCut = true; // what is broken now goes first
        QCOMPARE(message().headline, QStringLiteral("Broken on purpose."));
        degrade(DecidedBy::Reject);
        QVERIFY(message().headline.startsWith(QStringLiteral("The connection to Redis is cut")));
    }

    void aProxyWithoutTrustIsNamedWhileNothingFails()
    {
        m_status.proxyWarning = "requests from 10.0.0.1 have come through a proxy";
        QCOMPARE(message().headline, QStringLiteral("All clients of a proxy count as one."));
        QCOMPARE(message().detail, QStringLiteral("Requests from 10.0.0.1 have come through a proxy."));
        m_status.store.warnings = {"it deletes keys"};
        QCOMPARE(message().headline, QStringLiteral("This Redis is not set up to keep a limit."));
        degrade(DecidedBy::Reject);
        QVERIFY(!message().headline.contains(QStringLiteral("proxy")));
    }

    void theTimerGivesASignOfLife()
    {
        engine::RefillStatus refill;
        QVERIFY(beatText(refill).isEmpty() && refillFigures(refill).isEmpty());
        refill.tickedAtMs = kWall * 1000;
        QCOMPARE(beatText(refill), QStringLiteral("Last beat %1").arg(format::clock(kWall))); // nothing added yet
        refill.lateness = 400us;
        refill.worstLateness = 12ms;
        refill.lateTicks = 2;
        refill.lastBy = "host:4711";
        QCOMPARE(beatText(refill), QStringLiteral("Last beat %1, 0.40 ms late").arg(format::clock(kWall)));
        QVERIFY(refillFigures(refill).contains(QStringLiteral("At worst 12 ms late; 2 beats more than 100 ms")));
        QVERIFY(refillFigures(refill).endsWith(QStringLiteral("Last interval added by host:4711")));
        refill.lastBy = "-";
        QCOMPARE(refillerText(refill), QStringLiteral("by a request"));
    }

    void sinceWhenAndByWhom()
    {
        degrade(DecidedBy::Local);
        m_status.harm.isServerHung = true;
        m_status.failure.spentLocally = 14;
        QVERIFY(message().headline.startsWith(QStringLiteral("Redis hangs since ")));
        QVERIFY(message().headline.endsWith(QStringLiteral(" (0:24).")));
        QCOMPARE(message().detail, QStringLiteral("Decided locally from the last known level; 14 tokens to settle. "
                                                  "Nothing over the limit is admitted."));
        QCOMPARE(failureChip(m_status), QStringLiteral("Local"));
        QCOMPARE(failureAge(m_status, kNow), QStringLiteral("0:24"));
        degrade(DecidedBy::Allow);
        QVERIFY(message().detail.contains(QStringLiteral("let through")));
        degrade(DecidedBy::Reject);
        QVERIFY(message().detail.contains(QStringLiteral("503")));
    }

    void aSharedBucketMayBeOverspent()
    {
        degrade(DecidedBy::Local);
        m_status.failure.liveInstances = 3;
        m_status.failure.shareOf = 3;
        m_status.failure.excess = 2;
        QVERIFY(message().detail.contains(QStringLiteral("1/3")));
        QVERIFY(message().detail.contains(QStringLiteral("excess is possible")));
        QVERIFY(!message().detail.contains(QStringLiteral("Nothing over")));
        QVERIFY(message().figures.contains(QStringLiteral("Possible excess, all instances: 2 tokens")));
    }

    void aFailureThatIsNotOursHasItsReason()
    {
        m_status.store.state = engine::StoreStatus::State::Down;
        m_status.store.problem = "Connection refused.";
        QCOMPARE(message().headline, QStringLiteral("Redis is down: Connection refused."));
        QCOMPARE(situationOf(m_status), Situation::Away);
        m_status.harm.isLinkCut = true; // then the reason is known
        QCOMPARE(message().headline, QStringLiteral("The connection to Redis is cut."));
    }

    void harmIsSaidWhileRedisStillDecides()
    {
        m_status.harm.linkDelay = 50ms;
        m_status.harm.clockStep = -3600s;
        m_status.refill.isPaused = true;
        QCOMPARE(message().headline, QStringLiteral("Broken on purpose."));
        QCOMPARE(message().detail,
                 QStringLiteral("Every answer of Redis comes 50 ms later; the clock is stepped by −1 h; "
                                "the refiller is paused. Redis still decides every request."));
        QCOMPARE(failureChip(m_status), QStringLiteral("Harmed"));
    }

    void theMostStrikingIsExplained()
    {
        m_status.refill.isPaused = true;
        QCOMPARE(situationOf(m_status), Situation::Paused);
        m_status.refill.isOnDemand = false;
        QCOMPARE(situationOf(m_status), Situation::Starving);
        m_status.refill.isPaused = false;
        QCOMPARE(situationOf(m_status), Situation::TimerOnly);
        m_status.harm.clockStep = 60s;
        QCOMPARE(situationOf(m_status), Situation::ClockStepped);
        m_status.harm.linkDelay = 500ms;
        degrade(DecidedBy::Local);
        QCOMPARE(situationOf(m_status), Situation::Slow);
        QCOMPARE(situationOf(m_status, Deed::Forgot), Situation::Forgot);
        QCOMPARE(situationOf(m_status, Deed::Killed), Situation::Killed);
        m_status.harm.isLinkCut = true;
        QCOMPARE(situationOf(m_status, Deed::Killed), Situation::Cut);
        m_status.harm.isServerHung = true;
        QCOMPARE(situationOf(m_status), Situation::Hung);
    }

    void everySituationHasItsSection()
    {
        const QString help = helpFile(QStringLiteral("failures"));
        QVERIFY(!help.isEmpty());
        QSet<QString> sections;
        for (const Situation situation : kAll) {
            const QString section = helpSection(help, headingOf(situation));
            QVERIFY2(section.size() > 100, qPrintable(headingOf(situation)));
            QVERIFY(!section.contains(u'#'));
            sections << section;
        }
        QCOMPARE(sections.size(), static_cast<qsizetype>(kAll.size()));
        QVERIFY(helpSection(help, QStringLiteral("No such heading")).isEmpty());
    }
};

QTEST_MAIN(TestFailureWords)
#include "tst_failure_words.moc"
