// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/topology.h"

#include <algorithm>

#include <QList>

#include "core/redis/link/key_slot.h"

namespace weir::redis {
namespace {

std::optional<quint16> portOf(qlonglong number)
{
    return number > 0 && number <= 65535 ? std::optional{static_cast<quint16>(number)} : std::nullopt;
}

// It is shown, and looked up.
bool isHost(const QByteArray &host)
{
    constexpr qsizetype kLongest = 255; // RFC 1035, 2.3.4
    return host.size() <= kLongest
           && std::all_of(host.begin(), host.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// [host, port, ...] of a node.
std::optional<HostPort> placeOf(const Reply &node, const HostPort &asked)
{
    if (node.items.size() < 2)
        return std::nullopt;
    const auto port = portOf(node.items[1].integer);
    const QByteArray &host = node.items[0].text;
    if (!port || !isHost(host) || host == "?") // "?": the cluster does not know
        return std::nullopt;
    return HostPort{host.isEmpty() ? asked.host : QString::fromUtf8(host), *port};
}

bool isSlot(qlonglong number)
{
    return number >= 0 && number < kSlots;
}

Error unexpected(const char *command, const std::string &where)
{
    return {Error::Code::Protocol, "the answer of " + where + " to " + command + " has not the shape of Redis", true};
}

} // namespace

Result<HostPort> masterOf(const Reply &reply, const RedisUrl &url)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.type == Reply::Type::Nil)
        return Error{Error::Code::Configuration,
                     "the sentinels of " + url.display().toStdString() + " know no master of that name", false};
    const auto port = reply.items.size() == 2 ? portOf(reply.items[1].text.toLongLong()) : std::nullopt;
    if (!port || reply.items[0].text.isEmpty() || !isHost(reply.items[0].text))
        return unexpected("SENTINEL", url.display().toStdString());
    return HostPort{QString::fromUtf8(reply.items[0].text), *port};
}

std::optional<Error> objectionToRole(const Reply &reply, const RedisUrl &server)
{
    if (reply.isError()) {
        const Error error = errorOf(reply);
        return reply.isError("NOPERM") ? std::nullopt : std::optional{error};
    }
    if (reply.items.empty())
        return unexpected("ROLE", server.display().toStdString());
    if (reply.items[0].text == "master")
        return std::nullopt;
    return Error{Error::Code::Unavailable,
                 "Redis at " + server.display().toStdString() + " is not the master (any more, or yet)", true};
}

Result<std::vector<SlotRange>> slotsOf(const Reply &reply, const HostPort &asked)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.type != Reply::Type::Array)
        return unexpected("CLUSTER SLOTS", asked.print().toStdString());
    std::vector<SlotRange> ranges;
    for (const Reply &range : reply.items) {
        if (range.items.size() < 3 || !isSlot(range.items[0].integer) || !isSlot(range.items[1].integer))
            return unexpected("CLUSTER SLOTS", asked.print().toStdString());
        if (const auto master = placeOf(range.items[2], asked))
            ranges.push_back(
                {static_cast<int>(range.items[0].integer), static_cast<int>(range.items[1].integer), *master});
    }
    if (ranges.empty())
        return Error{Error::Code::Unavailable, "the cluster node at " + asked.print().toStdString() + " knows no slots",
                     true};
    return ranges;
}

std::optional<Redirection> redirectionOf(const Reply &reply)
{
    const bool isMoved = reply.isError("MOVED ");
    if (!isMoved && !reply.isError("ASK "))
        return std::nullopt;
    const QList<QByteArray> words = reply.text.split(' ');
    if (words.size() < 3)
        return std::nullopt;
    bool isNumber = false;
    const int slot = words[1].toInt(&isNumber);
    const qsizetype colon = words[2].lastIndexOf(':'); // an IPv6 address has more of them, without brackets
    const auto port = portOf(words[2].mid(colon + 1).toLongLong());
    if (!isNumber || !isSlot(slot) || colon < 0 || !port || !isHost(words[2].left(colon)))
        return std::nullopt;
    return Redirection{isMoved ? Redirection::Kind::Moved : Redirection::Kind::Ask,
                       slot,
                       {QString::fromUtf8(words[2].left(colon)), *port}};
}

} // namespace weir::redis
