// SPDX-License-Identifier: GPL-3.0-only
// Where each option stands in a configuration file: what can be said on the command line can be said there.
#pragma once

#include <array>
#include <string_view>

namespace weir::config {

struct FileKey {
    std::string_view option; ///< without dashes
    std::string_view path;   ///< "server.max_url"; without a dot above all tables
};

inline constexpr std::array kFileKeys{
    FileKey{"listen", "server.listen"},
    FileKey{"public", "server.public"},
    FileKey{"threads", "server.threads"},
    FileKey{"lease", "server.lease"},
    FileKey{"data-dir", "server.data_dir"},
    FileKey{"admin", "server.admin"},
    FileKey{"log-format", "server.log_format"},
    FileKey{"trust-proxy", "server.trust_proxy"},
    FileKey{"client-header", "server.client_header"},
    FileKey{"max-url", "server.max_url"},
    FileKey{"max-header", "server.max_header"},
    FileKey{"max-header-fields", "server.max_header_fields"},
    FileKey{"max-body", "server.max_body"},
    FileKey{"max-connections", "server.max_connections"},
    FileKey{"max-connections-per-address", "server.max_connections_per_address"},
    FileKey{"header-timeout", "server.header_timeout"},
    FileKey{"body-timeout", "server.body_timeout"},
    FileKey{"idle-timeout", "server.idle_timeout"},
    FileKey{"max-unread", "server.max_unread"},
    FileKey{"redis", "redis.url"},
    FileKey{"redis-ca", "redis.ca"},
    FileKey{"redis-cert", "redis.cert"},
    FileKey{"redis-key", "redis.key"},
    FileKey{"capacity", "capacity"},
    FileKey{"refill", "refill"},
    FileKey{"every", "every"},
    FileKey{"start", "start"},
    FileKey{"on-store-failure", "on_store_failure"},
};

/// The path of `option` in a file; empty when it has none.
[[nodiscard]] constexpr std::string_view filePathOf(std::string_view option)
{
    for (const FileKey &key : kFileKeys)
        if (key.option == option)
            return key.path;
    return {};
}

} // namespace weir::config
