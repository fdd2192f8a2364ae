// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/cluster_link.h"

#include <algorithm>
#include <utility>

#include <QRandomGenerator>

#include "core/redis/link/redis_link.h"

namespace weir::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kMaxRedirections = 5;          // as redis-cli and most clients; two happen, five are a circle
constexpr milliseconds kTryAgainAfter{10};   // a slot that moves key by key
constexpr milliseconds kMapAtMostEvery{200}; // however many redirections and failures ask for it

Error unavailable(const std::string &sentence)
{
    return {Error::Code::Unavailable, sentence, true};
}

} // namespace

ClusterLink::ClusterLink(RedisUrl url, LinkOptions options, QObject *parent)
    : Connection{std::move(url), parent}, m_options{options}, m_inquiry{this}, m_mapTimer{this}
{
    m_owners.fill(kNobody);
    m_mapTimer.setSingleShot(true);
    connect(&m_mapTimer, &QTimer::timeout, this, &ClusterLink::loadMap);
}

ClusterLink::~ClusterLink() = default;

void ClusterLink::start()
{
    loadMap();
}

// --- commands -----------------------------------------------------------------------------------

void ClusterLink::call(QByteArrayView key, const QByteArray &command, Handler handler)
{
    const auto task = std::make_shared<Task>();
    task->command = command;
    task->handler = std::move(handler);
    task->deadline = steady_clock::now() + m_options.callDeadline;
    task->slot = key.isEmpty() ? -1 : keySlot(key);
    if (m_hasMap)
        return dispatch(task);
    if (m_hasFailed)
        return failLater(task, m_lastError);
    if (m_waiting.size() >= m_options.maxInFlight)
        return failLater(task, {Error::Code::Overloaded, "too many calls to Redis are in flight", true});
    keepDeadline(task);
    m_waiting.push_back(task);
}

void ClusterLink::dispatch(const TaskPtr &task)
{
    const NodeIndex owner = task->slot < 0 ? anyNode() : m_owners[static_cast<std::size_t>(task->slot)];
    if (owner != kNobody)
        return sendTo(m_nodes[static_cast<std::size_t>(owner)].place, task, false);
    loadMapSoon();
    failLater(task, unavailable("no node of the cluster has the slot of this key"));
}

// ASKING counts for the next command of the connection alone, and these two go out in one piece.
void ClusterLink::sendTo(const HostPort &place, const TaskPtr &task, bool isAsking)
{
    RedisLink &link = linkTo(place);
    if (isAsking)
        link.call(formatCommand({"ASKING"}), [](const Result<Reply> &) {});
    task->isSent = true;
    link.call(task->command, [this, place, task](Result<Reply> result) { onReply(place, task, std::move(result)); });
}

void ClusterLink::onReply(const HostPort &from, const TaskPtr &task, Result<Reply> result)
{
    task->isSent = false;
    if (!result) {
        loadMapSoon();
        return finish(*task, std::move(result));
    }
    const Reply &reply = result.value();
    if (const auto to = redirectionOf(reply))
        return redirect(from, task, *to);
    if (reply.isError("TRYAGAIN")) {
        if (steady_clock::now() >= task->deadline)
            return finish(*task, timedOut());
        keepDeadline(task);
        return QTimer::singleShot(kTryAgainAfter, Qt::PreciseTimer, this, [this, task] {
            if (task->handler)
                dispatch(task);
        });
    }
    if (reply.isError("CLUSTERDOWN"))
        loadMapSoon();
    finish(*task, std::move(result));
}

void ClusterLink::redirect(const HostPort &from, const TaskPtr &task, const Redirection &to)
{
    const HostPort target{to.target.host.isEmpty() ? from.host : to.target.host, to.target.port};
    if (to.kind == Redirection::Kind::Moved) {
        const NodeIndex owner = indexOf(target);
        m_nodes[static_cast<std::size_t>(owner)].isInMap = true;
        m_owners[static_cast<std::size_t>(to.slot)] = owner;
        loadMapSoon(); // seldom alone
    }
    if (++task->redirections > kMaxRedirections)
        return finish(*task, unavailable("the nodes of the cluster send a command round in a circle"));
    sendTo(target, task, to.kind == Redirection::Kind::Ask);
}

// For a task that nobody has: while a node has it, the link knows whether that is silent.
void ClusterLink::keepDeadline(const TaskPtr &task)
{
    if (std::exchange(task->hasTimer, true))
        return;
    const auto left = std::chrono::ceil<milliseconds>(task->deadline - steady_clock::now());
    QTimer::singleShot(std::max(left, milliseconds{0}), Qt::PreciseTimer, this, [task, this] {
        if (task->handler && !task->isSent)
            finish(*task, timedOut());
    });
}

Error ClusterLink::timedOut() const
{
    return {Error::Code::Timeout,
            "Redis at " + m_url.display().toStdString() + " did not answer within "
                + std::to_string(m_options.callDeadline.count()) + " ms",
            true};
}

void ClusterLink::failLater(const TaskPtr &task, Error error)
{
    QMetaObject::invokeMethod(
        this, [task, error = std::move(error)] { finish(*task, error); }, Qt::QueuedConnection);
}

void ClusterLink::finish(Task &task, Result<Reply> result)
{
    if (const Handler handler = std::exchange(task.handler, nullptr))
        handler(std::move(result));
}

// --- nodes --------------------------------------------------------------------------------------

ClusterLink::NodeIndex ClusterLink::indexOf(const HostPort &place)
{
    const auto found =
        std::find_if(m_nodes.begin(), m_nodes.end(), [&place](const Node &node) { return node.place == place; });
    if (found != m_nodes.end())
        return static_cast<NodeIndex>(found - m_nodes.begin());
    m_nodes.push_back({place, nullptr, false});
    return static_cast<NodeIndex>(m_nodes.size() - 1);
}

// One that is ready, else one that has not failed yet, else any.
ClusterLink::NodeIndex ClusterLink::anyNode() const
{
    const auto rank = [](const Node &node) {
        if (!node.isInMap)
            return 0;
        if (!node.link)
            return 2;
        return node.link->isReady() ? 3 : (node.link->hasFailed() ? 1 : 2);
    };
    const auto best = std::max_element(m_nodes.begin(), m_nodes.end(),
                                       [rank](const Node &a, const Node &b) { return rank(a) < rank(b); });
    return best != m_nodes.end() && rank(*best) > 0 ? static_cast<NodeIndex>(best - m_nodes.begin()) : kNobody;
}

RedisLink &ClusterLink::linkTo(const HostPort &place)
{
    std::unique_ptr<RedisLink> &link = m_nodes[static_cast<std::size_t>(indexOf(place))].link;
    if (!link) {
        link = std::make_unique<RedisLink>(m_url.serverAt(place), m_options);
        connect(link.get(), &RedisLink::readyChanged, this, &ClusterLink::updateReady);
        connect(link.get(), &RedisLink::failed, this, [this, raw = link.get()] { onNodeFailed(*raw); });
        link->start();
    }
    return *link;
}

// Each attempt to come back is also a reason to ask who has its slots now.
void ClusterLink::onNodeFailed(const RedisLink &link)
{
    loadMapSoon();
    const bool isInMap = std::any_of(m_nodes.begin(), m_nodes.end(),
                                     [&link](const Node &node) { return node.link.get() == &link && node.isInMap; });
    if (!isInMap)
        return;
    m_lastError = link.lastError();
    updateReady();
    Q_EMIT failed();
}

void ClusterLink::updateReady()
{
    const bool isAnyAway = std::any_of(m_nodes.begin(), m_nodes.end(), [](const Node &node) {
        return node.isInMap && node.link && node.link->hasFailed();
    });
    const bool isReadyNow = m_hasMap && !isAnyAway;
    if (std::exchange(m_isReady, isReadyNow) != isReadyNow)
        Q_EMIT readyChanged(isReadyNow);
}

// --- the map ------------------------------------------------------------------------------------

void ClusterLink::loadMapSoon()
{
    if (m_inquiry.isAsking() || m_mapTimer.isActive())
        return;
    const auto wait = std::chrono::ceil<milliseconds>(m_askedAt + kMapAtMostEvery - steady_clock::now());
    m_mapTimer.start(std::max(wait, milliseconds{0}));
}

// Nodes with a connection are asked first, then all that are known, then those of the URL.
void ClusterLink::loadMap()
{
    m_askedAt = steady_clock::now();
    std::vector<RedisUrl> servers;
    const auto add = [this, &servers](const HostPort &place) {
        const bool isIn = std::any_of(servers.begin(), servers.end(), [&place](const RedisUrl &server) {
            return HostPort{server.host, server.port} == place;
        });
        if (!isIn)
            servers.push_back(m_url.serverAt(place));
    };
    for (const Node &node : m_nodes)
        if (node.link && node.link->isReady())
            add(node.place);
    for (const Node &node : m_nodes)
        add(node.place);
    for (const HostPort &seed : m_url.seeds)
        add(seed);
    const auto ranges = std::make_shared<std::vector<SlotRange>>();
    const auto accept = [ranges](const RedisUrl &server, const Reply &reply) -> std::optional<Error> {
        Result<std::vector<SlotRange>> found = slotsOf(reply, {server.host, server.port});
        if (!found)
            return found.error();
        *ranges = std::move(found).value();
        return std::nullopt;
    };
    m_inquiry.ask(std::move(servers), formatCommand({"CLUSTER", "SLOTS"}), accept,
                  [this, ranges](const std::optional<Error> &error) {
                      if (error)
                          onNoMap(*error);
                      else
                          adopt(*ranges);
                  });
}

// Connections to nodes that are in the old map and in the new one stay. Others end when nothing is in flight on them.
void ClusterLink::adopt(const std::vector<SlotRange> &ranges)
{
    std::vector<Node> before = std::exchange(m_nodes, {});
    m_owners.fill(kNobody);
    for (const SlotRange &range : ranges) {
        const NodeIndex owner = indexOf(range.master);
        m_nodes[static_cast<std::size_t>(owner)].isInMap = true;
        std::fill(m_owners.begin() + range.first, m_owners.begin() + range.last + 1, owner);
    }
    for (Node &node : before)
        if (node.link && !node.link->isIdle())
            m_nodes[static_cast<std::size_t>(indexOf(node.place))].link = std::move(node.link);
        else if (node.link)
            for (Node &kept : m_nodes)
                if (kept.place == node.place)
                    kept.link = std::move(node.link);
    m_hasMap = true;
    m_hasFailed = false;
    m_attempts = 0;
    for (const TaskPtr &task : std::exchange(m_waiting, {}))
        if (task->handler)
            dispatch(task);
    updateReady();
}

void ClusterLink::onNoMap(const Error &error)
{
    m_hasFailed = true;
    const auto longest = error.transient ? std::min(m_options.lastDelay, m_options.lastDelayAway) : m_options.lastDelay;
    const auto delay = std::min(longest, m_options.firstDelay * (1 << std::min(m_attempts++, 16)));
    const auto half = static_cast<int>(delay.count() / 2);
    m_mapTimer.start(half + QRandomGenerator::global()->bounded(half + 1));
    if (m_hasMap)
        return; // the old one may still be right
    m_lastError = {error.code, "no node of the cluster tells its slots: " + error.detail, error.transient};
    for (const TaskPtr &task : std::exchange(m_waiting, {}))
        finish(*task, m_lastError);
    Q_EMIT failed();
}

} // namespace weir::redis
