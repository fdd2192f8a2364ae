// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/ahead/owed_refusals.h"

#include <algorithm>
#include <utility>

#include "core/engine/batch/batch_parts.h"

namespace weir::engine {
namespace {

constexpr std::int64_t kMostInARun = store::kMaxRuns; // as many as a batch of requests has

void addRuns(Batch &report, limit::Tokens cost, std::int64_t requests)
{
    for (; requests > 0; requests -= kMostInARun)
        report.runs.push_back({{{report.buckets.size() - 1, cost, false}}, std::min(requests, kMostInARun)});
}

} // namespace

std::int64_t &OwedRefusals::numberOf(const Batch &batch, const limit::Ask &ask, bool isImpossible)
{
    Owed &owed = m_requests[batch.buckets[ask.bucket].name];
    return isImpossible ? owed.impossible : owed.refused;
}

void OwedRefusals::add(const Batch &batch, const limit::TakeOutput &output)
{
    for (std::size_t i = 0; i < batch.runs.size(); ++i)
        for (std::size_t k = 0; k < batch.runs[i].asks.size(); ++k)
            if (const limit::AskOutput &told = output.runs[i].asks[k]; told.isRefusing)
                numberOf(batch, batch.runs[i].asks[k], !told.wait) += batch.runs[i].count;
}

void OwedRefusals::addAgain(const Batch &report)
{
    for (const limit::AskRun &run : report.runs)
        numberOf(report, run.asks.front(), run.asks.front().cost == kOwedImpossibleCost) += run.count;
}

std::vector<Batch> OwedRefusals::take(const PoliciesPtr &policies, bool isSpread)
{
    std::vector<Batch> reports;
    for (const auto &[name, owed] : std::exchange(m_requests, {})) {
        const auto bucket = bucketOf(name, *policies);
        if (!bucket)
            continue;
        const std::string group = groupOf(*bucket, *policies, isSpread);
        const auto fits = [&](const Batch &report) {
            return report.group == group && report.buckets.size() < store::kMaxBuckets;
        };
        auto report = std::find_if(reports.rbegin(), reports.rend(), fits);
        if (report == reports.rend()) {
            reports.push_back(
                {.group = group, .buckets = {}, .runs = {}, .tickets = {}, .policies = policies, .sent = {}});
            report = reports.rbegin();
        }
        report->buckets.push_back(*bucket);
        addRuns(*report, kOwedCost, owed.refused);
        addRuns(*report, kOwedImpossibleCost, owed.impossible);
    }
    return reports;
}

} // namespace weir::engine
