// SPDX-License-Identifier: GPL-3.0-only
// What the suites of failures are run over: which limits there are, how a client asks, where its tokens are, and how many
// there may be.
#pragma once

#include <QByteArray>
#include <QList>

#include <chrono>
#include <string>
#include <vector>

#include "core/limit/promise.h"

namespace weir::test {

/// A limit that refuses, alone, beside a looser one, or with a bucket for each key. No promise may depend on which.
struct LimitSetup {
    enum class Kind {
        One,     ///< one bucket for all
        Several, ///< the same, and one that never refuses: all or nothing
        Keyed,   ///< a bucket for each of kKeys
    };
    static constexpr std::size_t kKeys = 2;
    static constexpr limit::Tokens kLooser = 10; ///< times as loose is the limit that never refuses

    /// A bucket that requests take from.
    struct Bucket {
        QByteArray key; ///< in Redis
        limit::LimitSpec spec;
        bool isLooser{false};
        std::size_t group{0}; ///< of clients, who take from it
    };

    Kind kind{Kind::One};
    limit::LimitSpec total{}; ///< of all buckets that refuse together; divisible by kKeys

    [[nodiscard]] std::string name() const
    {
        const std::string kindName = kind == Kind::One ? "one" : kind == Kind::Several ? "several" : "by key";
        return total.algorithm == limit::Algorithm::TokenBucket
                   ? kindName
                   : kindName + ", " + std::string{limit::nameOf(total.algorithm)};
    }
    /// Clients are of group (their number) % groups().
    [[nodiscard]] std::size_t groups() const { return kind == Kind::Keyed ? kKeys : 1; }
    /// Field lines of a request.
    [[nodiscard]] QByteArray fields(std::size_t client) const
    {
        return kind == Kind::Keyed ? "X-Api-Key: " + keyOf(client % kKeys) + "\r\n" : QByteArray{};
    }
    /// Of each bucket that refuses.
    [[nodiscard]] limit::LimitSpec spec() const
    {
        limit::LimitSpec each = total;
        if (kind != Kind::Keyed)
            return each;
        each.capacity /= qint64{kKeys};
        each.refill = std::max<limit::Tokens>(1, each.refill / qint64{kKeys});
        return each;
    }
    /// Those that refuse first, in the order of their groups.
    [[nodiscard]] std::vector<Bucket> buckets() const
    {
        if (kind == Kind::One)
            return {{"weir:{global}", spec()}};
        if (kind == Kind::Several)
            return {{"weir:{global}", spec()}, {"weir:{looser}", looser(), true}};
        std::vector<Bucket> buckets;
        for (std::size_t i = 0; i < kKeys; ++i)
            buckets.push_back({"weir:{global:" + keyOf(i) + '}', spec(), false, i});
        return buckets;
    }

    /// A configuration file.
    [[nodiscard]] QByteArray text(const char *policy) const
    {
        QByteArray text = section("global", spec(), policy);
        if (kind == Kind::Several)
            text += section("looser", looser(), policy);
        else if (kind == Kind::Keyed)
            text += "key = ['header:X-Api-Key']\n";
        return text;
    }
    /// The one that needs no file: as most people start Weir.
    [[nodiscard]] bool isPlain() const { return kind == Kind::One && total.algorithm == limit::Algorithm::TokenBucket; }
    /// Of a plain one.
    [[nodiscard]] QByteArray options(const char *policy) const
    {
        return "--capacity " + number(total.capacity) + " --refill " + number(total.refill) + " --every "
               + duration(total.interval) + " --on-store-failure " + policy;
    }

    /// The wall clock, which Redis shares.
    using Moment = std::chrono::system_clock::time_point;
    /// That a bucket of `spec`, full at first, may give between two moments.
    [[nodiscard]] static limit::Tokens mostOf(const limit::LimitSpec &spec, Moment from, Moment to)
    {
        const auto intervalOf = [&spec](Moment moment) {
            return std::chrono::duration_cast<Micros>(moment.time_since_epoch()) / spec.interval;
        };
        if (spec.algorithm == limit::Algorithm::TokenBucket) // its intervals are those of the clock
            return spec.capacity + spec.refill * (intervalOf(to) - intervalOf(from));
        return limit::mostWithin(spec, std::chrono::duration_cast<Micros>(to - from) + Micros{1});
    }

private:
    static QByteArray keyOf(std::size_t i) { return "k" + QByteArray::number(quint64{i}); }
    static QByteArray number(std::int64_t number) { return QByteArray::number(qint64{number}); }
    static QByteArray duration(Micros time) { return number(time / std::chrono::milliseconds{1}) + "ms"; }
    [[nodiscard]] limit::LimitSpec looser() const
    {
        limit::LimitSpec looser = total;
        looser.capacity *= kLooser;
        looser.refill *= kLooser;
        return looser;
    }
    static QByteArray section(const char *name, const limit::LimitSpec &spec, const char *policy)
    {
        const std::string_view algorithm = limit::nameOf(spec.algorithm);
        return QByteArray{"[[limit]]\nname = '"} + name + "'\nalgorithm = '"
               + QByteArray{algorithm.data(), static_cast<qsizetype>(algorithm.size())}
               + "'\ncapacity = " + number(spec.capacity) + "\nrefill = " + number(spec.refill) + "\nevery = '"
               + duration(spec.interval) + "'\non_store_failure = '" + policy + "'\n";
    }
};

inline constexpr LimitSetup::Kind kLimitKinds[]{LimitSetup::Kind::One, LimitSetup::Kind::Several,
                                                LimitSetup::Kind::Keyed};

/// Never refilled in a test: at most `capacity` in all.
inline constexpr limit::LimitSpec cappedAt(limit::Tokens capacity)
{
    return {capacity, 1, limit::kMaxInterval, limit::StartLevel::Full};
}

} // namespace weir::test
