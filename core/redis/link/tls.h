// SPDX-License-Identifier: GPL-3.0-only
// TLS to a Redis: its certificates, and its errors in plain words.
#pragma once

#include <string>
#include <vector>

#include <QSslConfiguration>

#include "core/redis/link/redis_url.h"

class QSslSocket;

namespace weir::redis {

struct TlsProblem {
    enum class File { Ca, Certificate, Key }; ///< in the order of TlsFiles
    File file{};
    std::string sentence; ///< without the final stop
};

struct Tls {
    QSslConfiguration configuration; ///< of use when there is no problem
    std::vector<TlsProblem> problems;
};

/// Read the files; blocks for as long as a small file takes. Peer and host name are always verified.
[[nodiscard]] Tls loadTls(const TlsFiles &files);

/// Return why the connection ended; Configuration when a later attempt would fail as well.
[[nodiscard]] Error tlsError(const QSslSocket &socket, const RedisUrl &server);

} // namespace weir::redis
