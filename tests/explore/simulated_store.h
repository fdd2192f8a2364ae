// SPDX-License-Identifier: GPL-3.0-only
// A store as the engine meets it: the oracle of the scripts behind a network that delays, cuts and loses, on virtual time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/store/bucket_store.h"
#include "tests/explore/timeline.h"
#include "tests/support/seed.h"

namespace weir::explore {

/// What it holds; a copy of it is what a replica or a file has.
struct StoreContent {
    std::map<std::string, std::optional<limit::Bucket>> buckets;
    std::map<std::string, limit::SettleMark> marks; ///< by bucket and instance
    std::map<std::int64_t, std::set<std::string>> instances;
    std::map<std::string, limit::Limit> limits;
};

/// Who keeps the books of a history is told what the store does.
class StoreWatch {
public:
    virtual ~StoreWatch() = default;
    /// So many tokens more have been taken (fewer: below 0) whose takers have not been answered yet, and may be.
    virtual void onTheWay(const std::string &bucket, limit::Tokens tokens) = 0;
    /// Somebody has made it full, or empty.
    virtual void levelSet(const std::string &bucket, bool isFull) = 0;
    /// A process has been told of a bucket by a call that went out after so many settings of its level, and after all that it had
    /// sent before the last of them had been answered or given up; or by one that has set it.
    virtual void heard(Timeline::Owner owner, const std::string &bucket, std::int64_t settings) = 0;
    /// That process goes on by itself, from what it knew before.
    [[nodiscard]] virtual bool isAway(Timeline::Owner owner) const = 0;
};

/// The server. Calls come by run(), in the order of their arrival.
class SimulatedServer {
public:
    enum class State { Up, Hung, Down };

    explicit SimulatedServer(Timeline &timeline) : m_timeline{timeline} {}

    /// Now if it is up, when it goes on if it hangs; never if it is down.
    void run(bool isOfOldMaster, std::function<void()> call);
    void hang() { m_state = State::Hung; }
    void goOn();
    /// Every connection breaks; what had arrived and was not done is not done.
    void goDown();
    void comeUp(StoreContent content);
    /// A replica has taken over, and the old master goes on for those who still reach it.
    void split() { m_other = content; }
    [[nodiscard]] bool isSplit() const { return m_other.has_value(); }
    /// One of the two is master again, and what the other has been told since is lost. Every connection breaks.
    void heal(bool isOldOne);
    [[nodiscard]] State state() const { return m_state; }
    /// Grows with each goDown().
    [[nodiscard]] int life() const { return m_life; }

    [[nodiscard]] Micros now() const;
    /// From now on its clock is so much ahead of where it was.
    void stepClock(Micros step) { m_step += step; }
    [[nodiscard]] Micros step() const { return m_step; }

    Result<limit::TakeOutput> take(const store::TakeRequest &request);
    Result<std::vector<limit::SettleOutput>> settle(const store::SettleRequest &request);
    store::InstanceCounts countInstances(std::int64_t window, const std::string &instance);
    std::optional<limit::Limit> loadLimit(const std::string &name) const;

    StoreContent content;
    bool losesMessages{true}; ///< one in 400 never arrives, and the connection hangs; one in 1000 arrives twice, if
                              ///< it gives nothing back
    std::int64_t doubled{0};  ///< calls that arrived twice
    std::set<Timeline::Owner> cutOff; ///< what they send does not arrive, nor what is sent to them
    std::set<std::string> unusable;   ///< buckets whose key has another type: every call on one of them is an error
    struct Settings {
        std::int64_t count{0};
        SteadyInstant last{};
    };
    std::map<std::string, Settings> settings; ///< of the level, by bucket
    StoreWatch *watch{nullptr};

private:
    Timeline &m_timeline;
    std::optional<StoreContent> m_other; ///< of the old master while there are two
    State m_state{State::Up};
    int m_life{0};
    Micros m_step{0};
    std::deque<std::function<void()>> m_arrived; ///< while it hangs
};

/// One link, as redis::RedisLink behaves: calls fail at once while there is none, all fail when the server is silent for
/// 100 ms or the connection breaks.
class SimulatedLink final : public store::BucketStore {
public:
    SimulatedLink(Timeline &timeline, SimulatedServer &server, test::Random &random);
    ~SimulatedLink() override;

    /// What its owner does when there is a connection again, and when an attempt to get one has failed.
    struct Heeded {
        std::function<void()> ready{};
        std::function<void()> failed{};
    };
    void heed(Heeded heeded) { m_heeded = std::move(heeded); }
    [[nodiscard]] bool isReady() const { return m_isReady; }
    /// The connection breaks, as the process will notice: each call that is under way may be done or not.
    void breakSoon();

    void take(store::TakeRequest request, store::TakeDone done) override;
    void settle(store::SettleRequest request, store::SettleDone done) override;
    void ping(store::WriteDone done) override;
    void countInstances(std::int64_t window, const std::string &instance, store::CountDone done) override;
    void loadLimit(const std::string &name, store::LimitDone done) override;
    void loadRegister(const std::vector<std::string> &names, store::RegisterDone done) override;
    void loadAuthors(const std::vector<std::string> &names, store::AuthorsDone done) override;
    void saveLimit(const limit::Limit &limit, const std::string &author, store::WriteDone done) override;

private:
    struct Call {
        SteadyInstant since;
        std::function<void(const Error &)> fail;
        bool isAnswered{false};
    };
    /// What outlives the link in messages that are on their way.
    struct Life {
        SimulatedLink *link;
    };
    template<class Execute, class Done>
    void call(Execute execute, Done done, bool mayBeDoubled = true);
    void deliver(const std::shared_ptr<Call> &call, int connection, const std::function<void()> &tell);
    void watch();
    void lose(const Error &error);
    void connectLater(Nanos wait);
    void connectNow();
    void failToConnect(Nanos wait);
    [[nodiscard]] Nanos latency();

    Timeline &m_timeline;
    Timeline::Owner m_owner; ///< the process
    SimulatedServer &m_server;
    test::Random &m_random;
    std::shared_ptr<Life> m_life;
    std::deque<std::shared_ptr<Call>> m_inFlight;
    int m_connection{0};
    int m_serverLife{0};
    bool m_isOfOldMaster; ///< when there are two
    bool m_isReady{true};
    bool m_isWatching{false};
    SteadyInstant m_heardAt;
    SteadyInstant m_lastArrival; ///< nothing overtakes what was sent before
    SteadyInstant m_lastAnswer;
    Error m_lastError;
    Heeded m_heeded;
};

} // namespace weir::explore
