// SPDX-License-Identifier: GPL-3.0-only
// What is known of a bucket when answers come in another order than the store gave them.
#include <QTest>

#include "core/engine/known/known_buckets.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;

namespace {

const limit::LimitSpec kSpec{5, 5, 1min, limit::StartLevel::Full};
constexpr Micros kNow{1'700'000'000'000'000};

// A bucket of kSpec in the store, and the two workers who ask it.
struct Store {
    std::vector<std::optional<limit::Bucket>> bucket{1};

    limit::BucketOutput take(std::int64_t count, const limit::Known &known, Micros now)
    {
        const std::vector<limit::BucketCall> calls{{kSpec, 1, limit::TokenMode::Keep, known}};
        const std::vector<limit::AskRun> runs{{{{0, 1, false}}, count}};
        return limit::take(bucket, {now, calls, runs, true}).buckets.front();
    }
};

limit::Tokens roomKnown(const KnownBuckets &known)
{
    const KnownBuckets::Entry *entry = known.find("all");
    return entry ? limit::roomOf(kSpec, entry->known, entry->at) : -1;
}

} // namespace

class TestKnownBuckets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anOlderAnswerThatComesLateTeachesNothing()
    {
        Store store;
        KnownBuckets known;
        const limit::Known nothing;
        const limit::BucketOutput first = store.take(1, nothing, kNow);
        const limit::BucketOutput second = store.take(3, nothing, kNow + 1ms);
        known.learn("all", kSpec, nothing, second, kNow + 1ms);
        known.entry("all", kNow).inDoubt = 1; // since then
        known.learn("all", kSpec, nothing, first, kNow);
        QCOMPARE(known.find("all")->known, second.known);
        QCOMPARE(roomKnown(known), limit::Tokens{1});
        QCOMPARE(known.find("all")->at, kNow + 1ms);
        QCOMPARE(known.find("all")->fullAt, kNow + 1ms + second.untilFull);
        QCOMPARE(known.find("all")->inDoubt, limit::Tokens{1}); // it does not tell of that
        // A store that has only the older state is told of the newer one with the next call.
        QCOMPARE(known.knownFor("all", kSpec).taken, std::int64_t{4});
    }

    void anAnswerFromBeforeARefillTeachesNothing()
    {
        Store store;
        KnownBuckets known;
        const limit::Known nothing;
        const limit::BucketOutput empty = store.take(5, nothing, kNow);
        const limit::BucketOutput full = store.take(0, nothing, kNow + 2min);
        known.learn("all", kSpec, nothing, full, kNow + 2min);
        known.learn("all", kSpec, nothing, empty, kNow);
        QCOMPARE(roomKnown(known), limit::Tokens{5});
    }

    void whatIsNewerOrEquallyOldIsLearnt()
    {
        Store store;
        KnownBuckets known;
        const limit::Known nothing;
        known.learn("all", kSpec, nothing, store.take(1, nothing, kNow), kNow);
        known.learn("all", kSpec, nothing, store.take(1, nothing, kNow), kNow);
        QCOMPARE(roomKnown(known), limit::Tokens{3});
        known.entry("all", kNow).inDoubt = 1;
        known.learn("all", kSpec, nothing, store.take(0, nothing, kNow + 1s), kNow + 1s);
        QCOMPARE(known.find("all")->at, kNow + 1s);
        QCOMPARE(known.find("all")->inDoubt, limit::Tokens{0}); // the store tells what became of it
    }

    // It has counted its loss: that is newer, although it may have taken less.
    void aBucketThatTheStoreHadLostIsLearnt()
    {
        Store store;
        KnownBuckets known;
        const limit::Known nothing;
        const limit::BucketOutput before = store.take(1, nothing, kNow);
        const limit::BucketOutput later = store.take(2, nothing, kNow + 1ms);
        known.learn("all", kSpec, nothing, later, kNow + 1ms);
        store.bucket[0].reset();
        const limit::BucketOutput restored = store.take(0, before.known, kNow + 2ms); // by one who knew less
        QCOMPARE(restored.known.losses, (kNow + 2ms).count());
        known.learn("all", kSpec, later.known, restored, kNow + 2ms);
        QCOMPARE(known.find("all")->known, restored.known);
    }

    // One worker's take was done before the store lost the bucket, another's call restored it without that; the first
    // answer comes last. What it tells of is taken from the restored bucket with the next call, whoever makes it.
    void whatWasTakenBeforeALossIsToldTheStore()
    {
        Store store;
        KnownBuckets known;
        const limit::Known nothing;
        const limit::BucketOutput start = store.take(1, nothing, kNow);
        known.learn("all", kSpec, nothing, start, kNow);
        const limit::BucketOutput lost = store.take(2, start.known, kNow + 1ms);
        store.bucket[0].reset();
        const limit::BucketOutput restored = store.take(1, start.known, kNow + 2ms);
        known.learn("all", kSpec, start.known, restored, kNow + 2ms);
        known.learn("all", kSpec, start.known, lost, kNow + 1ms);
        const limit::Known next = known.knownFor("all", kSpec);
        const limit::BucketOutput told = store.take(0, next, kNow + 3ms);
        QCOMPARE(told.known.taken, std::int64_t{4}); // 1 + 2 + 1
        QCOMPARE(told.room, limit::Tokens{1});
        known.learn("all", kSpec, next, told, kNow + 3ms);
        QCOMPARE(known.find("all")->known, told.known);
        known.learn("all", kSpec, start.known, lost, kNow + 1ms); // it has been told of that
        QCOMPARE(known.find("all")->known, told.known);
    }

    void aBucketOfTheSameNameButAnotherIsLearnt()
    {
        Store store, another;
        KnownBuckets known;
        const limit::Known nothing;
        known.learn("all", kSpec, nothing, store.take(4, nothing, kNow), kNow);
        known.learn("all", kSpec, nothing, another.take(1, nothing, kNow + 1s), kNow + 1s);
        QCOMPARE(roomKnown(known), limit::Tokens{4});
    }
};

QTEST_APPLESS_MAIN(TestKnownBuckets)
#include "tst_known_buckets.moc"
