// SPDX-License-Identifier: GPL-3.0-only
// Calls on one bucket alone; and one who takes a token from it all the time, several at once, and counts what it was told.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <QTest>
#include <QTimer>

#include "core/store/bucket_store.h"

namespace weir::test {

/// What is asked of a single bucket.
struct OneBucket {
    struct Run {
        limit::Tokens cost{1};
        std::int64_t count{1}; ///< requests in a row
    };
    std::string bucket;
    limit::LimitSpec spec{};
    std::int64_t epoch{1};
    limit::TokenMode mode{limit::TokenMode::Keep};
    std::vector<Run> runs{};
    limit::Known known{}; ///< before the call

    [[nodiscard]] store::TakeRequest request() const
    {
        store::TakeRequest request;
        request.buckets = {{bucket, {spec, epoch, mode, known}}};
        for (const Run &run : runs)
            request.runs.push_back({{{0, run.cost}}, run.count});
        return request;
    }
};

/// What was told of it.
struct OneAnswer : limit::BucketOutput {
    Micros now{0};
    std::vector<std::int64_t> granted; ///< by run
};

[[nodiscard]] inline Result<OneAnswer> oneAnswer(const Result<limit::TakeOutput> &result)
{
    if (!result)
        return result.error();
    OneAnswer answer{result.value().buckets.at(0), result.value().now, {}};
    for (const limit::RunOutput &run : result.value().runs)
        answer.granted.push_back(run.granted);
    return answer;
}

/// Thread: that of the store, which outlives it; finish() before it ends.
class Taker {
public:
    /// Never refills while a test runs, and never empties.
    static constexpr limit::LimitSpec kSpec{1'000'000, 5, limit::kMaxInterval, limit::StartLevel::Full};

    Taker(store::BucketStore &store, std::string bucket) : m_store{store}, m_bucket{std::move(bucket)}
    {
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { take(); });
        m_timer.start(std::chrono::milliseconds{4});
    }

    [[nodiscard]] std::int64_t granted() const { return static_cast<std::int64_t>(m_grants.size()); }
    [[nodiscard]] std::int64_t failed() const { return m_failed; }
    /// Takes that failed and may have been done nevertheless.
    [[nodiscard]] std::int64_t inDoubt() const { return m_inDoubt; }
    /// Errors that no time would cure: there must be none.
    [[nodiscard]] std::int64_t notTransient() const { return m_notTransient; }

    /// The most grants within any stretch of `length`.
    [[nodiscard]] std::int64_t mostIn(std::chrono::milliseconds length) const
    {
        std::ptrdiff_t most = 0;
        for (auto first = m_grants.begin(), last = first; last != m_grants.end(); ++last) {
            while (*last - *first > length)
                ++first;
            most = std::max(most, last - first + 1);
        }
        return most;
    }

    /// Asks no more; true when everything that was asked has an answer.
    bool finish(int patienceMs)
    {
        m_timer.stop();
        return QTest::qWaitFor([this] { return m_asked == 0; }, patienceMs);
    }

private:
    void take()
    {
        ++m_asked;
        const OneBucket asked{.bucket = m_bucket, .spec = kSpec, .runs = {{1, 1}}, .known = m_known};
        m_store.take(asked.request(), [this, sent = m_known](const Result<limit::TakeOutput> &result) {
            --m_asked;
            if (const auto told = oneAnswer(result)) {
                m_known = limit::knownFrom(m_known, sent, told.value());
                m_grants.insert(m_grants.end(), static_cast<std::size_t>(told.value().granted.at(0)),
                                std::chrono::steady_clock::now());
                return;
            }
            ++m_failed;
            m_notTransient += result.error().transient ? 0 : 1;
            m_inDoubt += result.error().mayBeDone ? 1 : 0;
        });
    }

    store::BucketStore &m_store;
    std::string m_bucket;
    QTimer m_timer;
    limit::Known m_known; ///< goes out with every take, as with those of a limiter
    int m_asked{0};
    std::vector<std::chrono::steady_clock::time_point> m_grants;
    std::int64_t m_failed{0};
    std::int64_t m_inDoubt{0};
    std::int64_t m_notTransient{0};
};

} // namespace weir::test
