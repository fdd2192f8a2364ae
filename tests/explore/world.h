// SPDX-License-Identifier: GPL-3.0-only
// One history, made by chance from a seed: processes that share limits, their clients, and all that can go wrong between them
// and their store. It is checked that no more is admitted than was promised.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "tests/explore/books.h"
#include "tests/explore/simulated_weir.h"

namespace weir::explore {

/// What may happen in a history.
struct Hazards {
    bool store{true};     ///< it hangs, restarts, forgets, goes back to an older copy; its clock is stepped
    bool processes{true}; ///< they are killed, paused, begun
    bool changes{true};   ///< of limits
    bool levels{true};    ///< are set, by a process or by somebody who is not counted
    /// With what it forgets the store may forget which limit is in force, or which level was set last: then any that has been may be
    /// again.
    [[nodiscard]] bool mayForget() const { return !changes && !levels; }
};

/// A limit of an algorithm, by chance.
[[nodiscard]] limit::LimitSpec randomSpec(test::Random &random, limit::Algorithm algorithm);
[[nodiscard]] limit::Algorithm randomAlgorithm(test::Random &random);

class World {
public:
    /// `without`: events that do not happen, by their number from 0.
    World(Timeline &timeline, std::uint64_t seed, std::set<int> without = {});
    ~World();

    /// What was promised and not kept; nothing: all was.
    std::optional<std::string> run();

    /// As many as there were, those included that did not happen.
    [[nodiscard]] int events() const { return m_events; }
    [[nodiscard]] std::int64_t outages() const { return m_outages; }
    [[nodiscard]] std::int64_t requests() const { return m_requests; }
    [[nodiscard]] std::int64_t exactReturns() const { return m_exactReturns; }
    [[nodiscard]] Nanos slowest() const { return m_slowest; }
    [[nodiscard]] std::string setup() const;
    /// What happened last, oldest first; requests as such are not told.
    [[nodiscard]] std::string history() const;

private:
    struct Process {
        std::unique_ptr<SimulatedWeir> weir;
        SteadyInstant pausedUntil{}; ///< what was asked before has a reason to wait
        // In its present outage.
        std::int64_t outage{0};
        std::int64_t sharers{1};               ///< that it is to share with, itself included
        std::vector<limit::Tokens> byItself{}; ///< given of each bucket
    };

    void begin();
    void happen();
    void ask(Timeline::Owner owner, int count);
    void askOnce(Timeline::Owner owner, const Account &account);
    std::vector<policy::Charge> chargesFor(const Account &account);
    void onAnswer(Timeline::Owner owner, const std::vector<policy::Charge> &charges, SteadyInstant asked,
                  const engine::Decision &decision);
    void checkShare(Timeline::Owner owner, const policy::Charge &charge);
    [[nodiscard]] std::int64_t sharersOf(Timeline::Owner owner) const;
    void quieten();
    void askAll(int times);
    /// At any moment, and when all is quiet.
    [[nodiscard]] std::optional<std::string> checkNow() const;
    [[nodiscard]] std::optional<std::string> check();
    [[nodiscard]] limit::Tokens excuse() const;
    void beginAnew();
    void rememberSharers();
    [[nodiscard]] bool isAlone() const { return m_isAlone && !m_wasHurt; }

    // What can go wrong: trouble.cpp.
    void startProcess();
    void kill(Timeline::Owner owner);
    void troubleProcess();
    void troubleStore();
    void troubleLinks();
    void cutOff(Timeline::Owner owner);
    void comeUp();
    void lose(const StoreContent &next, bool isOlder);
    void reunite();
    void stepClock();
    void changeLimit();
    void setLevelSoon(Nanos within);
    void setLevel(Timeline::Owner owner, const Account &account, limit::StartLevel level);
    void breakLinks();
    void mend();
    void note(const std::string &what);
    [[nodiscard]] Timeline::Owner anyProcess();
    [[nodiscard]] const Account &anyAccount();

    Timeline &m_timeline;
    std::uint64_t m_seed;
    test::Random m_random;
    SimulatedServer m_server;
    Books m_books{m_server};
    Hazards m_hazards;
    bool m_isCalm{false}; ///< clients ask seldom, so that buckets are not always empty
    config::LimitSet m_set;
    limit::Tokens m_lease{0};
    std::int64_t m_workers{0}; ///< of all that have been
    std::map<Timeline::Owner, Process> m_processes;
    std::deque<StoreContent> m_copies; ///< older ones
    Timeline::Owner m_lastOwner{0};
    bool m_isAlone{false};               ///< there is one process, and no other is or was known of
    bool m_wasHurt{false};               ///< something for which exactness is not promised
    bool m_hasLost{false};               ///< what others know may be told later, and be owed then
    std::set<Timeline::Owner> m_sharers; ///< processes that knew of each other when all was quiet last
    Micros m_steppedBy{0};               ///< the store's clock, since then, to and fro
    SteadyInstant m_quietAt{};           ///< that
    std::int64_t m_doubledBefore{0};     ///< SimulatedServer::doubled of before
    limit::Tokens m_excessBefore{0};     ///< that was told before
    std::set<int> m_without;
    int m_events{0};
    std::optional<std::string> m_failure;
    std::deque<std::string> m_history;
    std::int64_t m_outages{0}, m_requests{0}, m_exactReturns{0}, m_admitted{0}, m_admittedOfDead{0};
    limit::Tokens m_excess{0};
    Nanos m_slowest{0};
};

} // namespace weir::explore
