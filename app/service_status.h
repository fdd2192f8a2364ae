// SPDX-License-Identifier: GPL-3.0-only
// Reads the state of a running Weir from its parts and publishes it as a whole.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <QObject>

#include "app/bucket_peeker.h"
#include "app/front_watch.h"
#include "app/history_feed.h"
#include "app/level_watch.h"
#include "app/limits_file.h"
#include "app/limits_in_force.h"
#include "app/outage_log.h"
#include "app/sampler.h"
#include "app/service_state.h"
#include "app/store_connection.h"
#include "app/undecided_watch.h"
#include "core/store/deed_store.h"
#include "core/telemetry/worker_board.h"

namespace weir::app {

using Boards = std::vector<std::unique_ptr<telemetry::WorkerBoard>>;
using StatePtr = std::shared_ptr<const ServiceState>;

/// Publishes what follows an action of the user at once, the rest once a second. Thread: the service thread; `boards`
/// and `published` are shared with whoever reads them.
class ServiceStatus : public QObject {
    Q_OBJECT
public:
    /// The parts that are read; all outlive it.
    struct Told {
        LimitParts &parts;
        LimitsInForce &inForce;
        LimitsFile &file;
        StoreConnection &store;
    };
    ServiceStatus(const Told &told, const Boards &boards, std::atomic<StatePtr> &published, QObject *parent = nullptr);

    /// Publish once a second from now on; `urls` answer, and the admin port at `adminUrl` (empty: there is none). The
    /// parts have been started.
    void start(std::vector<std::string> urls, std::string adminUrl);
    void stop();
    void publish();

    // As ServicePort says.
    void setWatched(bool isWatched);
    void watchBuckets(const std::string &limit, const std::string &search);
    [[nodiscard]] Result<engine::BucketList> listBuckets(const std::string &limit, const std::string &search) const;
    [[nodiscard]] BucketPeeker &peeker() { return m_peeker; }
    /// From here on they are told of too; null: no more.
    void watchFront(const http::FrontNotes *notes) { m_front = notes; }
    /// From here on the history is fed; null: no more.
    void watchHistory(HistoryFeed *feed);
    /// Feed it what was counted since the last second; to be called when nothing is counted any more.
    void feedRest();
    /// Put a sentence about what this Weir has done into the history.
    void noteOwnDeed(const std::string &sentence) { mark(history::Mark::Kind::Change, {}, sentence); }
    /// Note that the level of that bucket was set by hand.
    void noteLevelSet(const std::string &limit, const std::string &subject);
    /// Note what another Weir has done.
    void noteDeed(const store::Deed &deed);

private:
    void onSampled();
    void mark(history::Mark::Kind kind, const std::string &who, const std::string &sentence);
    void feedHistory();
    void onLimitsChanged(const engine::PoliciesPtr &before);
    void noteTakeover(const std::string &sentence);
    void noteNumbers(const limit::LimitSpec &before, const limit::LimitSpec &after);
    [[nodiscard]] Sample readSample() const;
    [[nodiscard]] std::string lastFailure() const;
    void tellUndecided();
    void tellFront();
    void readLimits();
    void showHistory();

    LimitParts &m_parts;
    LimitsInForce &m_inForce;
    LimitsFile &m_file;
    StoreConnection &m_store;
    const Boards &m_boards;
    std::atomic<StatePtr> &m_published;
    BucketPeeker m_peeker;
    ServiceState m_state;
    OutageLog m_log;
    UndecidedWatch m_rejected{telemetry::DecidedBy::Reject, "answered 503"};
    UndecidedWatch m_allowed{telemetry::DecidedBy::Allow, "let through without a limit"};
    const http::FrontNotes *m_front{nullptr};
    FrontWatch m_frontWatch;
    HistoryFeed *m_feed{nullptr};
    bool m_wasDegraded{false}; ///< when the history was last fed
    Sampler m_sampler;
    LevelWatch m_levelWatch;
    bool m_isWatched{false};                              ///< by the panel
    std::pair<std::string, std::string> m_watchedBuckets; ///< limit, search
};

} // namespace weir::app
