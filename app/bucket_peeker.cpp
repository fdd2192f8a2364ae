// SPDX-License-Identifier: GPL-3.0-only
#include "app/bucket_peeker.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/batch/batch_parts.h"

namespace weir::app {
namespace {

using engine::BucketPeek;
using engine::BucketQuestion;

constexpr int kMostAttempts = 4; // as for requests: other instances may be changing the limit

// A request pays what the bucket owes first.
std::optional<Micros> waitFor(const limit::BucketOutput &told, limit::Tokens cost, Micros now)
{
    const limit::LimitSpec &spec = told.inForce;
    if (cost <= told.room)
        return Micros{0};
    if (cost > spec.capacity)
        return std::nullopt;
    if (cost == told.room + 1 && told.untilChange > Micros{0})
        return told.untilChange;
    if (cost == spec.capacity)
        return told.untilFull;
    const auto cell = limit::cellOf(spec, std::span{told.known.cell}.first(limit::fieldsOf(spec.algorithm).size()));
    const auto wait = cell ? limit::untilRoom(spec, *cell, cost + told.known.debt, now) : std::nullopt;
    return wait ? std::min(*wait, told.untilFull) : told.untilFull;
}

BucketPeek peekOf(const limit::TakeOutput &output, limit::Tokens cost, telemetry::DecidedBy by)
{
    const limit::BucketOutput &told = output.buckets.front();
    return {told.inForce,
            told.room,
            limit::nextRefill(told, output.now),
            told.untilFull,
            waitFor(told, cost, output.now),
            by};
}

// The answers to several questions on their way; the first Error is the answer to all.
struct Peeks {
    std::vector<BucketPeek> found;
    std::size_t missing;
    BucketPeeker::Done done;
};

} // namespace

void BucketPeeker::peek(const std::vector<BucketQuestion> &questions, const Done &done)
{
    if (questions.empty())
        return done(std::vector<BucketPeek>{});
    const auto peeks =
        std::make_shared<Peeks>(Peeks{std::vector<BucketPeek>(questions.size()), questions.size(), done});
    for (std::size_t i = 0; i < questions.size(); ++i)
        peekOne(questions[i], kMostAttempts, [peeks, i](const Result<BucketPeek> &one) {
            if (peeks->missing == 0)
                return;
            if (!one) {
                peeks->missing = 0;
                return peeks->done(one.error());
            }
            peeks->found[i] = one.value();
            if (--peeks->missing == 0)
                peeks->done(std::move(peeks->found));
        });
}

void BucketPeeker::peekOne(const BucketQuestion &question, int attempts, const PeekDone &done)
{
    store::BucketStore *store = m_store.store();
    const engine::PoliciesPtr &policies = m_inForce.policies();
    if (!store || !policies)
        return done(Error{Error::Code::Unavailable, "Redis has not answered yet, so no bucket can be seen", true});
    const auto bucket = engine::bucketOf(engine::bucketName(question.limit, question.subject), *policies);
    if (!bucket)
        return done(Error{Error::Code::Invalid, "there is no limit of that name any more", false});
    engine::Batch batch;
    batch.policies = policies;
    batch.buckets.push_back(*bucket);
    batch.group = engine::groupOf(*bucket, *policies, store->isSpread());
    engine::BucketTable &table = m_parts.table();
    if (!table.send(batch)) {
        const auto output = table.takeLocally(batch, policies->refillsOnDemand, steadyNow());
        return output ? done(peekOf(*output, question.cost, telemetry::DecidedBy::Local))
                      : done(Error{Error::Code::Unavailable, "what was decided without Redis is just being entered",
                                   true});
    }
    store::TakeRequest request = requestOf(batch, policies->refillsOnDemand);
    store->take(std::move(request),
                [this, batch = std::move(batch), question, attempts, done](const Result<limit::TakeOutput> &result) {
                    if (!result) {
                        m_parts.table().lose(batch, false);
                        return done(result.error());
                    }
                    m_parts.table().hear(batch, result.value(), steadyNow());
                    const limit::BucketOutput &told = result.value().buckets.front();
                    if (!told.isStale)
                        return done(peekOf(result.value(), question.cost, telemetry::DecidedBy::Store));
                    m_parts.keeper()->learn({question.limit, told.inForce, told.epoch});
                    if (attempts <= 1)
                        return done(Error{Error::Code::Unavailable, "the limits are being changed; try again", true});
                    peekOne(question, attempts - 1, done);
                });
}

} // namespace weir::app
