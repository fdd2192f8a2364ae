// SPDX-License-Identifier: GPL-3.0-only
#include "app/display.h"

#include <cstring>

#include <QFile>
#include <QProcessEnvironment>
#include <QTcpSocket>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

constexpr int kX11BasePort = 6000; // X(7)
constexpr int kRemoteDeadlineMs = 2000;

// `isAbstract`: Linux' name space without files, which X servers listen in as well.
bool connectsTo(const QByteArray &path, bool isAbstract)
{
    sockaddr_un address{};
    const std::size_t offset = isAbstract ? 1 : 0;
    if (static_cast<std::size_t>(path.size()) + offset >= sizeof address.sun_path)
        return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + offset, path.constData(), static_cast<std::size_t>(path.size()));
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + offset + static_cast<std::size_t>(path.size()));
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool isConnected = fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0;
    if (fd >= 0)
        ::close(fd);
    return isConnected;
}

// HOST:NUMBER.SCREEN; without a host, the socket of this machine.
bool answersX11(const QString &display)
{
    const qsizetype colon = display.lastIndexOf(u':');
    if (colon < 0)
        return false;
    const QString host = display.left(colon);
    const QString number = display.mid(colon + 1).section(u'.', 0, 0);
    if (!host.isEmpty() && host != u"unix") {
        QTcpSocket socket;
        socket.connectToHost(host, static_cast<quint16>(kX11BasePort + number.toInt()));
        return socket.waitForConnected(kRemoteDeadlineMs);
    }
    const QByteArray path = "/tmp/.X11-unix/X" + number.toLatin1();
    return connectsTo(path, true) || connectsTo(path, false);
}

bool answersWayland(const QString &display, const QString &runtimeDir)
{
    return connectsTo(QFile::encodeName(display.startsWith(u'/') ? display : runtimeDir + u'/' + display), false);
}

} // namespace

std::optional<std::string> whyNoDisplay(const QProcessEnvironment &environment)
{
    if (environment.contains(u"QT_QPA_PLATFORM"_s))
        return std::nullopt; // somebody chose: offscreen, vnc, ...
    const QString wayland = environment.value(u"WAYLAND_DISPLAY"_s);
    const QString x11 = environment.value(u"DISPLAY"_s);
    if (wayland.isEmpty() && x11.isEmpty())
        return "DISPLAY and WAYLAND_DISPLAY are not set";
    if (!wayland.isEmpty() && answersWayland(wayland, environment.value(u"XDG_RUNTIME_DIR"_s)))
        return std::nullopt;
    if (!x11.isEmpty() && answersX11(x11))
        return std::nullopt;
    return "nothing answers at the display " + (x11.isEmpty() ? wayland : x11).toStdString();
}

} // namespace weir::app
