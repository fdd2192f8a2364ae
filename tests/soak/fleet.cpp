// SPDX-License-Identifier: GPL-3.0-only
#include "tests/soak/fleet.h"

#include <QFile>
#include <QTest>

#include <algorithm>

namespace weir::test {
namespace {

constexpr int kPatienceMs = 20'000;

void addTo(Shown &sum, const Shown &more)
{
    sum.admitted += more.admitted;
    sum.refused += more.refused;
    sum.undecided += more.undecided;
    sum.byStore += more.byStore;
    sum.local += more.local;
    sum.allowed += more.allowed;
    sum.rejected += more.rejected;
    sum.inDoubt += more.inDoubt;
    sum.foundTaken += more.foundTaken;
    sum.outages += more.outages;
    sum.exactReturns += more.exactReturns;
    sum.excess += more.excess;
    sum.statesLost += more.statesLost;
}

void compareCounts(const Seen &seen, const Shown &shown, Broken &broken)
{
    if (shown.admitted != seen.admitted || shown.refused != seen.refused
        || shown.undecided != seen.rejected + seen.allowed || shown.local != seen.local)
        broken.push_back("clients and Weir count differently: " + text(seen.admitted) + "/" + text(seen.refused) + "/"
                         + text(seen.rejected + seen.allowed) + "/" + text(seen.local) + " and " + text(shown.admitted)
                         + "/" + text(shown.refused) + "/" + text(shown.undecided) + "/" + text(shown.local));
}

} // namespace

bool Fleet::start(FleetPlan plan)
{
    m_plan = std::move(plan);
    m_goneSeen.resize(m_plan.setup.groups());
    QFile file{m_folder.filePath(QStringLiteral("weir.toml"))};
    const QByteArray limits = m_plan.setup.text(m_plan.policy);
    if (!file.open(QIODevice::WriteOnly) || file.write(limits) != limits.size())
        return false;
    file.close();
    m_begun = std::chrono::system_clock::now();
    while (m_members.size() < m_plan.instances)
        if (!add())
            return false;
    return true;
}

bool Fleet::add()
{
    m_members.push_back(std::make_unique<Member>());
    return begin(*m_members.back());
}

QStringList Fleet::arguments(Member &member) const
{
    QStringList list = words("serve --threads " + QByteArray::number(m_plan.threads));
    if (m_plan.redis.isEmpty())
        list << QStringLiteral("--data-dir") << member.weir.process().folder() + QStringLiteral("/data");
    else
        list << QStringLiteral("--redis") << m_plan.redis;
    return m_plan.setup.isPlain()
               ? list + words(m_plan.setup.options(m_plan.policy))
               : list << QStringLiteral("--config") << m_folder.filePath(QStringLiteral("weir.toml"));
}

bool Fleet::begin(Member &member)
{
    if (!member.weir.start(arguments(member))) {
        m_broken.push_back("a Weir does not start: " + member.weir.process().errors().toStdString());
        return false;
    }
    member.load = std::make_unique<Load>(
        member.weir.port(),
        LoadPlan{.clients = m_plan.clients,
                 .pause = m_plan.pause,
                 .rate = m_plan.rate,
                 .fields = [setup = m_plan.setup](std::size_t client, std::int64_t) { return setup.fields(client); }});
    // Before it has heard of its buckets it can do nothing without the store, and does not count itself.
    constexpr std::int64_t kHeard = 20;
    if (QTest::qWaitFor([&member] { return member.weir.shown().byStore >= kHeard; }, kPatienceMs))
        return true;
    m_broken.emplace_back("a Weir that began does not decide by the store");
    return false;
}

void Fleet::retire(Member &member, End how)
{
    const Seen seen = member.load->stop();
    if (!QTest::qWaitFor([&member] { return member.weir.shown().isFromStore; }, kPatienceMs))
        m_broken.emplace_back("a Weir without clients does not come back to the store");
    const Shown shown = member.weir.shown();
    if (seen.unanswered + seen.notConnected + seen.odd > 0)
        m_broken.push_back(text(seen.unanswered + seen.notConnected + seen.odd)
                           + " requests without a proper answer by a Weir that lives");
    compareCounts(seen, shown, m_broken);
    addTo(m_goneShown, shown);
    for (std::size_t group = 0; group < m_goneSeen.size(); ++group)
        m_goneSeen[group].add(member.load->seenOf(group, m_goneSeen.size()));
    member.load.reset();
    if (how == End::Killed)
        member.weir.process().kill();
    else if (member.weir.process().stop() != 0)
        m_broken.emplace_back("a Weir that was ended does not exit with 0");
}

void Fleet::restart(std::size_t who, End how)
{
    Member &member = *m_members[who];
    retire(member, how);
    if (!begin(member))
        qFatal("%s", m_broken.back().c_str()); // nothing can be said of what follows
}

void Fleet::remove(std::size_t who, End how)
{
    retire(*m_members[who], how);
    m_members.erase(m_members.begin() + static_cast<std::ptrdiff_t>(who));
}

void Fleet::strike(std::size_t who)
{
    Member &member = *m_members[who];
    member.weir.process().kill();
    member.load->stop();
    for (std::size_t group = 0; group < m_goneSeen.size(); ++group)
        m_goneSeen[group].add(member.load->seenOf(group, m_goneSeen.size()));
    m_members.erase(m_members.begin() + static_cast<std::ptrdiff_t>(who));
}

void Fleet::stop()
{
    for (const auto &member : m_members)
        member->load->stop();
}

bool Fleet::rest(bool isResting)
{
    for (const auto &member : m_members)
        member->load->rest(isResting);
    const auto areAll = [this] {
        return std::all_of(m_members.begin(), m_members.end(),
                           [](const auto &member) { return member->load->isResting(); });
    };
    return !isResting || QTest::qWaitFor(areAll, kPatienceMs);
}

Seen Fleet::seenOf(std::size_t group) const
{
    Seen sum = m_goneSeen[group];
    for (const auto &member : m_members)
        sum.add(member->load->seenOf(group, m_goneSeen.size()));
    return sum;
}

Seen Fleet::seen() const
{
    Seen sum;
    for (std::size_t group = 0; group < m_goneSeen.size(); ++group)
        sum.add(seenOf(group));
    return sum;
}

void Fleet::forgetLongest()
{
    for (Seen &seen : m_goneSeen)
        seen.longest = {};
    for (const auto &member : m_members)
        member->load->forgetLongest();
}

Shown Fleet::shown()
{
    Shown sum = m_goneShown;
    sum.isFromStore = sum.isKnown = true;
    bool isFirst = true;
    for (const auto &member : m_members) {
        const Shown shown = member->weir.shown();
        addTo(sum, shown);
        sum.instances = isFirst ? shown.instances : std::min(sum.instances, shown.instances);
        sum.isFromStore = sum.isFromStore && shown.isFromStore;
        sum.isKnown = sum.isKnown && shown.isKnown;
        isFirst = false;
    }
    return sum;
}

bool Fleet::isFromStore()
{
    return std::all_of(m_members.begin(), m_members.end(),
                       [](const auto &member) { return member->weir.shown().isFromStore; });
}

bool Fleet::waitForStore()
{
    return QTest::qWaitFor([this] { return isFromStore(); }, kPatienceMs);
}

bool Fleet::waitUntilCounted()
{
    const auto wanted = static_cast<std::int64_t>(size());
    return QTest::qWaitFor([&] { return shown().instances >= wanted; }, kPatienceMs);
}

bool Fleet::waitForRefusals(std::int64_t each)
{
    return QTest::qWaitFor(
        [&] {
            for (std::size_t group = 0; group < m_goneSeen.size(); ++group)
                if (seenOf(group).refused < each)
                    return false;
            return true;
        },
        kPatienceMs);
}

limit::Tokens Fleet::most() const
{
    limit::Tokens most = 0;
    for (const LimitSetup::Bucket &bucket : m_plan.setup.buckets())
        if (!bucket.isLooser)
            most += LimitSetup::mostOf(bucket.spec, m_begun, std::chrono::system_clock::now());
    return most;
}

limit::Tokens Fleet::over() const
{
    limit::Tokens over = 0;
    for (const LimitSetup::Bucket &bucket : m_plan.setup.buckets()) {
        if (bucket.isLooser)
            continue;
        const std::int64_t admitted = seenOf(bucket.group).admitted; // before the clock is read
        over += std::max<limit::Tokens>(
            0, admitted - LimitSetup::mostOf(bucket.spec, m_begun, std::chrono::system_clock::now()));
    }
    return over;
}

void Fleet::judgeCounts(Broken &broken)
{
    broken.insert(broken.end(), m_broken.begin(), m_broken.end());
    m_broken.clear();
    for (const auto &member : m_members)
        compareCounts(member->load->seen(), member->weir.shown(), broken);
}

limit::Tokens Fleet::debt(RedisClient &redis) const
{
    limit::Tokens debt = 0;
    for (const LimitSetup::Bucket &bucket : m_plan.setup.buckets())
        debt += bucket.isLooser ? 0 : readBooks(redis, bucket.key).debt;
    return debt;
}

std::int64_t Fleet::judgeBooks(RedisClient &redis, const Shown &shown, Broken &broken) const
{
    std::int64_t taken = 0;
    for (const LimitSetup::Bucket &bucket : m_plan.setup.buckets()) {
        const Books books = readBooks(redis, bucket.key);
        const std::int64_t admitted = seenOf(bucket.group).admitted;
        const std::string name = bucket.key.toStdString();
        taken += bucket.isLooser ? 0 : books.taken;
        if (!books.isThere || books.taken < admitted || books.taken > admitted + shown.inDoubt)
            broken.push_back(name + " has taken " + text(books.taken) + " tokens for " + text(admitted)
                             + " admitted requests and " + text(shown.inDoubt) + " in doubt");
        const limit::Tokens due = bucket.spec.capacity + books.refilled - books.taken;
        if (bucket.spec.algorithm == limit::Algorithm::TokenBucket && books.tokens != due)
            broken.push_back("the books of " + name + " do not add up: " + text(books.tokens) + " tokens, "
                             + text(books.refilled) + " refilled, " + text(books.taken) + " taken");
    }
    return taken;
}

} // namespace weir::test
