// SPDX-License-Identifier: GPL-3.0-only
// Asks several servers in turn until one of them has an answer.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QObject>

#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

class RedisLink;

/// Thread: lives in one thread; everything is called there. Deleting it calls no callback.
class Inquiry : public QObject {
public:
    /// Returns why `reply` of `server` is of no use; nothing when it is accepted. May keep what it found.
    using Accept = std::function<std::optional<Error>(const RedisUrl &server, const Reply &reply)>;
    /// Nothing when an answer was accepted; else the error that needs a person, or the last one.
    using Done = std::function<void(std::optional<Error>)>;

    explicit Inquiry(QObject *parent = nullptr);
    ~Inquiry() override;

    /// Send `command` to each server in turn, with some hundred milliseconds for each, connecting included. A question
    /// in progress is dropped.
    void ask(std::vector<RedisUrl> servers, QByteArray command, Accept accept, Done done);
    void cancel();
    [[nodiscard]] bool isAsking() const { return m_done != nullptr; }

private:
    void askNext();
    void onAnswer(const Result<Reply> &answer);

    std::vector<RedisUrl> m_servers;
    std::size_t m_next{0};
    QByteArray m_command;
    Accept m_accept;
    Done m_done;
    std::optional<Error> m_worst;
    std::unique_ptr<RedisLink> m_link;
};

} // namespace weir::redis
