// SPDX-License-Identifier: GPL-3.0-only
// What the log says of requests that nobody decides: once when it begins, once a minute, once when it ends.
#include <QTest>

#include "app/undecided_watch.h"

using namespace weir;
using namespace weir::app;
using namespace std::chrono_literals;

class TestUndecidedWatch : public QObject {
    Q_OBJECT
    UndecidedWatch m_watch{telemetry::DecidedBy::Reject, "answered 503"};
    telemetry::Totals m_totals;
    UndecidedWatch::Instant m_now{};

    /// A second with so many requests; what is said of it.
    std::string pass(std::int64_t rejected, std::int64_t decided, const std::string &why)
    {
        m_now += 1s;
        m_totals.undecided += rejected;
        m_totals.decidedBy[static_cast<std::size_t>(telemetry::DecidedBy::Reject)] += rejected;
        m_totals.refused += decided;
        return m_watch.look(m_totals, why, m_now);
    }

private Q_SLOTS:
    void init()
    {
        m_watch = {telemetry::DecidedBy::Reject, "answered 503"};
        m_totals = {};
        m_now = {};
    }

    void itSaysNothingWhileAllIsWell()
    {
        for (int i = 0; i < 200; ++i)
            QCOMPARE(pass(0, i % 3, "of long ago"), std::string{});
        QVERIFY(!m_watch.isOn());
    }

    void onceWhenItBeginsOnceAMinuteOnceWhenItEnds()
    {
        QCOMPARE(pass(0, 5, ""), std::string{});
        QCOMPARE(pass(3, 0, "Redis says: OOM"), std::string{"requests are answered 503: Redis says: OOM"});
        QVERIFY(m_watch.isOn() && m_watch.isAll());
        for (int i = 0; i < 59; ++i)
            QCOMPARE(pass(2, 0, "Redis says: OOM"), std::string{});
        QCOMPARE(pass(2, 0, "Redis says: OOM"),
                 std::string{"120 requests were answered 503 in the last 1 min: Redis says: OOM"});
        for (int i = 0; i < 59; ++i)
            QCOMPARE(pass(1, 1, "Redis says: OOM"), std::string{});
        QVERIFY(m_watch.isOn() && !m_watch.isAll());
        QCOMPARE(pass(1, 1, "Redis says: OOM"),
                 std::string{"60 requests were answered 503 in the last 1 min: Redis says: OOM"});
        QCOMPARE(pass(0, 1, "Redis says: OOM"),
                 std::string{"requests are decided again; 183 requests were answered 503 in 121 s"});
        QVERIFY(!m_watch.isOn());
        QCOMPARE(pass(1, 1, "another"), std::string{"some requests are answered 503: another"});
        QCOMPARE(pass(0, 1, "another"), std::string{"requests are decided again; 1 request was answered 503 in 1 s"});
    }

    // Reasons that take turns do not fill the log.
    void anotherReasonIsSaidAfterAWhile()
    {
        QVERIFY(!pass(1, 0, "a").empty());
        int lines = 0;
        for (int i = 0; i < 60; ++i)
            lines += pass(1, 0, i % 2 == 0 ? "b" : "a").empty() ? 0 : 1;
        QVERIFY2(lines >= 1 && lines <= 6, QByteArray::number(lines));
    }

    void itEndsWhenNobodyAsks()
    {
        QVERIFY(!pass(7, 0, "a").empty());
        for (int i = 0; i < 4; ++i)
            QCOMPARE(pass(0, 0, "a"), std::string{});
        QVERIFY(m_watch.isOn());
        QCOMPARE(pass(0, 0, "a"),
                 std::string{"7 requests were answered 503, the last one 5 s ago; nobody has asked since"});
        QVERIFY(!m_watch.isOn());
        QCOMPARE(pass(0, 0, "a"), std::string{});
        QCOMPARE(pass(0, 1, "a"), std::string{});
    }
};

QTEST_APPLESS_MAIN(TestUndecidedWatch)
#include "tst_undecided_watch.moc"
