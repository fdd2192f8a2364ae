// SPDX-License-Identifier: GPL-3.0-only
// The bucket store in Redis: one script call per take.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/redis/bucket_memory.h"
#include "core/redis/connection.h"
#include "core/redis/group_script.h"
#include "core/redis/script_set.h"
#include "core/redis/server_clock.h"
#include "core/store/bucket_store.h"

namespace weir::redis {

/// Thread: that of its construction. Keys and script: lua/README.md.
class RedisStore final : public store::BucketStore {
public:
    /// Connects at once; calls wait for the connection as Connection::call says.
    /// `memory`: shared by all stores of a process; null: one of its own.
    RedisStore(const RedisUrl &url, const LinkOptions &options, std::shared_ptr<BucketMemory> memory = nullptr);
    ~RedisStore() override;

    void take(store::TakeRequest request, store::TakeDone done) override;
    void takeAll(store::GroupRequest request, store::GroupDone done) override;
    void settleAll(store::GroupSettleRequest request, store::GroupSettleDone done) override;
    [[nodiscard]] bool isSpread() const override;
    void settle(store::SettleRequest request, store::SettleDone done) override;
    void ping(store::WriteDone done) override;
    void countInstances(std::int64_t window, bool isFirst, store::CountDone done) override;
    void loadLimit(const std::string &name, store::LimitDone done) override;
    void loadRegister(const std::vector<std::string> &names, store::RegisterDone done) override;
    void saveLimit(const limit::Limit &limit, store::WriteDone done) override;

    [[nodiscard]] Connection &link() { return *m_link; }

private:
    /// take() and settle() of a bucket that token_bucket.lua does not know.
    void takeAsGroup(store::TakeRequest request, const limit::Known &known, store::TakeDone done);
    void settleAsGroup(store::SettleRequest request, store::SettleDone done);
    [[nodiscard]] Micros timeArgument() const;
    void hearTime(Micros argument, Micros told);
    /// `script` lives as long as the program.
    void runScript(const Script &script, Words keys, Words argv, Connection::Handler done);

    std::unique_ptr<Connection> m_link;
    const LinkFaults *m_faults;
    ServerClock m_clock;
    std::shared_ptr<BucketMemory> m_memory;
};

} // namespace weir::redis
