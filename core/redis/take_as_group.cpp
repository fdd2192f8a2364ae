// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/take_as_group.h"

#include <algorithm>

namespace weir::redis {
namespace {

bool isTokenBucket(const limit::LimitSpec &spec)
{
    return spec.algorithm == limit::Algorithm::TokenBucket;
}

limit::BucketCall callOf(const store::TakeRequest &request, const limit::Known &known)
{
    limit::BucketCall call{request.spec, request.epoch, request.mode, {}};
    if (isTokenBucket(request.spec))
        call.known = {known.born,    known.losses,   known.taken, known.admitted,
                      known.refused, known.refilled, known.debt,  {known.tokens, known.interval}};
    return call;
}

} // namespace

store::GroupRequest asGroup(const store::TakeRequest &request, const limit::Known &known)
{
    store::GroupRequest group{{}, {{request.bucket, callOf(request, known)}}, {}, request.appliesDue};
    for (const limit::CostRun &run : request.runs)
        group.runs.push_back({{{0, run.cost, false}}, run.count, request.givesBack});
    return group;
}

// Somebody else has changed the limit meanwhile, so where this instance has come to means nothing; what it spent does.
store::GroupSettleRequest asGroup(const store::SettleRequest &request)
{
    const limit::Settlement &from = request.settlement;
    limit::CellSettlement settlement;
    settlement.outage = from.outage;
    settlement.part = from.part;
    settlement.isWhole = false;
    settlement.baseTaken = from.baseTaken;
    settlement.inDoubt = from.inDoubt;
    settlement.spent = from.spent;
    settlement.admitted = from.admitted;
    settlement.refused = from.refused;
    return {{}, {{request.call.bucket, callOf(request.call, request.known), settlement}}, request.instance};
}

limit::TakeOutput asTake(const limit::GroupOutput &output, const store::TakeRequest &request)
{
    const limit::BucketOutput &told = output.buckets.front();
    limit::TakeOutput take;
    take.isStale = told.isStale;
    take.inForce = told.inForce;
    take.inForce.start = request.spec.start;
    take.epoch = told.epoch;
    take.now = output.now;
    const Micros every = take.inForce.interval;
    take.nextRefill = isTokenBucket(take.inForce) ? every - output.now % every : std::max(told.untilChange, Micros{1});
    if (told.isStale)
        return take;
    take.tokens = told.room;
    take.admitted = told.known.admitted;
    take.refused = told.known.refused;
    take.taken = told.known.taken;
    take.refilledTotal = told.known.refilled;
    take.interval = isTokenBucket(take.inForce) ? told.known.cell[1] : 0;
    take.born = told.known.born;
    take.losses = told.known.losses;
    take.restored = told.restored;
    take.debt = told.known.debt;
    take.memory = told.memory;
    for (const limit::RunOutput &run : output.runs)
        take.granted.push_back(run.granted);
    return take;
}

} // namespace weir::redis
