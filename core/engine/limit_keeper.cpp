// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/limit_keeper.h"

#include <utility>

#include "core/engine/level_report.h"

namespace weir::engine {
namespace {

constexpr int kMaxAttempts = 4;

} // namespace

LimitKeeper::LimitKeeper(store::BucketStore &store, telemetry::LevelBoard &levels, QObject *parent)
    : QObject{parent}, m_store{store}, m_levels{levels}
{
}

void LimitKeeper::settle(const std::string &name, const config::LimitWish &wish, limit::TokenMode mode, Done done)
{
    m_store.loadLimit(name, [this, name, wish, mode,
                             done = std::move(done)](const Result<std::optional<limit::Limit>> &known) mutable {
        if (!known)
            return done(known.error());
        onLoaded(known.value(), name, wish, mode, std::move(done));
    });
}

void LimitKeeper::onLoaded(const std::optional<limit::Limit> &known, const std::string &name,
                           const config::LimitWish &wish, limit::TokenMode mode, Done done)
{
    const limit::LimitSpec base = known ? known->spec : limit::LimitSpec{};
    const limit::LimitSpec wished = wish.appliedTo(base);
    if (const auto issues = config::check(wished); !issues.empty()) {
        std::string why = "--" + config::printIssue(issues.front());
        if (wished.algorithm != limit::Algorithm::TokenBucket) // nobody has said so here
            why += " (Redis has the limit " + name + " as a " + std::string{limit::nameOf(wished.algorithm)}
                   + ", which another Weir made it.)";
        return done(Error{Error::Code::Invalid, why, false});
    }
    m_limit = known.value_or(limit::Limit{name, wished, 1});
    if (!known) {
        save();
        return done(m_limit);
    }
    if (wished == base)
        return done(m_limit);
    tryChange(wished, mode, 1, std::move(done));
}

void LimitKeeper::change(const limit::LimitSpec &spec, limit::TokenMode mode, Done done)
{
    tryChange(spec, mode, 1, std::move(done));
}

// The bucket first: from its answer on, every call with the old epoch is refused and told the new limit.
void LimitKeeper::tryChange(const limit::LimitSpec &spec, limit::TokenMode mode, int attempt, Done done)
{
    const limit::Limit next{m_limit.name, spec, m_limit.epoch + 1};
    if (m_limit.spec.algorithm != spec.algorithm)
        changeOver(next, mode, attempt, std::move(done));
    else
        change(next, mode, attempt, std::move(done));
}

// take() reads a bucket of its own algorithm alone; this one makes it out of any other.
void LimitKeeper::changeOver(const limit::Limit &next, limit::TokenMode mode, int attempt, Done done)
{
    m_store.takeAll(
        {{}, {{next.name, {next.spec, next.epoch, mode, {}}}}, {}, true},
        [this, next, mode, attempt, done = std::move(done)](const Result<limit::GroupOutput> &result) mutable {
            if (!result)
                return done(result.error());
            const limit::BucketOutput &bucket = result.value().buckets.front();
            if (bucket.isStale)
                return tryAgain(next, mode, attempt, {next.name, bucket.inForce, bucket.epoch}, std::move(done));
            change(next, limit::TokenMode::Keep, attempt, std::move(done));
        });
}

void LimitKeeper::change(const limit::Limit &next, limit::TokenMode mode, int attempt, Done done)
{
    m_store.take({next.name, next.spec, next.epoch, mode, {}}, [this, next, mode, attempt, done = std::move(done)](
                                                                   const Result<limit::TakeOutput> &result) mutable {
        if (!result)
            return done(result.error());
        const limit::TakeOutput &output = result.value();
        if (output.isStale)
            return tryAgain(next, mode, attempt, {next.name, output.inForce, output.epoch}, std::move(done));
        m_levels.post(reportOf(output, 0));
        adopt(next);
        save();
        done(next);
    });
}

// Another instance was faster; this wish is the later one.
void LimitKeeper::tryAgain(const limit::Limit &wished, limit::TokenMode mode, int attempt, const limit::Limit &inForce,
                           Done done)
{
    learn(inForce);
    if (attempt < kMaxAttempts)
        return tryChange(wished.spec, mode, attempt + 1, std::move(done));
    done(Error{Error::Code::Overloaded, "others change the limit at the same time; try again", true});
}

void LimitKeeper::setLevel(limit::StartLevel level, std::function<void(Result<limit::Tokens>)> done)
{
    const auto mode = level == limit::StartLevel::Full ? limit::TokenMode::Refill : limit::TokenMode::Drain;
    m_store.take({m_limit.name, m_limit.spec, m_limit.epoch, mode, {}},
                 [this, level, done = std::move(done)](const Result<limit::TakeOutput> &result) mutable {
                     if (!result)
                         return done(result.error());
                     const limit::TakeOutput &output = result.value();
                     if (output.isStale) {
                         learn({m_limit.name, output.inForce, output.epoch});
                         return setLevel(level, std::move(done));
                     }
                     m_levels.post(reportOf(output, 0));
                     done(output.tokens);
                 });
}

void LimitKeeper::learn(const limit::Limit &limit)
{
    if (limit::replaces(limit, m_limit))
        adopt(limit);
}

void LimitKeeper::adopt(const limit::Limit &limit)
{
    const limit::LimitSpec before = std::exchange(m_limit, limit).spec;
    Q_EMIT changed(m_limit, before);
}

// The limit is in force already; this is for the time after its bucket.
void LimitKeeper::save()
{
    m_isUnsaved = true;
    m_store.saveLimit(m_limit, [this, epoch = m_limit.epoch](const Result<weir::Done> &saved) {
        if (saved && epoch == m_limit.epoch)
            m_isUnsaved = false;
    });
}

void LimitKeeper::saveIfDue()
{
    if (m_isUnsaved)
        save();
}

} // namespace weir::engine
