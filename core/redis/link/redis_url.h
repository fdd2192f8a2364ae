// SPDX-License-Identifier: GPL-3.0-only
// Where a Redis is: one server, the sentinels that know its master, or some nodes of a cluster.
#pragma once

#include <vector>

#include <QByteArray>
#include <QString>

#include "core/base/result.h"

namespace weir::redis {

struct HostPort {
    QString host; ///< name or address, without brackets
    quint16 port{0};

    /// Return "host:1" or "[::1]:1".
    [[nodiscard]] QString print() const;
    friend bool operator==(const HostPort &, const HostPort &) = default;
};

/// PEM files for `rediss://`; an empty name is none.
struct TlsFiles {
    QString ca;          ///< the trusted authorities; empty: those of this system
    QString certificate; ///< ours, with its chain
    QString key;         ///< of `certificate`, without a passphrase

    [[nodiscard]] bool isEmpty() const { return ca.isEmpty() && certificate.isEmpty() && key.isEmpty(); }
};

struct RedisUrl {
    enum class Kind { Server, Sentinel, Cluster };
    enum class Transport { Tcp, Tls, Unix };
    Kind kind{Kind::Server};
    Transport transport{Transport::Tcp};
    QString host;                ///< Server by Tcp or Tls: name or address
    quint16 port{6379};          ///< Server by Tcp or Tls
    QString path;                ///< Unix: path of the socket
    std::vector<HostPort> seeds; ///< Sentinel: the sentinels. Cluster: some of its nodes
    QString masterName;          ///< Sentinel: what they call it
    QByteArray user;             ///< empty: the default user
    QByteArray password;         ///< empty: no AUTH; never printed; not for sentinels
    int database{0};
    TlsFiles tls;

    /// Return the URL for people and logs, without user and password.
    [[nodiscard]] QString display() const;
    /// Return the URL of one server with the same user, password and database.
    [[nodiscard]] RedisUrl serverAt(const HostPort &place) const;
};

/// Read `redis://[user[:password]@]host[:port][/db]`, the same with `rediss://`; `unix:/path[?db=N]`;
/// `sentinel://[user[:password]@]host[:port],.../name[/db]`; `cluster://[user[:password]@]host[:port],...`.
/// Error::Invalid with a sentence that says what would be right; the sentence never holds the password.
[[nodiscard]] Result<RedisUrl> parseRedisUrl(const QString &text);

/// A Unix socket path must fit into sockaddr_un with its final zero (unix(7)).
inline constexpr qsizetype kMaxSocketPath = 107;

} // namespace weir::redis
