// SPDX-License-Identifier: GPL-3.0-only
// Workers over a store in memory whose links can be cut, before or after what was asked is done; and the test that has them.
#pragma once

#include <QCoreApplication>
#include <QScopedValueRollback>
#include <QTest>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/decide/limiter.h"
#include "core/store/memory_store.h"

namespace weir::test {

/// No interval passes during a test.
inline config::LimitEntry yearly(const std::string &name, limit::Tokens capacity,
                                 config::StoreFailurePolicy policy = config::StoreFailurePolicy::Local)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.spec = {capacity, 1, limit::kMaxInterval, limit::StartLevel::Full};
    entry.onStoreFailure = policy;
    return entry;
}

inline config::LimitEntry keyed(config::LimitEntry entry)
{
    entry.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
    return entry;
}

inline engine::PoliciesPtr policiesOf(const std::vector<config::LimitEntry> &limitSet, std::int64_t epoch = 1,
                                      std::int64_t maxLive = 100'000)
{
    config::LimitSet set;
    set.limits = limitSet;
    set.keys.maxLive = maxLive;
    engine::Policies policies;
    policies.book = std::make_shared<const engine::LimitBook>(set);
    for (const config::LimitEntry &entry : limitSet)
        policies.limits.push_back({entry.name, entry.spec, epoch});
    policies.limit = policies.limits.front();
    return std::make_shared<const engine::Policies>(std::move(policies));
}

/// One link to the shared store.
class FaultyLink final : public store::BucketStore {
public:
    enum class State {
        Fine,
        Away,           ///< nothing is done
        AnswersGetLost, ///< all is done
        Held,           ///< all is done; the answers come at release()
        Late,           ///< nothing is done; no answer in time
        Silent,         ///< nothing is done; release() says that nobody knows
        Forbidden,
        Broken,   ///< nothing is done, for what is stored there is broken
        Mistaken, ///< nothing is done, for what we say makes no sense
        Full,     ///< nothing is done, for too much of ours is under way
    };
    explicit FaultyLink(store::MemoryStore &shared) : m_shared{shared} {}
    State state{State::Fine};
    bool hasManyServers{false};
    int takes{0};
    int pings{0};
    int settlements{0};
    std::string brokenBucket{};         ///< of which nothing can be entered
    std::function<void()> beforeTake{}; ///< what happens between a question and its being answered

    void take(store::TakeRequest request, store::TakeDone done) override
    {
        ++takes;
        if (beforeTake)
            beforeTake();
        if (state == State::AnswersGetLost)
            m_shared.take(request, [](const Result<limit::TakeOutput> &) {});
        if (state == State::Held)
            return m_shared.take(std::move(request), hold<limit::TakeOutput>(std::move(done)));
        if (state == State::Fine)
            return m_shared.take(std::move(request), std::move(done));
        fail(std::move(done));
    }
    void settle(store::SettleRequest request, store::SettleDone done) override
    {
        ++settlements;
        const bool isBroken = std::any_of(request.buckets.begin(), request.buckets.end(),
                                          [this](const auto &bucket) { return bucket.name == brokenBucket; });
        const QScopedValueRollback now{state, isBroken ? State::Broken : state};
        if (state == State::AnswersGetLost)
            m_shared.settle(request, [](const Result<std::vector<limit::SettleOutput>> &) {});
        if (state == State::Fine)
            return m_shared.settle(std::move(request), std::move(done));
        fail(std::move(done));
    }
    void ping(store::WriteDone done) override
    {
        ++pings;
        if (state == State::Held)
            return m_shared.ping(hold<Done>(std::move(done)));
        if (state == State::Fine)
            return m_shared.ping(std::move(done));
        fail(std::move(done));
    }
    [[nodiscard]] bool isSpread() const override { return hasManyServers; }
    void countInstances(std::int64_t window, const std::string &instance, store::CountDone done) override
    {
        if (state == State::Fine)
            return m_shared.countInstances(window, instance, std::move(done));
        fail(std::move(done));
    }
    void loadLimit(const std::string &, store::LimitDone) override {}
    void loadRegister(const std::vector<std::string> &, store::RegisterDone) override {}
    void loadAuthors(const std::vector<std::string> &, store::AuthorsDone) override {}
    void saveLimit(const limit::Limit &, const std::string &, store::WriteDone) override {}

    void release()
    {
        for (const auto &answer : std::exchange(m_held, {}))
            answer();
    }
    [[nodiscard]] std::size_t held() const { return m_held.size(); }

private:
    template<class T>
    std::function<void(Result<T>)> hold(std::function<void(Result<T>)> done)
    {
        return [this, done = std::move(done)](const Result<T> &result) {
            m_held.push_back([done, result] { done(result); });
        };
    }
    template<class Answer>
    void fail(Answer done)
    {
        const bool needsPerson = state == State::Forbidden || state == State::Broken || state == State::Mistaken;
        const bool isSilent = state == State::Silent;
        const Error error{code(), "test", !needsPerson, isSilent || state == State::AnswersGetLost};
        if (isSilent)
            return m_held.push_back([done = std::move(done), error] { done(error); });
        QMetaObject::invokeMethod(
            qApp, [done = std::move(done), error] { done(error); }, Qt::QueuedConnection);
    }
    [[nodiscard]] Error::Code code() const
    {
        switch (state) {
        case State::Late:
            return Error::Code::Timeout;
        case State::Forbidden:
            return Error::Code::Configuration;
        case State::Broken:
            return Error::Code::State;
        case State::Mistaken:
            return Error::Code::Invalid;
        case State::Full:
            return Error::Code::Overloaded;
        default:
            return Error::Code::Unavailable;
        }
    }

    store::MemoryStore &m_shared;
    std::vector<std::function<void()>> m_held;
};

/// A worker of the process whose table it is given.
struct EngineWorker {
    struct Answer {
        engine::Ticket ticket;
        engine::Decision::By by;
        bool hasVerdict;
        limit::Verdict verdict;
        std::string limit;
        std::vector<std::string> all; ///< the limits that had a say
        std::int64_t epoch;           ///< of `limit`
    };
    EngineWorker(store::MemoryStore &shared, const engine::PoliciesPtr &policies, engine::BucketTable &table)
        : link{shared},
          limiter{link,
                  policies,
                  table,
                  telemetry,
                  levels,
                  [this](engine::Ticket ticket, const engine::Decision &decision) {
                      Answer answer{
                          ticket, decision.by,          decision.hasVerdict(), decision.verdict, decision.limit->name,
                          {},     decision.limit->epoch};
                      for (const engine::LimitVerdict &one : decision.all)
                          answer.all.push_back(one.limit->name);
                      answers.push_back(std::move(answer));
                  }}
    {
    }
    void ask(const std::vector<policy::Charge> &charges, int requests = 1)
    {
        for (int i = 0; i < requests; ++i)
            limiter.decide(asked++, charges);
    }
    [[nodiscard]] int admitted() const { return count(limit::Verdict::Kind::Admitted); }
    [[nodiscard]] int refused() const { return count(limit::Verdict::Kind::Refused); }
    [[nodiscard]] int count(limit::Verdict::Kind kind) const
    {
        return static_cast<int>(std::count_if(answers.begin(), answers.end(), [kind](const Answer &answer) {
            return answer.hasVerdict && answer.verdict.kind == kind;
        }));
    }
    [[nodiscard]] int by(engine::Decision::By who) const
    {
        return static_cast<int>(
            std::count_if(answers.begin(), answers.end(), [who](const Answer &answer) { return answer.by == who; }));
    }
    [[nodiscard]] bool isAnswered() const { return answers.size() == asked; }

    telemetry::WorkerTelemetry telemetry;
    telemetry::LevelBoard levels;
    FaultyLink link;
    engine::Ticket asked{0};
    std::vector<Answer> answers;
    engine::Limiter limiter;
};

/// A test of what shares one store; the store comes first and ends last.
class EngineTest : public QObject {
protected:
    static constexpr int kPatienceMs = 10'000;

    template<class Condition>
    [[nodiscard]] bool comesTrue(Condition condition)
    {
        return QTest::qWaitFor(
            [&] {
                m_shared->deliver();
                return condition();
            },
            kPatienceMs);
    }

    std::unique_ptr<store::MemoryStore> m_shared;
};

} // namespace weir::test
