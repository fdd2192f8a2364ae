// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/keep/settler.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/batch/batch_parts.h"
#include "core/engine/presence/failure_policy.h"

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 50ms;
// What a decision may take where nothing fails: requests wait no longer for the last call.
constexpr auto kPatience = 25ms;

} // namespace

Settler::Settler(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, InstanceCount &count,
                 QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_table{table},
      m_count{count},
      m_timer{this},
      m_thaw{this}
{
    m_thaw.setSingleShot(true);
    m_thaw.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Settler::look);
    connect(&m_thaw, &QTimer::timeout, &table, &BucketTable::thaw);
    connect(&table, &BucketTable::begun, this, [this] {
        m_return = {};
        m_isBlocking = false;
        m_timer.start(kLook);
    });
}

// First a call that nobody waits for: a store that hangs must not hold up requests. It asks who else is there by now: only who
// is alone knows what was taken. The count may lie on another server, which is still away.
void Settler::look()
{
    const bool isBack = m_table.mode() == BucketTable::Mode::Store;
    if (isBack && !m_table.hasBlocked())
        return m_timer.stop();
    if (m_isHeld || m_isUnderWay || m_table.mode() == BucketTable::Mode::Settling
        || m_table.worstBreaker() != CircuitBreaker::State::Closed || steadyNow() < m_notBefore)
        return;
    m_isUnderWay = true;
    m_isOfBlocked = isBack;
    m_count.lookFor([this](bool isCounted) {
        m_isCounted = isCounted;
        if (m_isOfBlocked)
            return settleBlocked();
        if (isCounted)
            return settleSome();
        m_store.ping([this](const Result<Done> &result) { result ? settleSome() : giveUpRound(); });
    });
}

std::string Settler::groupOf(const LocalBuckets::Work &work) const
{
    const bool isSpread = m_store.isSpread();
    if (const auto bucket = bucketOf(work.name, *m_policies))
        return engine::groupOf(*bucket, *m_policies, isSpread);
    return isSpread ? work.name : std::string{};
}

void Settler::settleSome()
{
    m_round = m_table.takeWork(m_isCounted);
    if (m_round.isLast)
        m_thaw.start(kPatience);
    sendRound();
}

// The store decides all others meanwhile.
void Settler::settleBlocked()
{
    m_round = m_table.takeBlocked(m_isCounted);
    sendRound();
}

void Settler::sendRound()
{
    std::map<std::string, std::vector<std::size_t>> byGroup;
    for (std::size_t i = 0; i < m_round.work.size(); ++i)
        byGroup[groupOf(m_round.work[i])].push_back(i);
    m_calls.clear();
    for (auto &[group, places] : byGroup)
        m_calls.push_back(std::move(places));
    sendNext(0);
}

void Settler::sendNext(std::size_t first)
{
    if (first >= m_calls.size())
        return finishRound();
    store::SettleRequest request;
    request.instance = m_count.name();
    request.appliesDue = m_policies->refillsOnDemand;
    for (const std::size_t place : m_calls[first]) {
        const LocalBuckets::Work &work = m_round.work[place];
        request.group = groupOf(work);
        limit::Limit inForce{{}, work.call.spec, std::max<std::int64_t>(1, work.call.epoch)}; // 0: it was assumed
        for (const limit::Limit &limit : m_policies->limits)
            if (limit.name == limitOf(work.name) && (work.call.epoch == 0 || limit::replaces(limit, inForce)))
                inForce = limit;
        limit::Settlement settlement = work.settlement;
        // By other numbers the cells mean nothing; what was spent does.
        const bool isSame = limit::hasSameNumbers(inForce.spec, work.call.spec);
        settlement.hasBase = settlement.hasBase && isSame;
        settlement.isWhole = settlement.isWhole && isSame;
        request.buckets.push_back(
            {work.name, {inForce.spec, inForce.epoch, limit::TokenMode::Keep, m_round.known[place]}, settlement});
    }
    m_store.settle(std::move(request),
                   [this, places = m_calls[first], next = first + 1](
                       const Result<std::vector<limit::SettleOutput>> &result) { onSettled(places, result, next); });
}

void Settler::onSettled(const std::vector<std::size_t> &places, const Result<std::vector<limit::SettleOutput>> &result,
                        std::size_t next)
{
    if (!result)
        return onError(places, result.error(), next);
    BucketTable::Settlement confirmed;
    bool isStale = false, isExact = true;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const limit::SettleOutput &output = result.value()[i];
        const LocalBuckets::Work &work = m_round.work[places[i]];
        confirmed.work.push_back(work);
        confirmed.known.push_back(m_round.known[places[i]]);
        isExact = isExact && output.isExact;
        if (output.bucket.isStale) {
            isStale = true;
            Q_EMIT newerLimitFound({limitOf(work.name), output.bucket.inForce, output.bucket.epoch});
        }
    }
    if (isStale)
        return giveUpRound();
    Outcome &outcome = m_late && m_isOfBlocked ? *m_late : m_return;
    outcome.isExact = outcome.isExact && isExact;
    outcome.excess += m_table.confirm(confirmed, result.value(), steadyNow());
    sendNext(next);
}

// One bucket that cannot be told of must not keep the others from it: they are told one by one, and it is blocked.
void Settler::onError(const std::vector<std::size_t> &places, const Error &error, std::size_t next)
{
    if (!needsPerson(error.code))
        return giveUpRound();
    if (places.size() > 1) {
        for (const std::size_t place : places)
            m_calls.push_back({place});
        return sendNext(next);
    }
    const LocalBuckets::Work &work = m_round.work[places.front()];
    if (!m_table.blockedBy(work.name))
        Q_EMIT blocked(limitOf(work.name), error);
    m_table.block(work, error);
    m_isBlocking = true;
    sendNext(next);
}

void Settler::finishRound()
{
    if (m_isOfBlocked) {
        m_isUnderWay = false;
        m_notBefore = steadyNow() + CircuitBreaker::kProbeEvery;
        if (m_late && !m_table.hasBlocked()) {
            const Outcome late = *std::exchange(m_late, std::nullopt);
            Q_EMIT settled(late.isExact, late.excess);
        }
        return;
    }
    if (!m_round.isLast)
        return settleSome();
    m_thaw.stop();
    m_isUnderWay = false;
    if (!m_table.finish(m_return.isExact && !m_isBlocking)) // it took too long; the rest follows at the next look
        return;
    const Outcome outcome = std::exchange(m_return, {});
    if (!m_isBlocking) {
        Q_EMIT settled(outcome.isExact, outcome.excess);
        return;
    }
    const Outcome before = m_late.value_or(Outcome{});
    m_late = {before.isExact && outcome.isExact, before.excess + outcome.excess};
}

void Settler::giveUpRound()
{
    m_thaw.stop();
    m_table.thaw();
    m_isUnderWay = false;
    m_notBefore = steadyNow() + CircuitBreaker::kProbeEvery;
}

} // namespace weir::engine
