// SPDX-License-Identifier: GPL-3.0-only
// One master, two replicas, three sentinels that watch them: real processes on free ports of the loopback.
#pragma once

#include <array>

#include <QTest>

#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"

namespace weir::test {

/// Thread: the test's main thread. Everything ends with the object.
class SentinelGroup {
public:
    static constexpr auto kName = "mymaster";

    /// Starts all of them; true when every sentinel knows both replicas and the two other sentinels.
    bool start()
    {
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            m_ports[i] = freePort();
            if (!m_nodes[i].start(nodeArguments(i, 0)))
                return false;
        }
        const QByteArray name{kName};
        // A sentinel asks once a second: with no more patience than that it takes the living for dead at times.
        const QByteArray config = "sentinel monitor " + name + " 127.0.0.1 " + QByteArray::number(m_ports[0])
                                  + " 2\n"
                                    "sentinel down-after-milliseconds "
                                  + name + " 2000\nsentinel failover-timeout " + name + " 5000\n";
        for (std::size_t i = 0; i < m_sentinels.size(); ++i) {
            m_sentinelPorts[i] = freePort();
            if (!m_sentinels[i].startSentinel(config, listenOn(m_sentinelPorts[i])))
                return false;
        }
        constexpr int kPatienceMs = 20'000;
        return QTest::qWaitFor([this] { return areAllKnown(); }, kPatienceMs);
    }

    /// "sentinel://127.0.0.1:P1,127.0.0.1:P2,127.0.0.1:P3/mymaster".
    [[nodiscard]] QString url() const
    {
        QStringList hosts;
        for (const std::uint16_t port : m_sentinelPorts)
            hosts << QStringLiteral("127.0.0.1:%1").arg(port);
        return QStringLiteral("sentinel://%1/%2").arg(hosts.join(QLatin1Char{','}), QLatin1String{kName});
    }
    /// A node that was killed comes back as a replica of the present master.
    bool restart(std::size_t index)
    {
        const std::size_t now = master();
        return now < m_nodes.size() && m_nodes[index].start(nodeArguments(index, now));
    }
    /// Every node that is not the master is in step with it, and every sentinel knows that.
    bool isWhole(int patienceMs)
    {
        return QTest::qWaitFor(
            [this] {
                const std::size_t now = master();
                for (std::size_t i = 0; i < m_nodes.size(); ++i)
                    if (i != now && !isInStepWith(i, now))
                        return false;
                for (std::size_t i = 0; i < m_sentinels.size(); ++i)
                    if (master(i) != now || m_sentinels[i].command({"SENTINEL", "CKQUORUM", kName}).isError())
                        return false;
                return now < m_nodes.size();
            },
            patienceMs);
    }
    [[nodiscard]] RedisServer &node(std::size_t index) { return m_nodes[index]; }
    [[nodiscard]] RedisServer &sentinel(std::size_t index) { return m_sentinels[index]; }
    /// The node that sentinel `asked` takes for the master; 3 when it is none of them.
    [[nodiscard]] std::size_t master(std::size_t asked = 0)
    {
        const RespValue place = m_sentinels[asked].command({"SENTINEL", "get-master-addr-by-name", kName});
        const auto port = static_cast<std::uint16_t>(place.items.value(1).text.toUInt());
        return static_cast<std::size_t>(std::find(m_ports.begin(), m_ports.end(), port) - m_ports.begin());
    }

private:
    static QStringList listenOn(std::uint16_t port)
    {
        return {QStringLiteral("--port"), QString::number(port), QStringLiteral("--bind"), QStringLiteral("127.0.0.1")};
    }
    [[nodiscard]] QStringList nodeArguments(std::size_t index, std::size_t master) const
    {
        QStringList arguments = listenOn(m_ports[index])
                                << QStringLiteral("--repl-diskless-sync-delay") << QStringLiteral("0");
        if (index != master)
            arguments << QStringLiteral("--replicaof") << QStringLiteral("127.0.0.1 %1").arg(m_ports[master]);
        return arguments;
    }
    bool isInStepWith(std::size_t index, std::size_t master)
    {
        const QByteArray info = m_nodes[index].command({"INFO", "replication"}).text;
        return master < m_ports.size() && info.contains("master_link_status:up")
               && info.contains("master_port:" + QByteArray::number(m_ports[master]) + "\r");
    }
    bool areAllKnown()
    {
        for (RedisServer &sentinel : m_sentinels) {
            const QList<RespValue> fields = sentinel.command({"SENTINEL", "MASTER", kName}).items;
            for (qsizetype i = 0; i + 1 < fields.size(); i += 2)
                if ((fields[i].text == "num-slaves" || fields[i].text == "num-other-sentinels")
                    && fields[i + 1].text != "2")
                    return false;
            if (fields.isEmpty() || sentinel.command({"SENTINEL", "CKQUORUM", kName}).isError())
                return false;
        }
        for (std::size_t i = 1; i < m_nodes.size(); ++i)
            if (!m_nodes[i].command({"INFO", "replication"}).text.contains("master_link_status:up"))
                return false;
        return true;
    }

    std::array<RedisServer, 3> m_nodes;
    std::array<RedisServer, 3> m_sentinels;
    std::array<std::uint16_t, 3> m_ports{};
    std::array<std::uint16_t, 3> m_sentinelPorts{};
};

} // namespace weir::test
