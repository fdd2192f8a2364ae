// SPDX-License-Identifier: GPL-3.0-only
// What each request of a batch is told, from what the store says of all.
#include <QTest>

#include "core/engine/batch/verdicts.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using limit::Verdict;

namespace {

struct Told {
    Ticket ticket;
    std::string limit; ///< the strictest
    Verdict verdict;
    std::vector<Verdict> all;
    limit::Tokens cost{0};
    std::string subject{};
};

Batch batchOf(const PoliciesPtr &policies, std::vector<limit::AskRun> runs)
{
    Batch batch;
    batch.policies = policies;
    for (std::size_t i = 0; i < policies->limits.size(); ++i)
        batch.buckets.push_back({i, {}, policies->limits[i].name, 0});
    Ticket ticket = 10;
    for (const limit::AskRun &run : runs)
        for (std::int64_t n = 0; n < run.count; ++n)
            batch.tickets.push_back(ticket++);
    batch.runs = std::move(runs);
    return batch;
}

// As a store would answer: new buckets, one call.
limit::TakeOutput outputOf(const Batch &batch)
{
    std::vector<std::optional<limit::Bucket>> buckets(batch.buckets.size());
    std::vector<limit::BucketCall> calls;
    for (const Batch::Bucket &bucket : batch.buckets)
        calls.push_back({batch.policies->limits[bucket.limit].spec, 1, limit::TokenMode::Keep, {}});
    return limit::take(buckets, {Micros{1'700'000'000'000'000}, calls, batch.runs, true});
}

std::vector<Told> tell(const Batch &batch)
{
    std::vector<Told> list;
    forEachDecision(batch, outputOf(batch), Decision::By::Store, [&](Ticket ticket, const Decision &decision) {
        Told told{ticket, decision.limit->name, decision.verdict, {}, decision.cost, std::string{decision.subject}};
        for (const LimitVerdict &one : decision.all)
            told.all.push_back(one.verdict);
        list.push_back(std::move(told));
    });
    return list;
}

} // namespace

class TestVerdicts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void levelsFallFromRequestToRequest()
    {
        const auto told = tell(batchOf(policiesOf({yearly("a", 10), yearly("b", 4)}),
                                       {{{{0, 2, false}, {1, 1, false}}, 2}, {{{0, 1, false}}, 1}}));
        QCOMPARE(told.size(), std::size_t{3});
        QCOMPARE(told[0].ticket, Ticket{10});
        QCOMPARE(told[0].all[0].tokensLeft, limit::Tokens{8});
        QCOMPARE(told[0].all[1].tokensLeft, limit::Tokens{3});
        QCOMPARE(told[1].all[0].tokensLeft, limit::Tokens{6});
        QCOMPARE(told[1].all[1].tokensLeft, limit::Tokens{2});
        QCOMPARE(told[2].all.size(), std::size_t{1});
        QCOMPARE(told[2].all[0].tokensLeft, limit::Tokens{5});
        QCOMPARE(told[0].limit, std::string{"b"}); // fewer tokens are stricter
        for (const Told &one : told)
            QCOMPARE(one.verdict.kind, Verdict::Kind::Admitted);
    }

    void whoRefusesIsTheStrictest()
    {
        const auto told =
            tell(batchOf(policiesOf({yearly("a", 10), yearly("b", 2)}), {{{{0, 1, false}, {1, 1, false}}, 3}}));
        QCOMPARE(told[1].verdict.kind, Verdict::Kind::Admitted);
        QCOMPARE(told[2].verdict.kind, Verdict::Kind::Refused);
        QCOMPARE(told[2].limit, std::string{"b"});
        QCOMPARE(told[2].all[0].kind, Verdict::Kind::Admitted); // it had room
        QCOMPARE(told[2].all[0].tokensLeft, limit::Tokens{8});
        QVERIFY(told[2].verdict.retryAfter.count() > 0);
    }

    void theLongestWaitGoesFirst()
    {
        config::LimitEntry quick = yearly("quick", 1), slow = yearly("slow", 1);
        quick.spec.interval = Micros{60'000'000};
        const auto told = tell(batchOf(policiesOf({quick, slow}), {{{{0, 1, false}, {1, 1, false}}, 2}}));
        QCOMPARE(told[1].limit, std::string{"slow"});
        QCOMPARE(told[1].all[0].kind, Verdict::Kind::Refused);
        QVERIFY(told[1].verdict.retryAfter > told[1].all[0].retryAfter);
    }

    void neverGoesBeforeLater()
    {
        const auto told = tell(batchOf(policiesOf({yearly("a", 1), yearly("b", 3)}),
                                       {{{{0, 1, false}}, 1}, {{{0, 1, false}, {1, 4, false}}, 1}}));
        QCOMPARE(told[1].verdict.kind, Verdict::Kind::Impossible);
        QCOMPARE(told[1].limit, std::string{"b"});
        QCOMPARE(told[1].all[0].kind, Verdict::Kind::Refused);
    }

    void shadowsHaveNoSay()
    {
        const auto told =
            tell(batchOf(policiesOf({yearly("trial", 1), yearly("a", 5)}), {{{{0, 1, true}, {1, 1, false}}, 3}}));
        for (const Told &one : told) {
            QCOMPARE(one.verdict.kind, Verdict::Kind::Admitted);
            QCOMPARE(one.limit, std::string{"a"});
            QCOMPARE(one.all.size(), std::size_t{1});
        }
        const auto alone = tell(batchOf(policiesOf({yearly("trial", 1)}), {{{{0, 1, true}}, 2}}));
        QCOMPARE(alone[1].verdict.kind, Verdict::Kind::Admitted);
        QCOMPARE(alone[1].limit, std::string{"trial"});
        QVERIFY(alone[1].all.empty());
    }

    // Cost and subject are of the limit that the verdict is of, and of the request's own bucket.
    void costAndSubjectAreThoseOfTheStrictest()
    {
        Batch batch = batchOf(policiesOf({yearly("trial", 9), yearly("a", 10), yearly("b", 4)}),
                              {{{{0, 5, true}, {1, 1, false}, {2, 3, false}}, 2}});
        batch.buckets[1].subject = "one";
        batch.buckets[2].subject = "other";
        const auto told = tell(batch);
        for (const Told &one : told) {
            QCOMPARE(one.limit, std::string{"b"});
            QCOMPARE(one.subject, std::string{"other"});
            QCOMPARE(one.cost, limit::Tokens{3});
        }
        QCOMPARE(told[1].verdict.kind, Verdict::Kind::Refused);
    }

    void ofShadowsAloneItIsTheRequestsOwnBucket()
    {
        Batch batch =
            batchOf(policiesOf({yearly("first", 9), yearly("second", 4)}), {{{{0, 2, true}}, 1}, {{{1, 1, true}}, 1}});
        batch.buckets[1].subject = "mine";
        const auto told = tell(batch);
        QCOMPARE(told[1].limit, std::string{"second"});
        QCOMPARE(told[1].subject, std::string{"mine"});
        QCOMPARE(told[1].cost, limit::Tokens{1});
        QCOMPARE(told[1].verdict.tokensLeft, limit::Tokens{3});
    }

    void whatCostsNothingIsAdmitted()
    {
        const auto told = tell(batchOf(policiesOf({yearly("a", 1)}), {{{{0, 1, false}}, 1}, {{{0, 0, false}}, 2}}));
        QCOMPARE(told[2].verdict.kind, Verdict::Kind::Admitted);
        QCOMPARE(told[2].verdict.tokensLeft, limit::Tokens{0});
    }
};

QTEST_GUILESS_MAIN(TestVerdicts)
#include "tst_verdicts.moc"
