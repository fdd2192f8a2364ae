// SPDX-License-Identifier: GPL-3.0-only
// One to eight Weirs on one bucket, started, killed, ended and stopped at random while Redis is well.
// usage: soak_instances [SECONDS]; WEIR_TEST_SEED
//
// What is exact, whoever dies when:
//   the bucket    tokens = capacity + refilled - taken, and taken = admitted, as every request costs 1
//   refills       refilled grew by refill x the intervals that have passed, never more, never less
//   clients       what Redis admitted and no client got is at most what was under way: requests whose answer was lost
//                 by a kill, and 503s for takes whose answer came too late
#include <QCoreApplication>
#include <QTest>

#include <csignal>

#include "tests/soak/fault_case.h"
#include "tests/support/seed.h"

using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr std::size_t kMost = 8;
constexpr int kClientsEach = 2;
constexpr auto kPause = 2ms;

struct Instance {
    SoakedWeir weir;
    std::unique_ptr<Load> load;
    std::optional<steady_clock::time_point> sleepsUntil;
};

struct Tallies {
    int started{0}, killed{0}, ended{0}, paused{0};
    Seen seen; ///< of instances that are gone
    std::vector<std::string> broken;
};

class Herd {
public:
    bool begin()
    {
        return m_redis.start() && add() && QTest::qWaitFor([this] { return all().refused > 500; }, kPatienceMs);
    }
    bool add()
    {
        auto instance = std::make_unique<Instance>();
        const QStringList arguments =
            words("serve --threads 1 --on-store-failure reject --redis") + QStringList{m_redis.url()} + soakLimit();
        if (!instance->weir.start(arguments))
            return false;
        instance->load = std::make_unique<Load>(instance->weir.port(), kClientsEach, kPause);
        m_herd.push_back(std::move(instance));
        ++m_tallies.started;
        return true;
    }
    void step(Random &random)
    {
        wakeSleepers();
        const auto who = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(m_herd.size()) - 1));
        const std::int64_t what = random.between(0, 9);
        if (what <= 3 && m_herd.size() < kMost && !add())
            m_tallies.broken.emplace_back("an instance does not start");
        else if (what >= 4 && what <= 5 && m_herd.size() > 1)
            kill(who);
        else if (what >= 6 && what <= 7 && m_herd.size() > 1)
            end(who);
        else if (what >= 8 && !m_herd[who]->sleepsUntil)
            pause(who, std::chrono::milliseconds{random.between(50, 1500)});
        Stage::wait(std::chrono::milliseconds{random.between(20, 600)});
    }
    /// Nobody sleeps, nobody asks: everything that was asked has its answer.
    void conclude()
    {
        while (isAnybodyAsleep()) {
            wakeSleepers();
            Stage::wait(20ms);
        }
        while (!m_herd.empty())
            end(m_herd.size() - 1);
    }
    /// Everything so far.
    [[nodiscard]] Seen all() const
    {
        Seen sum = m_tallies.seen;
        for (const auto &instance : m_herd)
            sum.add(instance->load->seen());
        return sum;
    }
    [[nodiscard]] RedisServer &redis() { return m_redis; }
    [[nodiscard]] Tallies &tallies() { return m_tallies; }
    [[nodiscard]] std::size_t size() const { return m_herd.size(); }

private:
    void remove(std::size_t who)
    {
        m_tallies.seen.add(m_herd[who]->load->stop());
        m_herd.erase(m_herd.begin() + static_cast<std::ptrdiff_t>(who));
    }
    void kill(std::size_t who)
    {
        ++m_tallies.killed;
        m_herd[who]->weir.process().kill();
        remove(who);
    }
    // First its clients, so that what it counts can be held against them.
    void end(std::size_t who)
    {
        ++m_tallies.ended;
        Instance &instance = *m_herd[who];
        if (instance.sleepsUntil)
            instance.weir.process().signal(SIGCONT);
        const Seen seen = instance.load->stop();
        const Shown shown = instance.weir.shown();
        if (shown.admitted != seen.admitted || shown.refused != seen.refused || shown.undecided != seen.rejected)
            m_tallies.broken.push_back("an instance counts " + std::to_string(shown.admitted) + ", its clients "
                                       + std::to_string(seen.admitted));
        if (seen.unanswered + seen.odd > 0)
            m_tallies.broken.push_back(std::to_string(seen.unanswered) + " requests unanswered by one that lives");
        if (instance.weir.process().stop() != 0)
            m_tallies.broken.emplace_back("an instance that was ended did not exit with 0");
        remove(who);
    }
    void pause(std::size_t who, std::chrono::milliseconds time)
    {
        ++m_tallies.paused;
        m_herd[who]->weir.process().signal(SIGSTOP);
        m_herd[who]->sleepsUntil = steady_clock::now() + time;
    }
    void wakeSleepers()
    {
        for (const auto &instance : m_herd)
            if (instance->sleepsUntil && *instance->sleepsUntil <= steady_clock::now()) {
                instance->weir.process().signal(SIGCONT);
                instance->sleepsUntil.reset();
            }
    }
    [[nodiscard]] bool isAnybodyAsleep() const
    {
        return std::any_of(m_herd.begin(), m_herd.end(),
                           [](const auto &instance) { return instance->sleepsUntil.has_value(); });
    }

    RedisServer m_redis;
    std::vector<std::unique_ptr<Instance>> m_herd;
    Tallies m_tallies;
};

std::string text(std::int64_t number)
{
    return std::to_string(number);
}

void judge(const Seen &seen, const Books &before, const Books &after, std::vector<std::string> &broken)
{
    if (after.tokens != kSoakSpec.capacity + after.refilled - after.taken || after.taken != after.admitted)
        broken.push_back("the bucket's books do not add up: " + text(after.tokens) + " tokens, " + text(after.refilled)
                         + " refilled, " + text(after.taken) + " taken, " + text(after.admitted) + " admitted");
    const std::int64_t due = kSoakSpec.refill * (after.interval - before.interval);
    if (after.refilled - before.refilled != due)
        broken.push_back("refilled " + text(after.refilled - before.refilled) + " where " + text(due) + " were due");
    const std::int64_t missing = after.admitted - seen.admitted;
    if (missing < 0 || missing > seen.unanswered + seen.rejected)
        broken.push_back("Redis admitted " + text(after.admitted) + ", the clients were told of "
                         + text(seen.admitted));
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 120};
    Random random;
    Herd herd;
    if (!herd.begin()) {
        std::puts("instances: Redis or Weir does not start");
        return 1;
    }
    const Books before = readBooks(herd.redis());
    std::size_t most = 1;
    for (const auto until = steady_clock::now() + time; steady_clock::now() < until;) {
        herd.step(random);
        most = std::max(most, herd.size());
    }
    herd.conclude();
    const Seen seen = herd.all();
    const Books after = readBooks(herd.redis());
    Tallies &tallies = herd.tallies();
    judge(seen, before, after, tallies.broken);
    Table table{{{"seconds", 7},
                 {"started", 7},
                 {"killed", 6},
                 {"ended", 5},
                 {"paused", 6},
                 {"most", 4},
                 {"requests", 8},
                 {"admitted", 8},
                 {"by Redis", 8},
                 {"answers lost", 12},
                 {"503", 5},
                 {"intervals", 9},
                 {"refilled", 8},
                 {"due", 8},
                 {"", -6}}};
    table.add({text(time.count()), text(tallies.started), text(tallies.killed), text(tallies.ended),
               text(tallies.paused), text(static_cast<std::int64_t>(most)), text(seen.requests()), text(seen.admitted),
               text(after.admitted), text(seen.unanswered), text(seen.rejected), text(after.interval - before.interval),
               text(after.refilled - before.refilled), text(kSoakSpec.refill * (after.interval - before.interval)),
               tallies.broken.empty() ? "ok" : "BROKEN"},
              tallies.broken);
    return table.conclude("instances");
}
