// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/handshake.h"

#include "core/redis/link/topology.h"

namespace weir::redis {
namespace {

// "+OK POP3 ready" is no Redis either.
HandshakeStep stepThatSays(const QByteArray &command, const char *answer)
{
    return {command, [answer](const Reply &reply) -> std::optional<Error> {
                if (reply.isError())
                    return errorOf(reply);
                if (reply.text == answer)
                    return std::nullopt;
                return Error{Error::Code::Protocol, "the server does not answer like a Redis", true};
            }};
}

} // namespace

std::vector<HandshakeStep> handshake(const RedisUrl &server, bool mustBeMaster)
{
    std::vector<HandshakeStep> steps;
    if (!server.password.isEmpty() || !server.user.isEmpty()) // a user may need no password
        steps.push_back(stepThatSays(server.user.isEmpty() ? formatCommand({"AUTH", server.password})
                                                           : formatCommand({"AUTH", server.user, server.password}),
                                     "OK"));
    if (server.database != 0)
        steps.push_back(stepThatSays(formatCommand({"SELECT", QByteArray::number(server.database)}), "OK"));
    if (mustBeMaster)
        steps.push_back(
            {formatCommand({"ROLE"}), [server](const Reply &reply) { return objectionToRole(reply, server); }});
    steps.push_back(stepThatSays(formatCommand({"PING"}), "PONG"));
    return steps;
}

} // namespace weir::redis
