// SPDX-License-Identifier: GPL-3.0-only
// A scripted service for tests of the panel: it says what the test tells it to say, and writes down
// what it was asked for.
#pragma once

#include <algorithm>
#include <utility>

#include "core/engine/port/service_port.h"

namespace weir::test {

class FakeService : public engine::ServicePort {
public:
    FakeService()
    {
        now.urls = {"http://127.0.0.1:8000"};
        now.limit.spec = {5, 5, Micros{60'000'000}};
        now.store.state = engine::StoreStatus::State::Ready;
        now.store.version = "7.0.15";
        now.store.address = "unix:/run/user/1000/weir/redis.sock";
        now.store.roundTrip = Micros{60};
        now.refill.isRunning = true;
        now.level.isKnown = true;
        now.level.tokens = 5;
        now.level.nextRefill = Micros{37'000'000};
        now.level.observedAt = std::chrono::steady_clock::now();
        now.startedAt = std::chrono::steady_clock::now();
        now.workers = 2;
    }

    // What it says.
    engine::Status now;
    std::vector<telemetry::RequestRecord> waiting; ///< handed over by the next takeRequests()
    std::shared_ptr<const telemetry::History> past{std::make_shared<const telemetry::History>()};
    std::shared_ptr<const config::LimitSet> set{
        std::make_shared<const config::LimitSet>(config::LimitSet{{{}}, {}, {}, {}})};
    std::shared_ptr<const engine::BucketList> bucketList{std::make_shared<const engine::BucketList>()};
    history::Question asked; ///< the last of askHistory(), which `answered` answers
    std::vector<history::Question> askedAll;
    Result<history::Answer> answered{history::Answer{}};
    telemetry::LatestRequests latest; ///< what requestsAfter() knows
    engine::BucketPeek peek;          ///< of every bucket
    bool isBreakable{true};
    std::string failure; ///< not empty: changes fail with this
    Error::Code failureCode{Error::Code::Unavailable};
    engine::SendReport report;

    // What it was asked for.
    struct SetChange {
        config::LimitSet set;
        limit::TokenMode mode{};
    };
    std::vector<SetChange> setChanges;
    struct BucketLevel {
        std::string limit;
        std::string subject;
        limit::Tokens tokens{0};
    };
    std::vector<BucketLevel> bucketLevels;
    std::pair<std::string, std::string> watched; ///< limit, search
    std::vector<engine::BucketQuestion> peeked;
    std::pair<std::string, std::string> shown; ///< limit, subject
    std::vector<config::StoreFailurePolicy> policies;
    std::vector<int> sends;
    std::vector<std::pair<std::string, std::string>> sentAgain; ///< method, target
    std::vector<engine::Harm> harms;
    std::vector<bool> pauses;
    std::vector<bool> onDemands;
    int forgets{0};
    int kills{0};
    bool isWatched{false};
    int pulls{0};
    int looks{0};
    int drains{0};
    std::uint64_t published{0}; ///< other than before: there is news

    engine::Status status() override
    {
        ++pulls;
        return now;
    }
    engine::News news() override
    {
        ++looks;
        return {published,        now.totals.answers(), now.totals.turnedAway(), now.totals.connections,
                now.level.tokens, !waiting.empty()};
    }
    std::vector<telemetry::RequestRecord> takeRequests() override
    {
        ++drains;
        return std::exchange(waiting, {});
    }
    void askHistory(const history::Question &question, QObject *,
                    std::function<void(Result<history::Answer>)> done) override
    {
        asked = question;
        askedAll.push_back(question);
        done(answered);
    }
    telemetry::RequestPage requestsAfter(std::uint64_t after, std::size_t most) override
    {
        return latest.page(after, most);
    }
    std::shared_ptr<const telemetry::History> history() override { return past; }
    void setWatched(bool isOn) override { isWatched = isOn; }

    std::shared_ptr<const config::LimitSet> limits() override { return set; }
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *,
                      std::function<void(Result<Done>)> done) override
    {
        setChanges.push_back({next, mode});
        if (failure.empty()) {
            set = std::make_shared<const config::LimitSet>(next);
            for (const config::LimitEntry &entry : next.limits)
                if (entry.name == now.limit.name)
                    now.limit.spec = entry.spec;
        }
        answer(std::move(done));
    }
    void showBucket(const std::string &limit, const std::string &subject) override { shown = {limit, subject}; }
    void watchBuckets(const std::string &limit, const std::string &search) override { watched = {limit, search}; }
    std::shared_ptr<const engine::BucketList> buckets() override { return bucketList; }
    void listBuckets(const std::string &limit, const std::string &, QObject *,
                     std::function<void(Result<engine::BucketList>)> done) override
    {
        if (!failure.empty())
            return done(Error{failureCode, failure, true});
        engine::BucketList list = *bucketList;
        list.limit = limit;
        done(list);
    }
    void peekBuckets(const std::vector<engine::BucketQuestion> &questions, QObject *,
                     std::function<void(Result<std::vector<engine::BucketPeek>>)> done) override
    {
        peeked = questions;
        if (!failure.empty())
            return done(Error{failureCode, failure, true});
        done(std::vector<engine::BucketPeek>(questions.size(), peek));
    }
    void setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens wanted, QObject *,
                        std::function<void(Result<limit::Tokens>)> done) override
    {
        bucketLevels.push_back({limit, subject, wanted});
        if (!failure.empty())
            return done(Error{failureCode, failure, true});
        const limit::Tokens tokens = std::min(wanted, now.limit.spec.capacity);
        if (limit == now.limit.name && subject == now.subject)
            now.level.tokens = tokens;
        done(tokens);
    }
    void setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *,
                               std::function<void(Result<Done>)> done) override
    {
        policies.push_back(policy);
        if (!failure.empty())
            return done(Error{Error::Code::Io, failure, false});
        now.onStoreFailure = policy;
        done(Done{});
    }
    [[nodiscard]] bool canBreak() const override { return isBreakable; }
    void pauseRefiller(bool isPaused) override
    {
        pauses.push_back(isPaused);
        now.refill.isPaused = isPaused;
    }
    void setRefillOnDemand(bool isOn) override
    {
        onDemands.push_back(isOn);
        now.refill.isOnDemand = isOn;
    }
    void setHarm(const engine::Harm &harm) override
    {
        harms.push_back(harm);
        now.harm = harm;
    }
    void makeStoreForget(QObject *, std::function<void(Result<Done>)> done) override
    {
        ++forgets;
        answer(std::move(done));
    }
    void killStore(QObject *, std::function<void(Result<Done>)> done) override
    {
        ++kills;
        answer(std::move(done));
    }
    void sendRequests(int count, QObject *, std::function<void(engine::SendReport)> done) override
    {
        sends.push_back(count);
        done(report);
    }
    void sendAgain(const std::string &method, const std::string &target, QObject *,
                   std::function<void(engine::SendReport)> done) override
    {
        sentAgain.emplace_back(method, target);
        done(report);
    }

private:
    void answer(std::function<void(Result<Done>)> done) const
    {
        if (!failure.empty())
            return done(Error{failureCode, failure, true});
        done(Done{});
    }
};

inline telemetry::RequestRecord record(std::int64_t atUs, int status, std::string_view target = "/",
                                       std::string_view client = "127.0.0.1", std::string_view method = "GET")
{
    telemetry::RequestRecord r;
    r.atUs = atUs;
    r.client = client;
    r.method = method;
    r.target = target;
    r.status = static_cast<std::uint16_t>(status);
    r.tokensLeft = status == 200 ? 3 : 0;
    r.retryAfterS = status == 429 ? 37 : -1;
    r.tookUs = 120;
    return r;
}

/// As the guard of a socket records what it turns away.
inline telemetry::RequestRecord turnedAway(std::int64_t atUs, int status, std::string_view reason)
{
    telemetry::RequestRecord r;
    r.atUs = atUs;
    r.client = std::string_view{"127.0.0.1"};
    r.method = std::string_view{"-"};
    r.target = reason;
    r.status = static_cast<std::uint16_t>(status);
    return r;
}

/// `seconds` bins that end at `end`; admitted, refused and tokens from the function.
template<class Fill>
std::shared_ptr<const telemetry::History> historyOf(std::int64_t end, int seconds, Fill &&fill)
{
    auto history = std::make_shared<telemetry::History>();
    for (int i = 0; i < seconds; ++i) {
        telemetry::SecondBin bin;
        bin.second = end - seconds + 1 + i;
        fill(bin, i);
        history->bins.push_back(bin);
    }
    return history;
}

} // namespace weir::test
