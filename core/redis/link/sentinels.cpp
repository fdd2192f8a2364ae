// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/sentinels.h"

#include <algorithm>
#include <utility>

#include "core/redis/link/topology.h"

namespace weir::redis {

Sentinels::Sentinels(RedisUrl url) : m_url{std::move(url)}
{
}

void Sentinels::findMaster(Done done)
{
    std::vector<RedisUrl> sentinels;
    for (const HostPort &place : m_url.seeds) {
        sentinels.emplace_back();
        sentinels.back().host = place.host;
        sentinels.back().port = place.port;
    }
    m_inquiry.ask(
        std::move(sentinels), formatCommand({"SENTINEL", "get-master-addr-by-name", m_url.masterName.toUtf8()}),
        [this](const RedisUrl &sentinel, const Reply &reply) { return take(sentinel, reply); },
        [this, done = std::move(done)](const std::optional<Error> &error) {
            done(error ? Result<HostPort>{*error} : Result<HostPort>{m_master});
        });
}

std::optional<Error> Sentinels::take(const RedisUrl &sentinel, const Reply &reply)
{
    const Result<HostPort> found = masterOf(reply, m_url);
    if (!found)
        return found.error();
    m_master = found.value();
    const auto knew = std::find(m_url.seeds.begin(), m_url.seeds.end(), HostPort{sentinel.host, sentinel.port});
    std::rotate(m_url.seeds.begin(), knew, std::next(knew));
    return std::nullopt;
}

} // namespace weir::redis
