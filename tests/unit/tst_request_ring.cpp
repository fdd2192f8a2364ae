// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <thread>

#include "core/telemetry/latest_requests.h"
#include "core/telemetry/request_ring.h"

using namespace weir::telemetry;

namespace {

RequestRecord numbered(std::int64_t number)
{
    RequestRecord record;
    record.atUs = number;
    record.tokensLeft = -number;
    return record;
}

} // namespace

class TestRequestRing : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLatestAreReadFromAnyNumberOn()
    {
        LatestRequests latest;
        QCOMPARE(latest.page(0, 10).records.size(), std::size_t{0});
        QCOMPARE(latest.page(7, 10).newest, std::uint64_t{0});
        latest.add({numbered(1), numbered(2), numbered(3)});
        QCOMPARE(latest.newest(), std::uint64_t{3});
        const RequestPage two = latest.page(0, 2);
        QCOMPARE(two.records.size(), std::size_t{2});
        QCOMPARE(two.records.back().id, std::uint64_t{2});
        QCOMPARE(latest.page(2, 2).records.front().atUs, std::int64_t{3});
        QCOMPARE(latest.page(3, 2).records.size(), std::size_t{0});
        QCOMPARE(latest.page(0, 0).newest, std::uint64_t{3});
        QCOMPARE(latest.page(0, 2).dropped, std::uint64_t{0});
    }

    void theOldestOfTheLatestAreDropped()
    {
        constexpr std::uint64_t kMost = LatestRequests::kMost;
        LatestRequests latest;
        for (std::uint64_t i = 1; i <= kMost + 5; ++i)
            latest.add({numbered(static_cast<std::int64_t>(i))});
        const RequestPage all = latest.page(0, 2 * kMost);
        QCOMPARE(all.records.size(), std::size_t{kMost});
        QCOMPARE(all.records.front().id, std::uint64_t{6});
        QCOMPARE(all.dropped, std::uint64_t{5});
        QCOMPARE(latest.page(3, 1).dropped, std::uint64_t{2});
        QCOMPARE(latest.page(3, 1).records.front().id, std::uint64_t{6});
        QCOMPARE(latest.page(5, 1).dropped, std::uint64_t{0});
        QCOMPARE(latest.page(kMost + 4, 9).records.front().id, kMost + 5);
        latest.add(std::vector<RequestRecord>(3 * kMost)); // more at once than are kept
        QCOMPARE(latest.page(0, 4 * kMost).records.size(), std::size_t{kMost});
        QCOMPARE(latest.newest(), 4 * kMost + 5);
    }

    void aFullRingDropsTheNewAndCountsThem()
    {
        RequestRing ring{3};
        for (int i = 1; i <= 5; ++i)
            ring.push(numbered(i));
        QCOMPARE(ring.lost(), std::uint64_t{2});
        QVERIFY(!ring.hasRoom());
        QCOMPARE(ring.lost(), std::uint64_t{3});
        std::vector<RequestRecord> out;
        ring.drainTo(out);
        QCOMPARE(out.size(), std::size_t{3});
        QCOMPARE(out.front().atUs, std::int64_t{1});
        QCOMPARE(out.back().atUs, std::int64_t{3});
        QVERIFY(ring.hasRoom());
        ring.drainTo(out);
        QCOMPARE(out.size(), std::size_t{3});
    }

    void aWriterAndAReaderLoseNothingUncounted()
    {
        constexpr std::int64_t kRecords = 300'000;
        RequestRing ring{64};
        std::atomic<bool> isDone{false};
        std::thread writer{[&ring, &isDone] {
            for (std::int64_t i = 1; i <= kRecords; ++i)
                ring.push(numbered(i));
            isDone.store(true, std::memory_order_release);
        }};
        std::vector<RequestRecord> out;
        bool isOrdered = true;
        std::int64_t last = 0, read = 0;
        for (bool isLastRound = false; !isLastRound;) {
            isLastRound = isDone.load(std::memory_order_acquire);
            out.clear();
            ring.drainTo(out);
            for (const RequestRecord &record : out) {
                isOrdered = isOrdered && record.atUs > last && record.tokensLeft == -record.atUs;
                last = record.atUs;
                ++read;
            }
        }
        writer.join();
        QVERIFY(isOrdered);
        QCOMPARE(read + static_cast<std::int64_t>(ring.lost()), kRecords);
    }

    void textIsCutAndSaysSo()
    {
        const ShortText<4> fits{"abcd"}, cut{"abcde"}, none{};
        QCOMPARE(fits.view(), std::string_view{"abcd"});
        QVERIFY(!fits.isCut());
        QCOMPARE(cut.view(), std::string_view{"abcd"});
        QVERIFY(cut.isCut());
        QVERIFY(none.view().empty());
    }
};

QTEST_APPLESS_MAIN(TestRequestRing)
#include "tst_request_ring.moc"
