// SPDX-License-Identifier: GPL-3.0-only
// The Redis that limits are kept in: a private redis-server or another one, and how it is doing.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QObject>

#include "app/data_dir.h"
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

    /// Connects, and goes on trying; starts the private server before that if there is no other. `failed` when that cannot
    /// be: at once, or later.
    void open();
    /// Ends the connection, then the private server; blocks for as long as that takes.
    void close();

    [[nodiscard]] bool isPrivate() const { return m_config.redisUrl.empty(); }
    /// The service thread's own. Null before the private server runs, and after close().
    [[nodiscard]] redis::RedisStore *store() { return m_store.get(); }
    /// Another one, for the thread that calls it.
    [[nodiscard]] std::function<std::unique_ptr<store::BucketStore>()> makeStore() const;
    [[nodiscard]] engine::StoreStatus status() const;
    /// Why the store cannot be reached, or null when it can; of a store that was open().
    [[nodiscard]] const Error *whyNot() const;
    /// "--redis: the limit at ... cannot be used: WHY".
    [[nodiscard]] std::string explain(const Error &why) const;
    void measureRoundTrip();
    /// From here on the log is told when the store goes and comes; before, whoever starts Weir is.
    void noteStarted() { m_isTelling = true; }
    [[nodiscard]] HarmSwitches &harm() { return m_harm; }
    [[nodiscard]] const HarmSwitches &harm() const { return m_harm; }

Q_SIGNALS:
    void ready();   ///< the store answers, for the first time or again
    void changed(); ///< status() is another one
    void loading(); ///< the private server reads its data, which may take long
    void attemptFailed(const weir::Error &why);
    void failed(const weir::Error &why);

private:
    void startPrivateServer();
    void connectTo(const redis::RedisUrl &url);
    [[nodiscard]] redis::LinkOptions linkOptions() const;
    void onChanged();

    const config::Config &m_config;
    std::optional<DataDir> m_dataDir;
    HarmSwitches m_harm; ///< outlives every link
    std::unique_ptr<redis::PrivateServer> m_server;
    std::unique_ptr<PrivateStoreReport> m_report; ///< with the private server only
    std::unique_ptr<redis::RedisStore> m_store;
    std::unique_ptr<StoreWatch> m_watch;
    engine::StoreStatus m_told;
    bool m_isTelling{false};
    bool m_isAwaited{true}; ///< it has not answered once
};

} // namespace weir::app
