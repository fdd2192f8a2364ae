// SPDX-License-Identifier: GPL-3.0-only
// The bucket store in Redis: one script call per take.
#pragma once

#include <memory>

#include "core/redis/connection.h"
#include "core/store/bucket_store.h"

namespace weir::redis {

/// Thread: that of its construction. Keys and script: lua/README.md.
class RedisStore final : public store::BucketStore {
public:
    /// Connects at once; calls wait for the connection as Connection::call says.
    RedisStore(const RedisUrl &url, const LinkOptions &options);
    ~RedisStore() override;

    void take(store::TakeRequest request, store::TakeDone done) override;
    void loadLimit(const std::string &name, store::LimitDone done) override;
    void saveLimit(const limit::Limit &limit, store::WriteDone done) override;

    [[nodiscard]] Connection &link() { return *m_link; }

private:
    std::unique_ptr<Connection> m_link;
};

} // namespace weir::redis
