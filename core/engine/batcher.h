// SPDX-License-Identifier: GPL-3.0-only
// Collects the takes of one turn of the event loop into one batch.
#pragma once

#include <functional>
#include <vector>

#include <QObject>

#include "core/engine/decision.h"
#include "core/engine/policies.h"
#include "core/engine/turn_end.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// Requests in order of arrival; equal costs in a row are one run.
struct Batch {
    std::vector<limit::CostRun> runs;
    std::vector<Ticket> tickets; ///< one per request
    PoliciesPtr policies{};      ///< by which it is decided; null: by those in force when it goes out
};

/// A batch goes out at the latest with this many requests: bounds memory and the store's work.
inline constexpr std::size_t kMaxBatch = store::kMaxRuns; // never more runs than requests

/// Thread: lives in one thread.
class Batcher : public QObject {
    Q_OBJECT
public:
    explicit Batcher(std::function<void(Batch)> submit, QObject *parent = nullptr);

    /// `submit` is called when turn() ends, or now when the batch is full.
    void add(Ticket ticket, limit::Tokens cost);
    [[nodiscard]] TurnEnd &turn() { return m_turn; }
    void flush();

private:
    std::function<void(Batch)> m_submit;
    Batch m_batch;
    TurnEnd m_turn;
};

} // namespace weir::engine
