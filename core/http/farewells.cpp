// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/farewells.h"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "core/http/socket_poll.h"

namespace weir::http {
namespace {

using std::chrono::steady_clock;

// A client that sends no more has read what it was told by then, or never will.
constexpr std::chrono::milliseconds kMostQuiet{500};
// One that goes on sending a large body may take a while to look at the answer.
constexpr std::chrono::seconds kMostInAll{5};

constexpr int kReadsATurn = 16;

enum class Rest { Empty, Ended, More };

// Throws away what has come.
Rest discardInput(int descriptor)
{
    std::array<char, 16'384> unread; // NOLINT: nobody looks at it
    for (int i = 0; i < kReadsATurn; ++i) {
        const ssize_t size = ::recv(descriptor, unread.data(), unread.size(), MSG_DONTWAIT);
        if (size > 0)
            continue;
        const bool isEmpty = size < 0 && (errno == EAGAIN || errno == EINTR);
        return isEmpty ? Rest::Empty : Rest::Ended;
    }
    return Rest::More;
}

} // namespace

class Farewells::Farewell final : public Polled {
public:
    Farewell(Farewells &owner, int descriptor, std::function<void()> closed)
        : m_owner{owner}, m_descriptor{descriptor}, m_closed{std::move(closed)}
    {
    }
    ~Farewell()
    {
        m_owner.m_poll.remove(m_descriptor, *this);
        ::close(m_descriptor);
        if (m_closed)
            m_closed();
    }
    Farewell(const Farewell &) = delete;
    Farewell &operator=(const Farewell &) = delete;

    void onReady(std::uint32_t) override
    {
        m_heardAt = steady_clock::now();
        if (discardInput(m_descriptor) == Rest::Ended)
            m_owner.end(this);
    }
    [[nodiscard]] bool isOver(steady_clock::time_point now) const
    {
        return now - m_heardAt > kMostQuiet || now - m_begunAt > kMostInAll;
    }

private:
    Farewells &m_owner;
    const int m_descriptor;
    std::function<void()> m_closed;
    const steady_clock::time_point m_begunAt{steady_clock::now()};
    steady_clock::time_point m_heardAt{m_begunAt};
};

Farewells::Farewells(SocketPoll &poll) : m_poll{poll}
{
}

Farewells::~Farewells()
{
    for (Farewell *each : std::exchange(m_all, {}))
        delete each;
}

void Farewells::bid(int descriptor, const Polled *before, std::function<void()> closed)
{
    ::shutdown(descriptor, SHUT_WR);
    auto *farewell = new Farewell{*this, descriptor, std::move(closed)};
    m_all.insert(farewell);
    if (before)
        m_poll.change(descriptor, *before, *farewell, EPOLLIN);
    else
        m_poll.add(descriptor, *farewell, EPOLLIN);
}

void Farewells::checkTimes(steady_clock::time_point now)
{
    const std::vector<Farewell *> all{m_all.begin(), m_all.end()};
    for (Farewell *each : all)
        if (each->isOver(now))
            end(each);
}

void Farewells::end(Farewell *which)
{
    m_all.erase(which);
    delete which;
}

} // namespace weir::http
