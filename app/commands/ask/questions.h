// SPDX-License-Identifier: GPL-3.0-only
// What each command asks the admin port, step by step, and what it prints of the answers.
#pragma once

#include <functional>
#include <memory>

#include "app/cli_ask.h"
#include "app/commands/ask/admin_client.h"

namespace weir::app {

/// What came of one command.
struct AskOutcome {
    int code{0};         ///< that the program ends with
    QByteArray output{}; ///< for stdout, with its line ends
    QString problem{};   ///< for stderr, likewise; empty: none
};

/// Asks as `line` says. `source`: where the token came from. Thread: that of the client.
class Questions {
public:
    using Done = std::function<void(const AskOutcome &)>;
    Questions(AdminClient &client, AskLine line, QString source);

    /// Ask once more; `done` once.
    void ask(const Done &done);

private:
    void status(const Done &done);
    void set(const Done &done);
    void change(const QJsonObject &before, const Done &done);
    void reset(const Done &done);
    void top(const Done &done);
    void check(const Done &done);
    [[nodiscard]] QString limitPath(const char *rest = "") const;
    /// Ask, and go on with a good answer; `done` gets all others.
    void expect(const AdminAsk &what, const Done &done, std::function<void(const AdminReply &)> next);
    [[nodiscard]] AskOutcome failed(const AdminReply &reply) const;
    [[nodiscard]] AskOutcome good(const AdminReply &reply, const QString &text, int code = 0) const;

    AdminClient &m_client;
    AskLine m_line;
    QString m_source;
};

} // namespace weir::app
