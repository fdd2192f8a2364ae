// SPDX-License-Identifier: GPL-3.0-only
// Connections to the nodes of a cluster: each command goes to the node that has its key, also after slots have moved.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include <QTimer>

#include "core/redis/link/connection.h"
#include "core/redis/link/inquiry.h"
#include "core/redis/link/key_slot.h"
#include "core/redis/link/topology.h"

namespace weir::redis {

class RedisLink;

/// Ready while it has a map of the slots and every node that it uses is connected. A redirected command was not
/// executed and is sent again; one without an answer never is.
class ClusterLink final : public Connection {
    Q_OBJECT
public:
    ClusterLink(RedisUrl url, LinkOptions options, QObject *parent = nullptr);
    ~ClusterLink() override;

    void start() override;
    using Connection::call;
    void call(QByteArrayView key, const QByteArray &command, Handler handler) override;
    [[nodiscard]] bool isReady() const override { return m_isReady; }

private:
    using Instant = std::chrono::steady_clock::time_point;
    using NodeIndex = std::int16_t;
    static constexpr NodeIndex kNobody = -1;
    struct Node {
        HostPort place;
        std::unique_ptr<RedisLink> link; ///< made when something is sent to it first
        bool isInMap{false};             ///< a master with slots
    };
    struct Task {
        QByteArray command;
        Handler handler;  ///< empty once it was called
        Instant deadline; ///< counts until it is sent
        int slot{-1};     ///< -1: any node will do
        int redirections{0};
        bool hasTimer{false};
        bool isSent{false}; ///< and has no answer
    };
    using TaskPtr = std::shared_ptr<Task>;

    void dispatch(const TaskPtr &task);
    void sendTo(const HostPort &place, const TaskPtr &task, bool isAsking);
    void onReply(const HostPort &from, const TaskPtr &task, Result<Reply> result);
    void redirect(const HostPort &from, const TaskPtr &task, const Redirection &to);
    void keepDeadline(const TaskPtr &task);
    [[nodiscard]] Error timedOut() const;
    void failLater(const TaskPtr &task, Error error);
    static void finish(Task &task, Result<Reply> result);

    [[nodiscard]] NodeIndex indexOf(const HostPort &place);
    [[nodiscard]] NodeIndex anyNode() const;
    [[nodiscard]] RedisLink &linkTo(const HostPort &place);
    void onNodeFailed(const RedisLink &link);
    void updateReady();

    void loadMapSoon();
    void loadMap();
    void adopt(const std::vector<SlotRange> &ranges);
    void onNoMap(const Error &error);

    LinkOptions m_options;
    bool m_hasMap{false};
    bool m_isReady{false};
    bool m_hasFailed{false}; ///< the last attempt to get a map
    int m_attempts{0};
    std::array<NodeIndex, kSlots> m_owners; ///< into m_nodes
    std::vector<Node> m_nodes;
    std::deque<TaskPtr> m_waiting; ///< for the first map
    Inquiry m_inquiry;
    QTimer m_mapTimer;
    Instant m_askedAt{};
};

} // namespace weir::redis
