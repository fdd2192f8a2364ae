// SPDX-License-Identifier: GPL-3.0-only
// Where a Redis is: `redis://[user[:password]@]host[:port][/db]` or `unix:/path[?db=N]`.
#pragma once

#include <QByteArray>
#include <QString>

#include "core/base/result.h"

namespace weir::redis {

struct RedisUrl {
    enum class Transport { Tcp, Unix };
    Transport transport{Transport::Tcp};
    QString host;        ///< Tcp: name or address
    quint16 port{6379};  ///< Tcp
    QString path;        ///< Unix: path of the socket
    QByteArray user;     ///< empty: the default user
    QByteArray password; ///< empty: no AUTH; never printed
    int database{0};

    /// For people and logs: without user and password.
    [[nodiscard]] QString display() const;
};

/// Error::Invalid with a sentence that says what would be right; the sentence never holds the password.
[[nodiscard]] Result<RedisUrl> parseRedisUrl(const QString &text);

/// A Unix socket path must fit into sockaddr_un with its final zero (unix(7)).
inline constexpr qsizetype kMaxSocketPath = 107;

} // namespace weir::redis
