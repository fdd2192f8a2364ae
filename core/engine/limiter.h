// SPDX-License-Identifier: GPL-3.0-only
// Decides requests: which bucket, what cost, one store call per batch, and what when the store is away.
#pragma once

#include <functional>

#include <QObject>
#include <QTimer>

#include "core/engine/batcher.h"
#include "core/engine/circuit_breaker.h"
#include "core/engine/decision.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store.
class Limiter : public QObject {
    Q_OBJECT
public:
    using Decided = std::function<void(Ticket, const Decision &)>;

    /// `decided` is called once for every decide(), never from inside it.
    Limiter(store::BucketStore &store, PoliciesPtr policies, telemetry::WorkerTelemetry &telemetry,
            telemetry::LevelBoard &levels, Decided decided, QObject *parent = nullptr);

    void decide(Ticket ticket, limit::Tokens cost);

    /// From now on. An older epoch than the present one changes nothing but the failure policy.
    void adopt(const PoliciesPtr &policies);
    [[nodiscard]] const Policies &policies() const { return *m_policies; }
    [[nodiscard]] const CircuitBreaker &breaker() const { return m_breaker; }

Q_SIGNALS:
    /// The store knows a newer limit than we did; this limiter goes by it already.
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    void submit(Batch batch, int attempt);
    void onTaken(const Batch &batch, const Result<limit::TakeOutput> &result, int attempt);
    void deliver(const Batch &batch, const limit::TakeOutput &output);
    void learnNewer(const limit::TakeOutput &output);
    void fail(const Batch &batch, const Error &error);
    void failLater(Batch batch);
    void noteFailure(const Error &error);
    void probe();
    void onProbed(const Result<limit::TakeOutput> &result);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    telemetry::WorkerTelemetry &m_telemetry;
    telemetry::LevelBoard &m_levels;
    Decided m_decided;
    Batcher m_batcher;
    CircuitBreaker m_breaker;
    Error m_lastError{Error::Code::Unavailable, "the store has not been asked yet", true}; ///< while it is not closed
    QTimer m_probeTimer;
};

/// What a take tells about the level, for a LevelBoard.
[[nodiscard]] telemetry::LevelReport reportOf(const limit::TakeOutput &output, limit::Tokens taken);

} // namespace weir::engine
