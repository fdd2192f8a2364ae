// SPDX-License-Identifier: GPL-3.0-only
// A Weir inside the test, with the limits of a suite of failures.
#pragma once

#include <array>
#include <memory>

#include "core/config/toml_reader.h"
#include "tests/http/running_service.h"
#include "tests/support/busy_clients.h"
#include "tests/support/limit_setup.h"

namespace weir::test {

/// As RunningService; a plain setup needs no file and has none.
inline std::unique_ptr<RunningService> serve(const RedisServer &redis, const LimitSetup &setup, int threads,
                                             config::StoreFailurePolicy policy,
                                             const std::function<void(config::Config &)> &adjust = {})
{
    return std::make_unique<RunningService>(redis, setup.total, threads, policy, [&](config::Config &config) {
        if (!setup.isPlain()) {
            constexpr std::array kPolicies{"reject", "allow", "local"};
            const QByteArray text = setup.text(kPolicies[static_cast<std::size_t>(policy)]);
            config.limitSet = config::readConfigText(text.toStdString()).config.limitSet;
        }
        if (adjust)
            adjust(config);
    });
}

/// Clients of each group, apart.
class GroupedClients {
public:
    GroupedClients(std::uint16_t port, const LimitSetup &setup, int clients, std::chrono::microseconds pause = {})
    {
        const auto groups = static_cast<int>(setup.groups());
        for (std::size_t group = 0; group < setup.groups(); ++group)
            m_groups.push_back(
                std::make_unique<BusyClients>(port, std::max(1, clients / groups), pause, setup.fields(group)));
    }
    [[nodiscard]] std::int64_t answers() const
    {
        std::int64_t answers = 0;
        for (const auto &clients : m_groups)
            answers += clients->answers();
        return answers;
    }
    /// Once: a tally a group.
    std::vector<Tally> stop()
    {
        std::vector<Tally> tallies;
        for (const auto &clients : m_groups)
            tallies.push_back(clients->stop());
        return tallies;
    }

private:
    std::vector<std::unique_ptr<BusyClients>> m_groups;
};

[[nodiscard]] inline Tally sumOf(const std::vector<Tally> &tallies)
{
    Tally sum;
    for (const Tally &tally : tallies)
        sum.add(tally);
    return sum;
}

} // namespace weir::test
