// SPDX-License-Identifier: GPL-3.0-only
// A cluster of three masters with a replica each: real processes on free ports of the loopback.
#pragma once

#include <array>

#include <QTest>

#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"

namespace weir::test {

/// Thread: the test's main thread. Everything ends with the object. Nodes 0 to 2 begin as masters, 3 to 5
/// as their replicas.
class RedisCluster {
public:
    static constexpr std::size_t kMasters = 3;
    static constexpr std::size_t kNodes = 6;

    /// True when every node finds the cluster whole and every replica is in step.
    bool start()
    {
        for (std::size_t i = 0; i < kNodes; ++i) {
            m_ports[i] = freePort();
            m_busPorts[i] = freePort();
            if (!m_nodes[i].start(arguments(i)))
                return false;
            m_ids[i] = m_nodes[i].command({"CLUSTER", "MYID"}).text;
            m_nodes[i].command({"CLUSTER", "SET-CONFIG-EPOCH", QByteArray::number(qulonglong{i + 1})});
        }
        m_nodes[0].command({"CLUSTER", "ADDSLOTSRANGE", "0", "5460"});
        m_nodes[1].command({"CLUSTER", "ADDSLOTSRANGE", "5461", "10922"});
        m_nodes[2].command({"CLUSTER", "ADDSLOTSRANGE", "10923", "16383"});
        for (std::size_t i = 1; i < kNodes; ++i)
            m_nodes[0].command(
                {"CLUSTER", "MEET", "127.0.0.1", QByteArray::number(m_ports[i]), QByteArray::number(m_busPorts[i])});
        if (!everyNode([this](std::size_t i) { return info(i).contains("cluster_known_nodes:6"); }))
            return false;
        for (std::size_t i = kMasters; i < kNodes; ++i) {
            const auto replicate = [this, i] {
                return !m_nodes[i].command({"CLUSTER", "REPLICATE", m_ids[i - kMasters]}).isError();
            };
            if (!QTest::qWaitFor(replicate, kPatienceMs))
                return false;
        }
        return isWhole();
    }

    /// Waits until every node finds the cluster whole and every replica is in step.
    bool isWhole()
    {
        return everyNode([this](std::size_t i) {
            const QByteArray replication = m_nodes[i].command({"INFO", "replication"}).text;
            return info(i).contains("cluster_state:ok")
                   && (replication.contains("role:master") || replication.contains("master_link_status:up"));
        });
    }

    bool restart(std::size_t index) { return m_nodes[index].start(arguments(index)); }

    [[nodiscard]] RedisServer &node(std::size_t index) { return m_nodes[index]; }
    [[nodiscard]] std::uint16_t port(std::size_t index) const { return m_ports[index]; }
    [[nodiscard]] const QByteArray &id(std::size_t index) const { return m_ids[index]; }
    /// "cluster://127.0.0.1:P1,127.0.0.1:P2" with some of the nodes.
    [[nodiscard]] QString url(const QList<std::size_t> &seeds, const QString &secrets = {}) const
    {
        QStringList hosts;
        for (const std::size_t seed : seeds)
            hosts << QStringLiteral("127.0.0.1:%1").arg(m_ports[seed]);
        return QStringLiteral("cluster://") + secrets + hosts.join(QLatin1Char{','});
    }
    /// The node that has `key`, as `asked` sees it; kNodes when it is none of them.
    [[nodiscard]] std::size_t ownerOf(const QByteArray &key, std::size_t asked)
    {
        const qint64 slot = m_nodes[asked].command({"CLUSTER", "KEYSLOT", key}).number;
        for (const RespValue &range : m_nodes[asked].command({"CLUSTER", "SLOTS"}).items)
            if (range.items.value(0).number <= slot && slot <= range.items.value(1).number)
                return static_cast<std::size_t>(
                    std::find(m_ports.begin(), m_ports.end(), range.items.value(2).items.value(1).number)
                    - m_ports.begin());
        return kNodes;
    }

private:
    static constexpr int kPatienceMs = 20'000;

    [[nodiscard]] QStringList arguments(std::size_t index) const
    {
        return {QStringLiteral("--cluster-enabled"),
                QStringLiteral("yes"),
                QStringLiteral("--port"),
                QString::number(m_ports[index]),
                QStringLiteral("--cluster-port"),
                QString::number(m_busPorts[index]),
                QStringLiteral("--bind"),
                QStringLiteral("127.0.0.1"),
                QStringLiteral("--cluster-node-timeout"),
                QStringLiteral("1000"),
                QStringLiteral("--repl-diskless-sync-delay"),
                QStringLiteral("0")};
    }
    QByteArray info(std::size_t index) { return m_nodes[index].command({"CLUSTER", "INFO"}).text; }
    template<class Condition>
    bool everyNode(Condition condition)
    {
        return QTest::qWaitFor(
            [&] {
                for (std::size_t i = 0; i < kNodes; ++i)
                    if (m_nodes[i].isRunning() && !condition(i))
                        return false;
                return true;
            },
            kPatienceMs);
    }

    std::array<RedisServer, kNodes> m_nodes;
    std::array<std::uint16_t, kNodes> m_ports{};
    std::array<std::uint16_t, kNodes> m_busPorts{};
    std::array<QByteArray, kNodes> m_ids;
};

} // namespace weir::test
