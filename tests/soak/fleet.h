// SPDX-License-Identifier: GPL-3.0-only
// Several Weirs of one configuration on one store, each with its clients; any of them ends and begins again. Everything is
// counted from the start on, by the clients and by the Weirs.
#pragma once

#include <QTemporaryDir>

#include <memory>
#include <string>
#include <vector>

#include "tests/soak/books.h"
#include "tests/soak/load.h"
#include "tests/soak/soaked_weir.h"
#include "tests/soak/table.h"
#include "tests/support/limit_setup.h"

namespace weir::test {

/// Promises in words that were not kept.
using Broken = std::vector<std::string>;

struct FleetPlan {
    LimitSetup setup{};
    std::size_t instances{1};
    const char *policy{"local"};
    QString redis{}; ///< URL; empty: the private redis-server of a single Weir
    int threads{2};
    int clients{4}; ///< of each Weir; a multiple of setup.groups()
    std::chrono::microseconds pause{1000};
    double rate{0}; ///< requests a second of the clients of one Weir; 0: as `pause` lets them
};

/// Thread: the main thread. An instance is named by its place.
class Fleet {
public:
    enum class End { Terminated, Killed }; ///< SIGTERM, SIGKILL

    /// As many as planned, each of which has heard of the store; false: one does not start.
    [[nodiscard]] bool start(FleetPlan plan);
    [[nodiscard]] bool add();
    /// Its clients have their answers, and the store decides; it ends, begins anew and decides by the store.
    void restart(std::size_t who, End how);
    /// As above, for good.
    void remove(std::size_t who, End how);
    /// At once: what was asked is not answered.
    void strike(std::size_t who);
    /// Nobody asks any more; everybody who asked has its answer.
    void stop();
    /// Until rest(false) nobody asks. False: somebody still waits for an answer.
    [[nodiscard]] bool rest(bool isResting);

    [[nodiscard]] std::size_t size() const { return m_members.size(); }
    [[nodiscard]] SoakedWeir &weir(std::size_t who) { return m_members[who]->weir; }
    [[nodiscard]] const FleetPlan &plan() const { return m_plan; }
    /// Of the private redis-server.
    [[nodiscard]] QString dataDir() { return weir(0).process().folder() + QStringLiteral("/data"); }

    /// By the clients; of one group of LimitSetup, or of all.
    [[nodiscard]] Seen seen() const;
    [[nodiscard]] Seen seenOf(std::size_t group) const;
    void forgetLongest();
    /// By the Weirs, sums of all; the fewest `instances`. Struck ones are missing.
    [[nodiscard]] Shown shown();
    [[nodiscard]] bool isFromStore();
    [[nodiscard]] bool waitForStore();
    /// Each of them shares with all others from now on.
    [[nodiscard]] bool waitUntilCounted();
    /// Every bucket has refused so many requests.
    [[nodiscard]] bool waitForRefusals(std::int64_t each);

    /// That all buckets that refuse may have given until now, and what they gave beyond it.
    [[nodiscard]] limit::Tokens most() const;
    [[nodiscard]] limit::Tokens over() const;

    /// Each Weir and its clients, while nobody asks; and what was noted at ends and beginnings since the last time.
    void judgeCounts(Broken &broken);
    /// What callers who knew different things of a loss took too much together; the next refills pay it.
    [[nodiscard]] limit::Tokens debt(RedisClient &redis) const;
    /// Clients and Redis, every bucket; the tokens taken from those that refuse. Nobody asks meanwhile.
    std::int64_t judgeBooks(RedisClient &redis, const Shown &shown, Broken &broken) const;

private:
    struct Member {
        SoakedWeir weir;
        std::unique_ptr<Load> load;
    };
    [[nodiscard]] bool begin(Member &member);
    /// What it has counted is kept.
    void retire(Member &member, End how);
    [[nodiscard]] QStringList arguments(Member &member) const;

    FleetPlan m_plan;
    QTemporaryDir m_folder;
    LimitSetup::Moment m_begun{};
    std::vector<std::unique_ptr<Member>> m_members;
    std::vector<Seen> m_goneSeen; ///< by group
    Shown m_goneShown;
    Broken m_broken;
};

} // namespace weir::test
