// SPDX-License-Identifier: GPL-3.0-only
// Who waits for a descriptor is told, and nobody who no longer does; a farewell ends with its client.
#include <QDeadlineTimer>
#include <QTest>

#include <array>
#include <functional>

#include <sys/socket.h>
#include <unistd.h>

#include "core/http/farewells.h"
#include "core/http/socket_poll.h"

using namespace weir::http;

namespace {

constexpr int kPatienceMs = 10'000;

// Two ends of a connection.
struct Pair {
    Pair() { [[maybe_unused]] const int rc = ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()); }
    ~Pair()
    {
        for (const int end : ends)
            if (end >= 0)
                ::close(end);
    }
    void say(const char *text) const { [[maybe_unused]] const ssize_t n = ::write(ends[1], text, 1); }
    std::array<int, 2> ends{-1, -1}; ///< ours, the client's
};

class Listener final : public Polled {
public:
    void onReady(std::uint32_t events) override
    {
        ++calls;
        last = events;
        if (then)
            then();
    }
    int calls{0};
    std::uint32_t last{0};
    std::function<void()> then;
};

} // namespace

class TestSocketPoll : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhoWaits();
    void tellsNobodyWhoWasRemovedInTheSameTurn();
    void tellsTheNewOneAfterAChange();
    void aFarewellEndsWithItsClient();
    void aFarewellThrowsAwayWhatComes();
    void aSilentClientIsNotWaitedFor();
};

void TestSocketPoll::tellsWhoWaits()
{
    Pair pair;
    SocketPoll poll;
    Listener listener;
    poll.add(pair.ends[0], listener, EPOLLIN);
    pair.say("x");
    QTRY_VERIFY_WITH_TIMEOUT(listener.calls > 0, kPatienceMs);
    QVERIFY((listener.last & EPOLLIN) != 0);
    poll.remove(pair.ends[0], listener);
    const int before = listener.calls;
    QCoreApplication::processEvents();
    QCOMPARE(listener.calls, before);
}

// Both are ready; whoever comes first ends the other, as a connection may end another.
void TestSocketPoll::tellsNobodyWhoWasRemovedInTheSameTurn()
{
    Pair a, b;
    SocketPoll poll;
    Listener first, second;
    first.then = [&] { poll.remove(b.ends[0], second), poll.remove(a.ends[0], first); };
    second.then = [&] { poll.remove(a.ends[0], first), poll.remove(b.ends[0], second); };
    poll.add(a.ends[0], first, EPOLLIN);
    poll.add(b.ends[0], second, EPOLLIN);
    a.say("x");
    b.say("x");
    QTRY_VERIFY_WITH_TIMEOUT(first.calls + second.calls > 0, kPatienceMs);
    QCoreApplication::processEvents();
    QCOMPARE(first.calls + second.calls, 1);
}

void TestSocketPoll::tellsTheNewOneAfterAChange()
{
    Pair pair;
    SocketPoll poll;
    Listener before, after;
    poll.add(pair.ends[0], before, EPOLLIN);
    poll.change(pair.ends[0], before, after, EPOLLIN);
    pair.say("x");
    QTRY_VERIFY_WITH_TIMEOUT(after.calls > 0, kPatienceMs);
    QCOMPARE(before.calls, 0);
    poll.change(pair.ends[0], after, after, 0);
    const int calls = after.calls;
    QCoreApplication::processEvents();
    QCOMPARE(after.calls, calls);
}

void TestSocketPoll::aFarewellEndsWithItsClient()
{
    Pair pair;
    SocketPoll poll;
    Farewells farewells{poll};
    bool isClosed = false;
    farewells.bid(std::exchange(pair.ends[0], -1), nullptr, [&] { isClosed = true; });
    char byte = 0;
    QCOMPARE(::recv(pair.ends[1], &byte, 1, 0), ssize_t{0}); // our half is closed
    QCOMPARE(farewells.count(), std::size_t{1});
    ::close(std::exchange(pair.ends[1], -1));
    QTRY_VERIFY_WITH_TIMEOUT(isClosed, kPatienceMs);
    QCOMPARE(farewells.count(), std::size_t{0});
}

void TestSocketPoll::aFarewellThrowsAwayWhatComes()
{
    Pair pair;
    SocketPoll poll;
    Farewells farewells{poll};
    bool isClosed = false;
    farewells.bid(std::exchange(pair.ends[0], -1), nullptr, [&] { isClosed = true; });
    // More than any buffer between the two holds: all of it goes only if somebody takes it.
    const std::string block(16'384, 'x');
    std::size_t sent = 0;
    for (const QDeadlineTimer deadline{kPatienceMs}; sent < 8'000'000 && !deadline.hasExpired();) {
        const ssize_t n = ::send(pair.ends[1], block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
        QCoreApplication::processEvents();
    }
    QVERIFY(sent >= 8'000'000);
    QVERIFY(!isClosed);
    ::close(std::exchange(pair.ends[1], -1));
    QTRY_VERIFY_WITH_TIMEOUT(isClosed, kPatienceMs);
}

void TestSocketPoll::aSilentClientIsNotWaitedFor()
{
    Pair pair;
    SocketPoll poll;
    Farewells farewells{poll};
    farewells.bid(std::exchange(pair.ends[0], -1), nullptr, {});
    const auto now = std::chrono::steady_clock::now();
    farewells.checkTimes(now);
    QCOMPARE(farewells.count(), std::size_t{1});
    farewells.checkTimes(now + std::chrono::seconds{1});
    QCOMPARE(farewells.count(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestSocketPoll)
#include "tst_socket_poll.moc"
