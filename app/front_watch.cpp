// SPDX-License-Identifier: GPL-3.0-only
#include "app/front_watch.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

#include "core/base/duration.h"

namespace weir::app {
namespace {

bool isByClient(const config::LimitEntry &limit)
{
    const bool isKeyed = std::any_of(limit.key.begin(), limit.key.end(), [](const config::KeyPart &part) {
        return part.kind == config::KeyPart::Kind::Ip;
    });
    return limit.isOn && (isKeyed || !limit.match.networks.empty());
}

// Whether it matters who sends a request.
bool areByClient(const config::LimitSet &set)
{
    return !set.allow.networks.empty() || !set.block.networks.empty()
           || std::any_of(set.limits.begin(), set.limits.end(), isByClient);
}

std::string sentenceOf(const http::FrontNotes::Forwarder &forwarder)
{
    const std::string peer = printIpAddress(forwarder.peer);
    return "requests from " + peer + " have come through a proxy, as " + std::string{forwarder.field}
           + " in them says, and it is not trusted: all its clients count as one. If it is your proxy, start Weir with "
             "--trust-proxy "
           + peer + "; if it is a client, it only says so";
}

std::string mostDescriptors()
{
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
               ? " (ulimit -n is " + std::to_string(limit.rlim_cur) + ")"
               : std::string{};
}

} // namespace

std::vector<std::string> FrontWatch::look(const http::FrontNotes &notes, const config::LimitSet &limits, Instant now)
{
    std::vector<std::string> lines;
    if (std::string line = starvedLine(notes.starved(), now); !line.empty())
        lines.push_back(std::move(line));
    m_proxyWarning.clear();
    const auto forwarder = notes.forwarder();
    if (!forwarder || !areByClient(limits))
        return lines;
    const std::string sentence = sentenceOf(*forwarder);
    if (std::exchange(m_told, forwarder) != forwarder)
        lines.push_back(sentence);
    if (forwarder->isNeighbour)
        m_proxyWarning = sentence;
    return lines;
}

std::string FrontWatch::starvedLine(std::int64_t starved, Instant now)
{
    const bool isStarved = starved > std::exchange(m_starvedBefore, starved);
    switch (m_starved.look(isStarved, {}, now)) {
    case Episode::Say::Begins:
        return "no descriptor is left for another connection" + mostDescriptors() + ": new ones wait until others end";
    case Episode::Say::GoesOn:
        return "still no descriptor for every connection" + mostDescriptors() + ": new ones wait until others end";
    case Episode::Say::IsOver:
        return "new connections are taken at once again; for "
               + printDurationSpaced(std::max<Micros>(m_starved.passed(), std::chrono::seconds{1}))
               + " they had to wait for a descriptor";
    case Episode::Say::Nothing:
        break;
    }
    return {};
}

} // namespace weir::app
