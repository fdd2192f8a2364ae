// SPDX-License-Identifier: GPL-3.0-only
// Of what lasts, or comes and goes, the log hears once when it begins, once a minute, once when it is over.
#include <QTest>

#include "app/episode.h"

using namespace weir::app;
using namespace std::chrono_literals;

namespace {

using Say = Episode::Say;

constexpr Episode::Instant kStart{1h};

} // namespace

class TestEpisode : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsSaidOfNothing()
    {
        Episode episode;
        for (auto now = kStart; now < kStart + 5min; now += 1s)
            QVERIFY(episode.look(false, {}, now) == Say::Nothing);
        QVERIFY(!episode.isOn());
    }

    // Four times a second there, and then not again for 150 ms.
    void whatComesAndGoesIsOneThing()
    {
        Episode episode{2s};
        int begins = 0, goesOn = 0, isOver = 0;
        const auto count = [&](Say said) {
            begins += said == Say::Begins ? 1 : 0;
            goesOn += said == Say::GoesOn ? 1 : 0;
            isOver += said == Say::IsOver ? 1 : 0;
        };
        auto now = kStart;
        for (; now < kStart + 3min + 30s; now += 250ms) {
            count(episode.look(true, "a", now));
            count(episode.look(false, {}, now + 100ms));
        }
        QCOMPARE(begins, 1);
        QCOMPARE(goesOn, 3);
        QCOMPARE(isOver, 0);
        for (; now < kStart + 10min; now += 1s)
            count(episode.look(false, {}, now));
        QCOMPARE(begins + goesOn, 4);
        QCOMPARE(isOver, 1);
        QVERIFY(episode.passed() == 209s); // from the first time to the last
        count(episode.look(true, "a", now));
        QCOMPARE(begins, 2);
    }

    void withoutQuietItIsOverAtOnce()
    {
        Episode episode;
        QVERIFY(episode.look(true, "a", kStart) == Say::Begins);
        QVERIFY(episode.isOn() && episode.since() == kStart && episode.why() == "a");
        QVERIFY(episode.look(false, {}, kStart + 7s) == Say::IsOver);
        QVERIFY(!episode.isOn() && episode.passed() == 7s);
        QVERIFY(episode.look(false, {}, kStart + 8s) == Say::Nothing);
    }

    void anotherReasonIsSaidAfterAWhile()
    {
        Episode episode{2s};
        QVERIFY(episode.look(true, "a", kStart) == Say::Begins);
        QVERIFY(episode.look(true, "b", kStart + 9s) == Say::Nothing);
        QVERIFY(episode.why() == "a");
        QVERIFY(episode.look(true, "b", kStart + 10s) == Say::GoesOn);
        QVERIFY(episode.why() == "b" && episode.passed() == 10s);
        QVERIFY(episode.look(true, "b", kStart + 69s) == Say::Nothing);
        QVERIFY(episode.look(true, "b", kStart + 70s) == Say::GoesOn);
    }
};

QTEST_APPLESS_MAIN(TestEpisode)
#include "tst_episode.moc"
