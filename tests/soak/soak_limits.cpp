// SPDX-License-Identifier: GPL-3.0-only
// Several limits under load: all or nothing, very many keys, and very many reloads.
// usage: soak_limits [SECONDS of each count [KEYS [RELOADS]]]
//
//   all or nothing  1, 2 and 5 limits of several algorithms, 8 clients: every limit has admitted the same requests,
//                   those that the clients were told of, and those that Weir counts
//   keys            every request of another client, far more than are kept apart, and as many that come and go
//   reloads         the file changes and SIGHUP is sent, each one confirmed by the next answer; nobody's request is lost
#include <QCoreApplication>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "tests/soak/fault_case.h"
#include "tests/soak/site.h"
#include "tests/support/stored_bucket.h"

using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kClients = 8;
// issue "Limits per client and per route", figures; of the process of Weir and of Redis.
constexpr double kMostWeirMb = 150, kMostRedisMb = 250;
// What the allocator may still take after a fifth of the reloads.
constexpr double kMostGrowthMb = 6;

struct Answers {
    std::int64_t admitted{0}, refused{0}, rejected{0}, local{0}, odd{0}, unanswered{0};
    [[nodiscard]] std::int64_t all() const { return admitted + refused + rejected + odd; }
    void note(const std::optional<RawResponse> &response)
    {
        if (!response) {
            ++unanswered;
            return;
        }
        local += response->header(QByteArrayLiteral("weir-decided-by")) == "local" ? 1 : 0;
        ++(response->status == 200   ? admitted
           : response->status == 429 ? refused
           : response->status == 503 ? rejected
                                     : odd);
    }
    void add(const Answers &more)
    {
        admitted += more.admitted;
        refused += more.refused;
        rejected += more.rejected;
        local += more.local;
        odd += more.odd;
        unanswered += more.unanswered;
    }
};

/// Each with a connection of its own, until end().
class Crowd {
public:
    /// The X-Api-Key of a client's next request; nothing: it has asked all it wanted. Called in the client's thread.
    using NextKey = std::function<std::optional<QByteArray>(int client, std::int64_t n)>;
    /// `depth` requests are sent at once, then their answers read.
    Crowd(std::uint16_t port, int clients, int depth, const NextKey &nextKey)
    {
        for (int i = 0; i < clients; ++i)
            m_threads.emplace_back([this, port, depth, nextKey, i] { run(port, depth, nextKey, i); });
    }
    ~Crowd() { (void)end(); }
    Crowd(const Crowd &) = delete;
    Crowd &operator=(const Crowd &) = delete;

    Answers end()
    {
        m_isEnding = true;
        for (std::thread &thread : m_threads)
            thread.join();
        m_threads.clear();
        return m_sum;
    }
    [[nodiscard]] bool isDone() const { return m_done == m_threads.size(); }

private:
    void run(std::uint16_t port, int depth, const NextKey &nextKey, int who)
    {
        Answers answers;
        RawHttpClient client{10s};
        bool goesOn = client.connectTo(port);
        for (std::int64_t n = 0; goesOn && !m_isEnding;) {
            QByteArray bytes;
            int asked = 0;
            for (; asked < depth; ++asked, ++n) {
                const auto key = nextKey(who, n);
                if (!key)
                    break;
                bytes += "GET / HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: " + *key + "\r\n\r\n";
            }
            goesOn = asked > 0 && client.send(bytes);
            for (int i = 0; i < asked; ++i)
                answers.note(client.readResponse());
            goesOn = goesOn && answers.unanswered == 0;
        }
        const std::lock_guard lock{m_mutex};
        m_sum.add(answers);
        ++m_done;
    }

    std::atomic<bool> m_isEnding{false};
    std::atomic<std::size_t> m_done{0};
    std::mutex m_mutex;
    Answers m_sum;
    std::vector<std::thread> m_threads;
};

// --- all or nothing ---------------------------------------------------------------------------

constexpr int kKeys = 3;

struct Rule {
    const char *name;
    bool isKeyed;
    const char *numbers;
};
// Each lets through something between a tenth and a half of what the clients want, at another pace; no bucket becomes
// full again, so none is forgotten.
const std::vector<Rule> kRules{
    {"l0", true, "algorithm = 'token-bucket'\ncapacity = 100000\nrefill = 50\nevery = '100ms'\nstart = 'empty'\n"},
    {"l1", false,
     "algorithm = 'token-bucket-smooth'\ncapacity = 1000000\nrefill = 120\nevery = '100ms'\nstart = 'empty'\n"},
    {"l2", true, "algorithm = 'sliding-counter'\ncapacity = 20000\nevery = '1h'\n"},
    {"l3", false, "algorithm = 'fixed-window'\ncapacity = 50000\nevery = '366d'\n"},
    {"l4", true, "algorithm = 'leaky-bucket'\ncapacity = 15000\nrefill = 1\nevery = '366d'\n"},
};

QByteArray limitsText(std::size_t limits)
{
    QByteArray config;
    for (std::size_t i = 0; i < limits; ++i)
        config += QByteArray{"[[limit]]\nname = '"} + kRules[i].name + "'\non_store_failure = 'reject'\n"
                  + kRules[i].numbers + (kRules[i].isKeyed ? "key = ['header:X-Api-Key']\n" : "");
    return config;
}

/// What Redis has of `field`, in all buckets of a limit.
std::int64_t sumOf(RedisServer &redis, const Rule &rule, const char *field)
{
    const QByteArray name = QByteArray{"weir:{"} + rule.name;
    if (!rule.isKeyed)
        return storedField(redis, name + "}", field).toLongLong();
    std::int64_t sum = 0;
    for (int i = 0; i < kKeys; ++i)
        sum += storedField(redis, name + ":k" + QByteArray::number(i) + "}", field).toLongLong();
    return sum;
}

void allOrNothing(std::size_t limits, std::chrono::seconds time, Table &table)
{
    std::vector<std::string> broken;
    Site site;
    if (!site.begin(limitsText(limits)))
        return table.add({text(limits)}, {"Redis or Weir does not start"});
    Crowd crowd{site.weir().port(), kClients, 1, [](int client, std::int64_t n) {
                    return std::optional{"k" + QByteArray::number((client + n) % kKeys)};
                }};
    Stage::wait(time);
    const Answers answers = crowd.end();
    const Shown shown = site.weir().shown();
    const std::int64_t first = sumOf(site.redis(), kRules[0], "admitted");
    for (std::size_t i = 0; i < limits; ++i)
        for (const char *field : {"admitted", "taken"})
            if (const std::int64_t here = sumOf(site.redis(), kRules[i], field); here != first)
                broken.push_back(std::string{kRules[i].name} + " has " + field + " " + text(here) + ", l0 has admitted "
                                 + text(first));
    if (shown.admitted != answers.admitted || shown.refused != answers.refused)
        broken.push_back("Weir counts " + text(shown.admitted) + " and " + text(shown.refused));
    // A take whose answer came too late was answered with 503, and may have been done.
    if (first < answers.admitted || first > answers.admitted + answers.rejected)
        broken.push_back("Redis admitted " + text(first) + ", the clients were told of " + text(answers.admitted));
    if (answers.odd + answers.unanswered > 0)
        broken.push_back(text(answers.odd + answers.unanswered) + " requests without a decision");
    if (answers.refused == 0)
        broken.emplace_back("nothing was refused");
    table.add({text(limits), text(time.count()), text(answers.all()), text(answers.admitted), text(shown.admitted),
               text(first), text(answers.refused), text(answers.rejected), broken.empty() ? "ok" : "BROKEN"},
              broken);
}

int countThreeWays(std::chrono::seconds time)
{
    Table table{{{"limits", 6},
                 {"seconds", 7},
                 {"requests", 9},
                 {"admitted", 9},
                 {"by Weir", 9},
                 {"by Redis", 9},
                 {"refused", 9},
                 {"503", 6},
                 {"", -6}}};
    for (const std::size_t limits : {1U, 2U, 5U})
        allOrNothing(limits, time, table);
    return table.conclude("all or nothing");
}

// --- keys -------------------------------------------------------------------------------------

void askWithKeys(const char *name, const char *every, std::int64_t keys, Table &table)
{
    std::vector<std::string> broken;
    Site site;
    if (!site.begin(QByteArray{"[[limit]]\nname = 'per-key'\ncapacity = 5\nrefill = 5\nevery = '"} + every
                    + "'\nkey = ['header:X-Api-Key']\n[[limit]]\nname = 'all'\ncapacity = 1000000000\nrefill = "
                      "1000000000\nevery = '1s'\n"))
        return table.add({name}, {"Redis or Weir does not start"});
    const auto start = steady_clock::now();
    constexpr int kDepth = 32;
    const std::int64_t each = keys / kClients;
    Crowd crowd{site.weir().port(), kClients, kDepth, [each](int client, std::int64_t n) {
                    return n < each ? std::optional{"client-" + QByteArray::number(client * each + n)} : std::nullopt;
                }};
    double weirMb = 0, redisMb = 0;
    const auto look = [&] {
        weirMb = std::max(weirMb, site.weirMb());
        redisMb = std::max(redisMb, site.redisMb());
    };
    while (!crowd.isDone()) {
        look();
        Stage::wait(100ms);
    }
    look();
    const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
    const Answers answers = crowd.end();
    if (weirMb > kMostWeirMb)
        broken.push_back("Weir has " + text(weirMb) + " MB");
    if (redisMb > kMostRedisMb)
        broken.push_back("Redis has " + text(redisMb) + " MB");
    if (answers.rejected + answers.odd + answers.unanswered > 0 || answers.all() != each * kClients)
        broken.push_back(text(each * kClients - answers.admitted - answers.refused) + " requests without a decision");
    table.add({name, text(answers.all()), text(static_cast<double>(answers.all()) / seconds), text(answers.admitted),
               text(answers.refused), text(answers.local), text(weirMb), text(redisMb),
               broken.empty() ? "ok" : "BROKEN"},
              broken);
}

int floodWithKeys(std::int64_t keys)
{
    Table table{{{"buckets", -12},
                 {"keys", 9},
                 {"a second", 9},
                 {"admitted", 9},
                 {"refused", 9},
                 {"local", 6},
                 {"Weir MB", 7},
                 {"Redis MB", 8},
                 {"", -6}}};
    askWithKeys("that stay", "1h", keys, table);
    askWithKeys("come and go", "1s", keys, table);
    return table.conclude("keys");
}

// --- reloads ----------------------------------------------------------------------------------

/// A few limits; how many, and which numbers, changes from one to the next. The first one's capacity is `capacity`.
QByteArray reloadText(std::int64_t number, std::int64_t capacity)
{
    const auto limit = [](const char *name, std::int64_t tokens, const char *more) {
        return QByteArray{"[[limit]]\nname = '"} + name + "'\ncapacity = " + QByteArray::number(tokens)
               + "\nrefill = 50\nevery = '100ms'\n" + more;
    };
    QByteArray config = limit("first", capacity, "");
    if (number % 5 != 0) // else there is one bucket for all
        config += limit("per-key", 100 + number % 7, "key = ['header:X-Api-Key']\n");
    if (number % 3 == 0)
        config += limit("third", 500, "shadow = true\n");
    return config;
}

/// The capacity of the first limit by which a request is decided now.
QByteArray firstCapacity(RawHttpClient &client)
{
    if (!client.sendRequest("GET", "/", "X-Api-Key: asker\r\n"))
        return {};
    const auto response = client.readResponse();
    const QByteArray policy = response ? response->header("ratelimit-policy") : QByteArray{};
    qsizetype to = policy.indexOf(";q=") + 3;
    const qsizetype from = to;
    while (to < policy.size() && policy.at(to) >= '0' && policy.at(to) <= '9')
        ++to;
    return policy.mid(from, to - from);
}

bool reload(Site &site, RawHttpClient &asker, std::int64_t number)
{
    const std::int64_t capacity = 1000 + number;
    if (!site.write(reloadText(number, capacity)))
        return false;
    QCoreApplication::processEvents(); // its log is read: a full pipe would hold it up
    site.weir().process().signal(SIGHUP);
    const QByteArray wanted = QByteArray::number(capacity);
    for (const auto until = steady_clock::now() + 10s; steady_clock::now() < until;)
        if (firstCapacity(asker) == wanted)
            return true;
    return false;
}

int reloadUnderLoad(std::int64_t reloads)
{
    Table table{{{"reloads", 8},
                 {"seconds", 8},
                 {"requests", 9},
                 {"admitted", 9},
                 {"refused", 9},
                 {"local", 6},
                 {"lost", 5},
                 {"MB before", 9},
                 {"after", 6},
                 {"Redis MB", 8},
                 {"", -6}}};
    std::vector<std::string> broken;
    Site site;
    RawHttpClient asker{10s};
    if (!site.begin(reloadText(1, 1000)) || !asker.connectTo(site.weir().port())) {
        table.add({text(reloads)}, {"Redis or Weir does not start"});
        return table.conclude("reloads");
    }
    Crowd crowd{site.weir().port(), kClients / 2, 1, [](int client, std::int64_t n) {
                    return std::optional{"k" + QByteArray::number((client + n) % kKeys)};
                }};
    const auto start = steady_clock::now();
    double before = 0;
    std::int64_t done = 0;
    for (; done < reloads; ++done) {
        if (done <= reloads / 5)
            before = site.weirMb();
        if (!reload(site, asker, done)) {
            Stage::wait(200ms); // its words are read meanwhile
            broken.push_back("reload " + text(done) + " does not hold after 10 s; Weir says: "
                             + site.weir().process().errors().right(300).toStdString());
            break;
        }
    }
    const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
    const double after = site.weirMb(), redisMb = site.redisMb();
    const Answers answers = crowd.end();
    const std::int64_t lost = answers.rejected + answers.odd + answers.unanswered;
    if (lost > 0)
        broken.push_back(text(answers.rejected) + " times 503, " + text(answers.odd) + " other answers, "
                         + text(answers.unanswered) + " requests unanswered");
    if (after - before > kMostGrowthMb)
        broken.push_back("memory grew by " + text(after - before) + " MB");
    table.add({text(done), text(seconds), text(answers.all()), text(answers.admitted), text(answers.refused),
               text(answers.local), text(lost), text(before), text(after), text(redisMb),
               broken.empty() ? "ok" : "BROKEN"},
              broken);
    return table.conclude("reloads");
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const QStringList arguments = QCoreApplication::arguments();
    const auto number = [&arguments](qsizetype at, std::int64_t otherwise) {
        return arguments.size() > at ? std::max<std::int64_t>(1, arguments.at(at).toLongLong()) : otherwise;
    };
    int status = countThreeWays(std::chrono::seconds{number(1, 30)});
    status |= floodWithKeys(number(2, 1'000'000));
    status |= reloadUnderLoad(number(3, 10'000));
    return status;
}
