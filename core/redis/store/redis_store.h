// SPDX-License-Identifier: GPL-3.0-only
// The bucket store in Redis: one script call for each batch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/redis/link/connection.h"
#include "core/redis/store/key_names.h"
#include "core/redis/store/script_words.h"
#include "core/redis/store/script_set.h"
#include "core/redis/store/server_clock.h"
#include "core/store/bucket_store.h"
#include "core/store/deed_store.h"

namespace weir::redis {

/// Thread: that of its construction. Keys and script: lua/README.md.
class RedisStore final : public store::BucketStore, public store::DeedStore {
public:
    /// Connect at once; calls wait for the connection as Connection::call says. Stores with other prefixes share
    /// nothing (KeyNames).
    RedisStore(const RedisUrl &url, const LinkOptions &options, const std::string &prefix = {});
    ~RedisStore() override;

    void take(store::TakeRequest request, store::TakeDone done) override;
    void settle(store::SettleRequest request, store::SettleDone done) override;
    [[nodiscard]] bool isSpread() const override;
    void ping(store::WriteDone done) override;
    void countInstances(std::int64_t window, const std::string &instance, store::CountDone done) override;
    void loadLimit(const std::string &name, store::LimitDone done) override;
    void loadRegister(const std::vector<std::string> &names, store::RegisterDone done) override;
    void loadAuthors(const std::vector<std::string> &names, store::AuthorsDone done) override;
    void saveLimit(const limit::Limit &limit, const std::string &author, store::WriteDone done) override;
    void tellDeed(const store::Deed &deed) override;
    void loadDeeds(store::DeedsDone done) override;

    [[nodiscard]] Connection &link() { return *m_link; }
    [[nodiscard]] const KeyNames &names() const { return m_names; }

private:
    [[nodiscard]] Micros timeArgument() const;
    void hearTime(Micros argument, Micros told);
    void readLimits(const std::vector<QByteArray> &fields, Connection::Handler done);
    /// `script` lives as long as the program.
    void runScript(const Script &script, Words keys, Words argv, Connection::Handler done);

    std::unique_ptr<Connection> m_link;
    const LinkFaults *m_faults;
    bool m_hasEvalSha{true}; ///< false: the server has refused it
    ServerClock m_clock;
    KeyNames m_names;
};

} // namespace weir::redis
