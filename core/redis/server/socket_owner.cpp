// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/server/socket_owner.h"

#include <cerrno>
#include <cstring>

#include <QFile>
#include <QScopeGuard>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::redis {

std::optional<int> socketOwner(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    sockaddr_un address{};
    if (static_cast<std::size_t>(name.size()) >= sizeof address.sun_path)
        return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), static_cast<std::size_t>(name.size()));
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0)
        return std::nullopt;
    const auto closing = qScopeGuard([socket] { ::close(socket); });
    if (::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return errno == EAGAIN ? std::optional{0} : std::nullopt; // so many wait there already
    ucred owner{};
    socklen_t size = sizeof owner;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &owner, &size) == 0 ? owner.pid : 0;
}

} // namespace weir::redis
