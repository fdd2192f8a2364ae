// SPDX-License-Identifier: GPL-3.0-only
// The requests that lie at the admin desk, and their way back to the clients.
#pragma once

#include <memory>
#include <unordered_map>

#include <QObject>

#include "core/http/admin_desk.h"
#include "core/http/pending_reply.h"

namespace weir::http {

/// Thread: the worker's; the desk replies from any.
class AdminAsks : public QObject {
    Q_OBJECT
public:
    /// `desk` outlives this.
    explicit AdminAsks(const AdminDesk &desk);
    ~AdminAsks() override;

    void ask(PendingReply reply, AdminRequest request);
    /// Answer 503 to whatever lies there or still comes, because Weir is about to end.
    void close();

private:
    struct Gate; // by which the desk finds this while it lives
    void answer(std::uint64_t number, const AdminAnswer &answer);

    const AdminDesk &m_desk;
    std::shared_ptr<Gate> m_gate;
    std::uint64_t m_next{0};
    std::unordered_map<std::uint64_t, PendingReply> m_asked;
    bool m_isClosed{false};
};

} // namespace weir::http
