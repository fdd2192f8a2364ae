// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/bad_wire.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::test {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLargestPacket = 65'536;
// A queue longer than that is dropped, as a router would.
constexpr auto kLongestQueue = std::chrono::seconds{1};
constexpr timespec kLook{0, 10'000'000};

bool write(const char *path, const std::string &text)
{
    QFile file{QString::fromLatin1(path)};
    return file.open(QIODevice::WriteOnly) && file.write(text.data(), static_cast<qint64>(text.size())) >= 0
           && file.flush();
}

sockaddr addressOf(std::uint32_t address)
{
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_addr.s_addr = htonl(address);
    sockaddr generic{};
    std::memcpy(&generic, &inet, sizeof generic);
    return generic;
}

/// Gives the interface `name` an address of a /24, or none when it is 0, and switches it on.
bool bringUp(const char *name, std::uint32_t address)
{
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strncpy(static_cast<char *>(request.ifr_name), name, IFNAMSIZ - 1);
    bool isDone = true;
    if (address != 0) {
        request.ifr_addr = addressOf(address);
        isDone = ::ioctl(socket, SIOCSIFADDR, &request) == 0;
        request.ifr_netmask = addressOf(0xffffff00U);
        isDone = isDone && ::ioctl(socket, SIOCSIFNETMASK, &request) == 0;
    }
    isDone = isDone && ::ioctl(socket, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
    isDone = isDone && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return isDone;
}

int openTun(const char *name)
{
    const int device = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    ifreq request{};
    std::strncpy(static_cast<char *>(request.ifr_name), name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (device >= 0 && ::ioctl(device, TUNSETIFF, &request) == 0)
        return device;
    if (device >= 0)
        ::close(device);
    return -1;
}

// An IPv4 packet to the other end becomes one from there: no checksum changes by that.
bool turnRound(std::string &packet)
{
    constexpr std::size_t kHeader = 20, kSource = 12, kTarget = 16, kSize = 4;
    if (packet.size() < kHeader || (packet[0] & 0xf0) != 0x40)
        return false; // the kernel's own IPv6 attempts
    std::swap_ranges(packet.begin() + kSource, packet.begin() + kSource + kSize, packet.begin() + kTarget);
    return true;
}

} // namespace

QString BadWire::enterOwnNetwork()
{
    const auto user = ::getuid();
    const auto group = ::getgid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return QStringLiteral("this system does not let us have a network of our own: ")
               + QString::fromLocal8Bit(std::strerror(errno));
    write("/proc/self/setgroups", "deny");
    if (!write("/proc/self/uid_map", std::to_string(user) + ' ' + std::to_string(user) + " 1")
        || !write("/proc/self/gid_map", std::to_string(group) + ' ' + std::to_string(group) + " 1"))
        return QStringLiteral("this system does not let us have users of our own");
    if (!bringUp("lo", 0))
        return QStringLiteral("the loopback of our own network does not come up");
    const int device = openTun("probe");
    if (device < 0)
        return QStringLiteral("/dev/net/tun cannot be used: ") + QString::fromLocal8Bit(std::strerror(errno));
    ::close(device);
    return {};
}

BadWire::BadWire(std::uint64_t seed) : m_device{openTun("wire")}, m_random{seed}
{
    constexpr std::uint32_t kHere = 0x0a630001; // 10.99.0.1
    if (m_device >= 0 && !bringUp("wire", kHere)) {
        ::close(m_device);
        m_device = -1;
    }
    if (m_device >= 0)
        m_thread = std::thread{[this] { run(); }};
}

BadWire::~BadWire()
{
    m_isStopping = true;
    if (m_thread.joinable())
        m_thread.join();
    if (m_device >= 0)
        ::close(m_device);
}

void BadWire::set(const Trouble &trouble)
{
    m_delayUs = trouble.delay.count();
    m_jitterUs = trouble.jitter.count();
    m_lossPerMille = trouble.lossPerMille;
    m_bitsPerSecond = trouble.bitsPerSecond;
}

void BadWire::run()
{
    std::array<char, kLargestPacket> bytes{};
    while (!m_isStopping) {
        timespec patience = kLook;
        if (!m_underWay.empty()) {
            const auto left = std::max(m_underWay.top().due - steady_clock::now(), steady_clock::duration{0});
            patience.tv_nsec = std::min<long>(kLook.tv_nsec, left.count());
        }
        pollfd entry{m_device, POLLIN, 0};
        ::ppoll(&entry, 1, &patience, nullptr); // to the microsecond, which poll() is not
        const Instant now = steady_clock::now();
        for (ssize_t n = 0; (n = ::read(m_device, bytes.data(), bytes.size())) > 0;)
            take({bytes.data(), static_cast<std::size_t>(n)}, now);
        while (!m_underWay.empty() && m_underWay.top().due <= now) {
            const std::string &packet = m_underWay.top().bytes;
            m_passed += ::write(m_device, packet.data(), packet.size()) > 0 ? 1 : 0;
            m_underWay.pop();
        }
    }
}

void BadWire::take(std::string bytes, Instant now)
{
    if (!turnRound(bytes))
        return;
    const auto chance = [this](std::int64_t most) {
        return static_cast<std::int64_t>(m_random() % static_cast<std::uint64_t>(most));
    };
    Instant sentAt = now;
    if (const std::int64_t rate = m_bitsPerSecond; rate > 0) {
        const microseconds time{static_cast<std::int64_t>(bytes.size()) * 8 * 1'000'000 / rate};
        sentAt = m_freeAt = std::max(m_freeAt, now) + time;
    }
    if (sentAt - now > kLongestQueue || chance(1000) < m_lossPerMille) {
        ++m_lost;
        return;
    }
    const std::int64_t jitter = m_jitterUs;
    const microseconds delay{m_delayUs + (jitter > 0 ? chance(jitter) : 0)};
    m_underWay.push({sentAt + delay, m_packets++, std::move(bytes)});
}

} // namespace weir::test
