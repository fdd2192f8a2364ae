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

#include "tests/explore/simulated_weir.h"

namespace weir::explore {

/// What may happen in a history.
struct Hazards {
    bool store{true};     ///< it hangs, restarts, forgets, goes back to an older copy; its clock is stepped
    bool processes{true}; ///< they are killed, paused, begun
    bool changes{true};   ///< of limits and levels
};

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
    };
    struct Bucket {
        std::size_t limit{0};
        std::string subject;
        std::string name;
        limit::Tokens given{0};                ///< to clients
        limit::Tokens allowed{0};              ///< until `since`, and what is documented to be lost
        Micros since{0};                       ///< as of clock(): from then on by the limit in force
        std::map<Timeline::Owner, bool> heard; ///< each process that knows of it: since the store forgot last
        bool isKnownAlone{false};              ///< one that was killed may have known more than all others
    };

    void begin();
    void happen();
    void ask(Timeline::Owner owner, int count);
    void askOnce(Timeline::Owner owner, const Bucket &bucket);
    std::vector<policy::Charge> chargesFor(const Bucket &bucket);
    void onAnswer(Timeline::Owner owner, const std::vector<policy::Charge> &charges, SteadyInstant asked,
                  const engine::Decision &decision);
    void startProcess();
    void kill(Timeline::Owner owner);
    void troubleStore();
    void loseContent(const StoreContent &next, bool isOlder);
    void change();
    /// From now on another limit, or another time.
    void count(Bucket &bucket);
    [[nodiscard]] limit::Tokens allowed(const Bucket &bucket) const;
    void allow(Bucket &bucket, limit::Tokens more) { bucket.allowed += more; }
    void quieten();
    /// At any moment, and when all is quiet.
    [[nodiscard]] std::optional<std::string> checkNow() const;
    [[nodiscard]] std::optional<std::string> check();
    /// The store's, as far ahead as it has ever been, but for a step back that is not waited for.
    [[nodiscard]] Micros clock() const { return m_server.now() - m_server.step() + m_mostStep; }
    void stepClock();
    void forgetHighestTime();
    void reunite();
    void note(const std::string &what);
    void breakLinks();
    [[nodiscard]] Timeline::Owner anyProcess();
    [[nodiscard]] const limit::LimitSpec &specOf(const Bucket &bucket) const;

    Timeline &m_timeline;
    std::uint64_t m_seed;
    test::Random m_random;
    SimulatedServer m_server;
    Hazards m_hazards;
    config::LimitSet m_set;
    /// By limit: those that have been in force. A change that fails, or that somebody has not heard of, leaves an older one.
    std::vector<std::vector<limit::LimitSpec>> m_specs;
    limit::Tokens m_lease{0};
    std::map<Timeline::Owner, Process> m_processes;
    std::vector<Bucket> m_buckets;
    std::deque<StoreContent> m_copies; ///< older ones
    Timeline::Owner m_lastOwner{0};
    bool m_wasHurt{false};  ///< something for which exactness is not promised
    bool m_hasLost{false};  ///< what others know may be told later, and be owed then
    Micros m_mostStep{0};   ///< of the store's clock
    Micros m_splitSince{0}; ///< as of clock()
    std::set<int> m_without;
    int m_events{0};
    std::optional<std::string> m_failure;
    std::deque<std::string> m_history;
    std::int64_t m_outages{0}, m_requests{0}, m_exactReturns{0}, m_admitted{0}, m_admittedOfDead{0};
    limit::Tokens m_excess{0};
    Nanos m_slowest{0};
};

} // namespace weir::explore
