// SPDX-License-Identifier: GPL-3.0-only
// The Redis that keeps the limits, a private redis-server or another one, and its status.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QObject>

#include "app/data_dir.h"
#include "app/episode.h"
#include "app/harm_switches.h"
#include "app/private_store_report.h"
#include "app/store_watch.h"
#include "core/config/config.h"
#include "core/redis/server/private_server.h"
#include "core/redis/store/redis_store.h"

namespace weir::app {

/// Thread: the service thread. Outlives every store that makeStore() has made.
class StoreConnection : public QObject {
    Q_OBJECT
public:
    /// `config` outlives it.
    explicit StoreConnection(const config::Config &config, QObject *parent = nullptr);

    /// Connect, and go on trying; start the private server first if there is no other. failed(), at once or later, when
    /// that is impossible.
    void open();
    /// End the connection, then the private server; blocks for as long as that takes.
    void close();

    [[nodiscard]] bool isPrivate() const { return m_config.redisUrl.empty(); }
    /// Return the service thread's store; null before the private server runs, and after close().
    [[nodiscard]] redis::RedisStore *store() { return m_store.get(); }
    /// Return a function that makes a store for the thread that calls it.
    [[nodiscard]] std::function<std::unique_ptr<store::BucketStore>()> makeStore() const;
    [[nodiscard]] engine::StoreStatus status() const;
    /// Return why the store cannot be reached, null when it can. After open() only.
    [[nodiscard]] const Error *whyNot() const;
    /// Return a sentence about `why`: "--redis: the limit at ADDRESS cannot be used: WHY", or one about the private
    /// server.
    [[nodiscard]] std::string explain(const Error &why) const;
    /// Ask for the time of a round trip, and log what is due of a store that stays away. To be called once a second.
    void look();
    /// Log from now on when the store goes and comes; until then the start reports it.
    void noteStarted() { m_isTelling = true; }
    [[nodiscard]] HarmSwitches &harm() { return m_harm; }
    [[nodiscard]] const HarmSwitches &harm() const { return m_harm; }

Q_SIGNALS:
    void ready();   ///< the store answers, for the first time or again
    void changed(); ///< status() has changed
    void loading(); ///< the private server reads its data, which may take long
    void attemptFailed(const weir::Error &why);
    void failed(const weir::Error &why);

private:
    void startPrivateServer();
    void connectTo(const redis::RedisUrl &url);
    [[nodiscard]] redis::LinkOptions linkOptions() const;
    void onChanged();
    void tellWhetherAway();

    const config::Config &m_config;
    std::optional<DataDir> m_dataDir;
    HarmSwitches m_harm; ///< outlives every link
    std::unique_ptr<redis::PrivateServer> m_server;
    std::unique_ptr<PrivateStoreReport> m_report; ///< with the private server only
    std::unique_ptr<redis::RedisStore> m_store;
    std::unique_ptr<StoreWatch> m_watch;
    engine::StoreStatus m_told;
    Episode m_away;
    int m_returns{0}; ///< since the log was told that it is away
    bool m_isTelling{false};
    bool m_isAwaited{true}; ///< it has not answered once
};

} // namespace weir::app
