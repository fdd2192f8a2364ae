// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/batch/verdicts.h"

#include <algorithm>

namespace weir::engine {
namespace {

using limit::Verdict;

// Never beats refused for longer, refused beats fewer tokens.
bool isStricter(const Verdict &a, const Verdict &b)
{
    if (a.kind != b.kind)
        return a.kind > b.kind; // Admitted, Refused, Impossible
    if (a.kind == Verdict::Kind::Refused)
        return a.retryAfter > b.retryAfter;
    return a.tokensLeft < b.tokensLeft;
}
static_assert(Verdict::Kind::Admitted < Verdict::Kind::Refused && Verdict::Kind::Refused < Verdict::Kind::Impossible);

class Teller {
public:
    Teller(const Batch &batch, const limit::TakeOutput &output, Decision::By by)
        : m_batch{batch}, m_output{output}, m_decision{.by = by, .verdict = {}}
    {
        for (const limit::BucketOutput &bucket : output.buckets)
            m_levels.push_back(bucket.room);
        for (std::size_t i = 0; i < batch.runs.size(); ++i)
            for (std::size_t k = 0; k < batch.runs[i].asks.size(); ++k) {
                const limit::Ask &ask = batch.runs[i].asks[k];
                m_levels[ask.bucket] += output.runs[i].asks[k].taken * ask.cost;
            }
    }

    /// The n-th request of run i.
    const Decision &tell(std::size_t i, std::int64_t n)
    {
        const limit::AskRun &run = m_batch.runs[i];
        const limit::RunOutput &told = m_output.runs[i];
        m_all.clear();
        for (std::size_t k = 0; k < run.asks.size(); ++k) {
            const limit::Ask &ask = run.asks[k];
            if (n < told.asks[k].taken)
                m_levels[ask.bucket] -= ask.cost;
            if (!ask.isShadow)
                m_all.push_back(verdictOf(ask, told.asks[k], n < told.granted));
        }
        chooseStrictest(run, n < told.granted);
        return m_decision;
    }

private:
    LimitVerdict verdictOf(const limit::Ask &ask, const limit::AskOutput &told, bool isAdmitted) const
    {
        const limit::BucketOutput &bucket = m_output.buckets[ask.bucket];
        LimitVerdict one{&m_batch.policies->limits[m_batch.buckets[ask.bucket].limit], {}};
        one.verdict.kind = Verdict::Kind::Admitted;
        if (!isAdmitted && !told.wait)
            one.verdict.kind = Verdict::Kind::Impossible;
        else if (!isAdmitted && (told.isRefusing || told.wait->count() > 0))
            one.verdict.kind = Verdict::Kind::Refused;
        one.verdict.tokensLeft = m_levels[ask.bucket];
        one.verdict.retryAfter = isAdmitted || !told.wait ? Micros{0} : *told.wait;
        one.verdict.nextRefill = limit::nextRefill(bucket, m_output.now);
        return one;
    }

    // All limits are shadows: nobody has a say, and the request is admitted by the first of them.
    void chooseStrictest(const limit::AskRun &run, bool isAdmitted)
    {
        const limit::Ask &first = run.asks.front();
        m_decision.all = m_all;
        m_decision.limit = &m_batch.policies->limits[m_batch.buckets[first.bucket].limit];
        m_decision.verdict = {Verdict::Kind::Admitted, m_levels[first.bucket], Micros{0}, Micros{0}};
        noteAsk(first);
        const auto strictest =
            std::max_element(m_all.begin(), m_all.end(), [](const LimitVerdict &a, const LimitVerdict &b) {
                return isStricter(b.verdict, a.verdict);
            });
        if (strictest == m_all.end())
            return;
        noteAsk(*askOf(run, strictest - m_all.begin()));
        m_decision.limit = strictest->limit;
        m_decision.verdict = strictest->verdict;
        // Between the refusal and the end of the batch nothing comes back, so one of them still says no.
        if (isAdmitted)
            m_decision.verdict.kind = Verdict::Kind::Admitted;
    }

    /// The n-th that is no shadow.
    static const limit::Ask *askOf(const limit::AskRun &run, std::ptrdiff_t n)
    {
        return &*std::find_if(run.asks.begin(), run.asks.end(),
                              [&](const limit::Ask &ask) { return !ask.isShadow && n-- == 0; });
    }

    void noteAsk(const limit::Ask &ask)
    {
        m_decision.cost = ask.cost;
        m_decision.subject = m_batch.buckets[ask.bucket].subject;
    }

    const Batch &m_batch;
    const limit::TakeOutput &m_output;
    Decision m_decision;
    std::vector<limit::Tokens> m_levels; ///< by bucket, right before the next request
    std::vector<LimitVerdict> m_all;
};

} // namespace

void forEachDecision(const Batch &batch, const limit::TakeOutput &output, Decision::By by,
                     const std::function<void(Ticket, const Decision &)> &visit)
{
    Teller teller{batch, output, by};
    std::size_t next = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i)
        for (std::int64_t n = 0; n < batch.runs[i].count; ++n)
            visit(batch.tickets[next++], teller.tell(i, n));
}

} // namespace weir::engine
