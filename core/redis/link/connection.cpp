// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/connection.h"

#include "core/redis/link/cluster_link.h"
#include "core/redis/link/redis_link.h"

namespace weir::redis {

std::unique_ptr<Connection> makeConnection(const RedisUrl &url, const LinkOptions &options)
{
    if (url.kind == RedisUrl::Kind::Cluster)
        return std::make_unique<ClusterLink>(url, options);
    return std::make_unique<RedisLink>(url, options);
}

} // namespace weir::redis
