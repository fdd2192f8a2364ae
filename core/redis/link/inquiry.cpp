// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/inquiry.h"

#include <utility>

#include "core/redis/link/redis_link.h"

namespace weir::redis {
namespace {

using namespace std::chrono_literals;

// redis.io "Guidelines for Redis clients with support for Redis Sentinel": "a few hundred milliseconds".
constexpr LinkOptions kPatience{.callDeadline = 300ms, .connectDeadline = 300ms, .maxInFlight = 1};

} // namespace

Inquiry::Inquiry(QObject *parent) : QObject{parent}
{
}
Inquiry::~Inquiry() = default;

void Inquiry::ask(std::vector<RedisUrl> servers, QByteArray command, Accept accept, Done done)
{
    cancel();
    m_servers = std::move(servers);
    m_next = 0;
    m_command = std::move(command);
    m_accept = std::move(accept);
    m_done = std::move(done);
    m_worst.reset();
    askNext();
}

void Inquiry::cancel()
{
    m_done = nullptr;
    if (m_link) // it may be the one that is calling
        m_link.release()->deleteLater();
}

void Inquiry::askNext()
{
    if (m_link)
        m_link.release()->deleteLater();
    m_link = std::make_unique<RedisLink>(m_servers[m_next], kPatience);
    m_link->start();
    RedisLink *link = m_link.get();
    m_link->call(m_command, [this, link](const Result<Reply> &answer) {
        if (link == m_link.get()) // not dropped meanwhile
            onAnswer(answer);
    });
}

void Inquiry::onAnswer(const Result<Reply> &answer)
{
    const std::optional<Error> objection =
        answer ? m_accept(m_servers[m_next], answer.value()) : std::optional{answer.error()};
    if (objection && (!m_worst || m_worst->transient))
        m_worst = objection;
    if (objection && ++m_next < m_servers.size())
        return askNext();
    const Done done = std::exchange(m_done, nullptr);
    cancel();
    done(objection ? m_worst : std::nullopt);
}

} // namespace weir::redis
