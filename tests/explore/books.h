// SPDX-License-Identifier: GPL-3.0-only
// The books of a history: what each bucket may give by what has happened so far, and what clients were given of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/explore/simulated_store.h"

namespace weir::explore {

/// One bucket since the last time that all was quiet, or that its level was set.
struct Account {
    std::size_t limit{0};
    std::string subject;
    std::string name;
    limit::Tokens given{0};                ///< to clients
    limit::Tokens allowed{0};              ///< until `since`, and what is documented to be lost
    Micros since{0};                       ///< as of Books::clock(): from then on by the limit in force
    limit::Tokens onTheWay{0};             ///< StoreWatch::onTheWay()
    std::map<Timeline::Owner, bool> heard; ///< each process that knows of it: since the store forgot last
    bool isKnownAlone{false};              ///< one that was killed may have known more than all others
    std::int64_t settings{0};              ///< of its level
    std::map<Timeline::Owner, std::int64_t> settingHeard; ///< the last of them that each process knows of
};

/// A bound is as exact as what has happened lets it be: at most what was there, what time has brought since, and what is
/// documented to be lost (lua/README.md, "What is guaranteed").
class Books final : public StoreWatch {
public:
    explicit Books(const SimulatedServer &server) : m_server{server} {}

    void open(std::size_t limit, const std::string &subject, const std::string &name);
    /// That limit has these numbers from now on. A change that fails, or that somebody has not heard of, leaves older ones, so all
    /// that have been in force count.
    void adopt(std::size_t limit, const limit::LimitSpec &spec);
    [[nodiscard]] const limit::LimitSpec &specOf(const Account &account) const { return m_specs[account.limit].back(); }
    [[nodiscard]] bool hasChanged(const Account &account) const { return m_specs[account.limit].size() > 1; }
    /// The most tokens that a worker holds ahead, and how many workers there are.
    void setHeldAhead(limit::Tokens most) { m_heldAhead = most; }

    /// `isUnasked`: the store was not asked.
    void give(Timeline::Owner owner, std::size_t limit, const std::string &subject, limit::Tokens cost, bool isUnasked);
    void allow(Account &account, limit::Tokens more) { account.allowed += more; }
    [[nodiscard]] limit::Tokens allowed(const Account &account) const;
    /// All is quiet: what is in the store is what may be given from now on.
    void beginAnew();

    // What has happened.
    void kill(Timeline::Owner owner, limit::Tokens unsettled);
    void stepClock(bool hasLost);
    /// `next`: what the store has from now on.
    void loseContent(const StoreContent &next, bool isOlder);
    void split() { m_splitSince = clock(); }
    void reunite();

    // As StoreWatch.
    void onTheWay(const std::string &bucket, limit::Tokens tokens) override;
    void levelSet(const std::string &bucket, bool isFull) override;
    void heard(Timeline::Owner owner, const std::string &bucket, std::int64_t settings) override;
    [[nodiscard]] bool isAway(Timeline::Owner owner) const override { return m_isAway(owner); }
    void setAway(std::function<bool(Timeline::Owner)> isAway) { m_isAway = std::move(isAway); }

    /// The excess that processes have told of, or may yet tell of, excuses as much.
    using Excuse = std::function<limit::Tokens()>;
    void setExcuse(Excuse excuse) { m_excuse = std::move(excuse); }
    /// What is over at this moment; also at a moment when a level was set.
    [[nodiscard]] std::optional<std::string> overspent() const;
    /// What is over when all is quiet and told: what was given, what is left and what is owed.
    [[nodiscard]] std::optional<std::string> unbalanced(limit::Tokens excess) const;
    [[nodiscard]] limit::Tokens debt() const;
    /// A level was set since beginAnew(): who was away meanwhile may tell an excess that was none.
    [[nodiscard]] bool wasSet() const { return m_wasSet; }

    std::vector<Account> accounts;

private:
    [[nodiscard]] const limit::Bucket *stored(const Account &account) const;
    /// The store's clock, as far ahead as it has ever been, but for a step back that is not waited for.
    [[nodiscard]] Micros clock() const { return m_server.now() - m_server.step() + m_mostStep; }
    [[nodiscard]] Micros timeOf(const limit::Bucket &bucket) const;
    void forgetHighestTime();
    void count(Account &account);
    void count(Account &account, limit::Tokens level, Micros since);
    [[nodiscard]] std::string sentence(const Account &account) const;
    [[nodiscard]] Account *find(const std::string &name);

    const SimulatedServer &m_server;
    std::vector<std::vector<limit::LimitSpec>> m_specs; ///< by limit
    limit::Tokens m_heldAhead{0};
    Excuse m_excuse;
    std::function<bool(Timeline::Owner)> m_isAway;
    std::optional<std::string> m_failure;
    bool m_wasSet{false};
    Micros m_mostStep{0};   ///< of the store's clock
    Micros m_splitSince{0}; ///< as of clock()
};

} // namespace weir::explore
