// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/warnings_fail.h"
#include "ui/limits/limit_diff.h"

using namespace weir;
using namespace weir::ui;

namespace {

config::LimitSet setOf(std::initializer_list<const char *> names)
{
    config::LimitSet set;
    for (const char *name : names)
        set.limits.emplace_back().name = name;
    return set;
}

QString words(const LimitChange &change)
{
    return changeWords(change).join(QStringLiteral(", "));
}

} // namespace

class TestLimitDiff : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void sameIsNoChange()
    {
        const config::LimitSet set = setOf({"a", "b"});
        const SetChange change = changeOf(set, set, {0, 1});
        QVERIFY(change.isEmpty());
        QVERIFY(summaryOf(change).isEmpty());
    }

    void fieldsAreNamedWithBothValues()
    {
        const config::LimitSet before = setOf({"a"});
        config::LimitSet after = before;
        config::LimitEntry &limit = after.limits.front();
        limit.spec.capacity = 1200;
        limit.spec.interval = Micros{10'000'000};
        limit.isOn = false;
        limit.match.path = "/api/*";
        limit.key = {{}};
        const SetChange change = changeOf(before, after, {0});
        QCOMPARE(change.limits.size(), std::size_t{1});
        QVERIFY(change.needsTokenMode());
        QCOMPARE(
            words(change.limits.front()),
            QStringLiteral("switched on → off, path any → /api/*, one bucket per nobody: one for all → IP address, "
                           "capacity 5 → 1,200, every 1 min → 10 s"));
    }

    void otherAlgorithmsUseTheirNames()
    {
        const config::LimitSet before = setOf({"a"});
        config::LimitSet after = before;
        after.limits.front().spec = {9, 9, Micros{60'000'000}, {}, limit::Algorithm::SlidingLog};
        QCOMPARE(words(changeOf(before, after, {0}).limits.front()),
                 QStringLiteral("algorithm Token bucket → Sliding window log, at most 5 → 9"));
    }

    void addedAndRemovedAndRenamed()
    {
        const config::LimitSet before = setOf({"a", "b"});
        const SetChange change = changeOf(before, setOf({"c", "new"}), {1, -1});
        QCOMPARE(summaryOf(change), QStringLiteral("c: name b → c · new: added · a: removed"));
        QVERIFY(!change.needsTokenMode());
        QCOMPARE(change.limits.at(2).index, -1);
    }

    void fewestAreSaidToHaveMoved()
    {
        const config::LimitSet before = setOf({"a", "b", "c", "d"});
        const SetChange last = changeOf(before, setOf({"d", "a", "b", "c"}), {3, 0, 1, 2});
        QCOMPARE(summaryOf(last), QStringLiteral("d: moved from 4 to 1"));
        const SetChange swapped = changeOf(before, setOf({"b", "a", "c", "d"}), {1, 0, 2, 3});
        QCOMPARE(swapped.limits.size(), std::size_t{1});
        // What only closes up did not move.
        QCOMPARE(summaryOf(changeOf(before, setOf({"b", "c", "d"}), {1, 2, 3})), QStringLiteral("a: removed"));
    }

    void accessSaysWhoComesAndGoes()
    {
        config::LimitSet before = setOf({});
        config::LimitSet after = before;
        before.block.networks = {std::get<Network>(parseNetwork("10.0.0.0/8"))};
        after.block.networks = {std::get<Network>(parseNetwork("203.0.113.7"))};
        after.allow.keys = {{{config::KeyPart::Kind::Header, "X-Key"}, "abc"}};
        after.keys.ipv6Prefix = 56;
        QCOMPARE(summaryOf(changeOf(before, after, {})),
                 QStringLiteral("turned away no more 10.0.0.0/8, turned away 203.0.113.7/32, let through "
                                "header:X-Key=abc, IPv6 prefix 64 → 56"));
    }
};

QTEST_APPLESS_MAIN(TestLimitDiff)
#include "tst_limit_diff.moc"
