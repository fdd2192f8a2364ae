// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/server_worker.h"

#include <algorithm>
#include <utility>

#include "core/http/forward_auth.h"
#include "core/http/qt_http_compat.h"
#include "core/http/turn_away.h"

namespace weir::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A browser asks for it by itself: five refreshes must be five tokens.
constexpr std::string_view kFavicon = "/favicon.ico";

constexpr milliseconds kSweep{250};
constexpr milliseconds kDrainStep{10};
// For requests that were on their way when the drain began: a keep-alive connection that stays
// silent this long is closed, one that speaks is told so in its answer.
constexpr milliseconds kDrainGrace{200};

// Who reuses a connection goes by the time of its own clock, which began when the answer arrived: a second before we close it
// nobody does any more. Without that a request meets the close on its way, and is reset.
std::int64_t keepAliveOf(milliseconds idleTimeout)
{
    return std::max<std::int64_t>(0, idleTimeout / std::chrono::seconds{1} - 1);
}

} // namespace

ServerWorker::ServerWorker(std::vector<int> descriptors, const StoreFactory &makeStore, engine::PoliciesPtr policies,
                           engine::BucketTable &table, telemetry::WorkerBoard &board, Door &door)
    : m_board{board},
      m_store{makeStore()},
      m_book{policies->book},
      m_limiter{*m_store,
                policies,
                table,
                board.telemetry,
                board.levels,
                [this](engine::Ticket ticket, const engine::Decision &decision) { onDecided(ticket, decision); }},
      m_server{std::make_unique<QHttpServer>()},
      m_room{*m_server, board.telemetry, door.census, door.trust, door.isAdmin()},
      m_keepAliveS{keepAliveOf(door.census.limits().idleTimeout)},
      m_retrySpreadS{door.census.limits().retrySpread.count()},
      m_random{std::random_device{}()}
{
    if (door.isAdmin())
        m_asks.emplace(door.desk);
    connect(&m_limiter, &engine::Limiter::newerLimitFound, this, &ServerWorker::newerLimitFound);
    leaveTimesToGuard(*m_server);
    handleEveryRequest(*m_server, [this] { onRequest(); });
    m_room.poll.setTurn([this] { m_limiter.turn().hold(); }, [this] { m_limiter.turn().release(); });
    connect(&m_deadlineTimer, &QTimer::timeout, this, &ServerWorker::checkTimes);
    for (const int descriptor : descriptors) {
        auto listener = std::make_unique<GuardedListener>(m_room);
        connect(listener.get(), &GuardedListener::entered, this, [this] {
            if (!m_deadlineTimer.isActive())
                m_deadlineTimer.start(kSweep);
        });
        listener->open(descriptor);
        m_server->bind(listener.get());
        listener->setParent(nullptr); // ours: it is closed long before the server ends
        m_listeners.push_back(std::move(listener));
    }
    m_isOnTrial = true;
    if (!m_listeners.empty())
        m_listeners.front()->showTrialRequest();
    m_isOnTrial = false;
}

ServerWorker::~ServerWorker()
{
    // Sockets before what they refer to; their destructors count down the connections.
    m_listeners.clear();
    m_server.reset();
}

void ServerWorker::onRequest()
{
    GuardedSocket *socket = m_room.presented;
    std::optional<RequestFacts> facts = socket ? socket->takeFacts() : std::nullopt;
    if (!facts) { // QHttpServer saw a request where the guard saw none: never answer out of step
        qWarning("a request was read that the guard did not see%s", socket ? "; the connection is closed" : "");
        if (socket)
            socket->cut();
        return;
    }
    if (m_isOnTrial) {
        m_takesRequests = true;
        return socket->cut();
    }
    facts->keepAliveS = m_keepAliveS;
    if (m_retrySpreadS > 0)
        facts->retryLaterS = std::uniform_int_distribution<std::int64_t>{0, m_retrySpreadS}(m_random);
    PendingReply reply{socket, socket->openPlace(), std::move(*facts)};
    if (m_asks)
        onAdminRequest(*socket, std::move(reply));
    else
        onDataRequest(*socket, std::move(reply));
}

void ServerWorker::onDataRequest(const GuardedSocket &socket, PendingReply reply)
{
    const bool isFavicon = reply.facts.path() == kFavicon && (reply.facts.method == "GET" || reply.facts.isHead);
    if (isFavicon) {
        m_board.telemetry.exempt.add();
        return finish(reply, faviconAnswer(reply.facts, m_drains), telemetry::DecidedBy::Nobody, nullptr);
    }
    if (reply.facts.cors.isPreflight) {
        m_board.telemetry.exempt.add();
        return finish(reply, preflightAnswer(reply.facts, m_drains), telemetry::DecidedBy::Nobody, nullptr);
    }
    const RequestHead &head = socket.head();
    decideBy(m_judge.judge(m_book->plan, head.method, head.target, head, socket.client(), socket.isFromProxy()),
             std::move(reply));
}

void ServerWorker::onAdminRequest(const GuardedSocket &socket, PendingReply reply)
{
    if (isInquiry(reply.facts.target))
        onInquiry(socket, std::move(reply));
    else
        m_asks->ask(std::move(reply), {socket.head(), socket.client()});
}

// It is judged, counted and shown as the request that it asks about.
void ServerWorker::onInquiry(const GuardedSocket &socket, PendingReply reply)
{
    Inquiry inquiry;
    const std::vector<config::LimitEntry> &limits = m_book->set.limits;
    auto asked = limits.end();
    std::optional<Rejection> fault = readInquiry(socket.head(), socket.isFromProxy(), inquiry);
    if (!fault && !inquiry.limit.empty()) {
        asked =
            std::find_if(limits.begin(), limits.end(), [&](const auto &entry) { return entry.name == inquiry.limit; });
        if (asked == limits.end())
            fault = Rejection{404, "Not Found", "There is no limit of this name."};
    }
    if (fault) {
        noteTurnedAway(m_board.telemetry, reply.facts.client, *fault);
        return reply.send(adminAnswer(reply.facts, problemOf(fault->status, fault->title, fault->sentence())));
    }
    reply.facts.method.assign(inquiry.method);
    reply.facts.target.assign(inquiry.target);
    reply.facts.denyStatus = inquiry.denyStatus;
    policy::Decree decree = m_judge.judge(m_book->plan, inquiry.method, inquiry.target, socket.head(), socket.client(),
                                          socket.isFromProxy());
    if (asked != limits.end()) {
        const auto place = static_cast<std::size_t>(asked - limits.begin());
        const auto charge = std::find_if(decree.charges.begin(), decree.charges.end(),
                                         [place](const policy::Charge &each) { return each.limit == place; });
        decree.charges = {charge, charge == decree.charges.end() ? std::size_t{0} : std::size_t{1}};
    }
    decideBy(decree, std::move(reply));
}

void ServerWorker::decideBy(const policy::Decree &decree, PendingReply reply)
{
    if (decree.access == policy::Access::Blocked) {
        m_board.telemetry.blocked.add();
        Answer answer = blockedAnswer(reply.facts, decree.lacksKeyOf.has_value(), m_drains);
        if (decree.lacksKeyOf)
            answer.refusedBy = m_book->set.limits[*decree.lacksKeyOf].name;
        return finish(reply, answer, telemetry::DecidedBy::Nobody, nullptr);
    }
    if (decree.charges.empty()) {
        m_board.telemetry.exempt.add();
        return finish(reply, exemptAnswer(reply.facts, m_drains), telemetry::DecidedBy::Nobody, nullptr);
    }
    m_limiter.decide(await(std::move(reply)), decree.charges);
}

engine::Ticket ServerWorker::await(PendingReply reply)
{
    ++m_room.underWay;
    return m_pending.add(std::move(reply));
}

// The plan and the limiter go together: charges are by the places of its limits.
void ServerWorker::adopt(const engine::PoliciesPtr &policies)
{
    m_limiter.adopt(policies);
    m_book = policies->book;
}

void ServerWorker::onDecided(engine::Ticket ticket, const engine::Decision &decision)
{
    PendingReply reply = m_pending.take(ticket);
    --m_room.underWay;
    finish(reply, decidedAnswer(reply.facts, decision, m_drains), decision.by, &decision);
}

void ServerWorker::finish(PendingReply &reply, const Answer &answer, telemetry::DecidedBy by,
                          const engine::Decision *decision)
{
    reply.facts.closes = reply.facts.closes || m_drains;
    // Before it is sent: who has an answer finds it counted and in the table.
    const auto took = std::chrono::duration_cast<Micros>(steady_clock::now() - reply.facts.readAt);
    if (decision && decision->hasVerdict())
        m_board.telemetry.decisions.record(took);
    if (m_board.telemetry.requests.hasRoom())
        record(reply, answer, by, decision, took);
    reply.send(answer.bytes);
}

void ServerWorker::record(const PendingReply &reply, const Answer &answer, telemetry::DecidedBy by,
                          const engine::Decision *decision, Micros took)
{
    telemetry::RequestRecord row;
    row.atUs = std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds{1};
    row.client = reply.facts.client;
    row.method = std::string_view{reply.facts.method};
    const auto &hidden = m_book->plan.hiddenParameters();
    row.target = hidden.empty() ? telemetry::ShortText<120>{reply.facts.target}
                                : telemetry::ShortText<120>{policy::withoutValues(reply.facts.target, hidden)};
    row.status = answer.status;
    row.decidedBy = by;
    if (decision && decision->hasVerdict()) {
        row.tokensLeft = decision->verdict.tokensLeft;
        row.isRefused = decision->verdict.kind != limit::Verdict::Kind::Admitted;
        row.limit = std::string_view{decision->limit->name};
        row.cost = static_cast<std::uint32_t>(std::min<limit::Tokens>(decision->cost, UINT32_MAX));
        row.key = decision->subject;
    } else {
        row.isRefused = !answer.refusedBy.empty();
        row.limit = answer.refusedBy;
    }
    row.retryAfterS = answer.retryAfterS;
    row.tookUs = static_cast<std::uint32_t>(took.count());
    m_board.telemetry.requests.push(row);
}

// One sweep over all connections instead of a timer for each; none while nobody is there.
void ServerWorker::checkTimes()
{
    const auto now = steady_clock::now();
    const std::vector<GuardedSocket *> sockets{m_room.sockets.begin(), m_room.sockets.end()};
    for (GuardedSocket *socket : sockets) // they go by deleteLater, so none dies under the loop
        socket->checkTime(now);
    m_room.farewells.checkTimes(now);
    if (m_room.sockets.empty() && m_room.farewells.count() == 0)
        m_deadlineTimer.stop();
}

void ServerWorker::drain(milliseconds deadline)
{
    m_drains = true;
    m_drainStart = steady_clock::now();
    if (m_asks)
        m_asks->close();
    for (const auto &listener : m_listeners)
        listener->closeAfterBacklog();
    connect(&m_drainTimer, &QTimer::timeout, this, [this, deadline] {
        const auto passed = steady_clock::now() - m_drainStart;
        const std::vector<GuardedSocket *> sockets{m_room.sockets.begin(), m_room.sockets.end()};
        const bool isDone = sockets.empty() && m_room.farewells.count() == 0
                            && !m_limiter.handBack(); // a step is longer than a call mostly takes
        if (isDone || passed >= deadline) {
            m_drainTimer.stop();
            Q_EMIT drained();
        } else if (passed >= kDrainGrace) {
            for (GuardedSocket *socket : sockets)
                socket->closeIfIdle();
        }
    });
    m_drainTimer.start(kDrainStep);
}

} // namespace weir::http
