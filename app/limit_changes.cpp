// SPDX-License-Identifier: GPL-3.0-only
#include "app/limit_changes.h"

#include <utility>

#include "core/config/limit_set.h"

namespace weir::app {
namespace {

// The store remembers those; whatever else there is, a file must.
bool areNumbersAlone(const config::LimitSet &before, config::LimitSet next)
{
    for (std::size_t i = 0; i < next.limits.size() && i < before.limits.size(); ++i)
        next.limits[i].spec = before.limits[i].spec;
    return next == before;
}

std::string problemsOf(const config::LimitSet &limitSet)
{
    std::string problems;
    for (const config::ConfigIssue &issue : config::check(limitSet))
        problems += (problems.empty() ? "" : "\n") + config::printIssue(issue);
    return problems;
}

} // namespace

LimitChanges::LimitChanges(LimitsInForce &inForce, LimitsFile &file, Surroundings around)
    : m_inForce{inForce},
      m_file{file},
      m_around{std::move(around)},
      m_reload{file, m_changes, [this](const config::Config &found, const FileReload::Applied &applied) {
                   m_inForce.apply(*m_around.store(), found, found.onChange, applied);
               }}
{
}

void LimitChanges::change(const config::LimitSet &next, limit::TokenMode mode, Applied done)
{
    if (std::string problems = problemsOf(next); !problems.empty())
        return done(Error{Error::Code::Invalid, std::move(problems), false});
    m_changes.add([this, next, mode, done = std::move(done)](const ChangeQueue::Finished &finished) {
        writeAndApply(next, mode, [done, finished](const Result<Done> &result) {
            done(result);
            finished();
        });
    });
}

// The file first: what is in force and what is written must not part.
void LimitChanges::writeAndApply(const config::LimitSet &next, limit::TokenMode mode, const Applied &done)
{
    const bool needsFile = !areNumbersAlone(m_inForce.limitSet(), next);
    if (m_file.isThere() || (needsFile && m_file.canBeMade()))
        if (const auto written = m_file.write(next); !written)
            return done(written.error());
    m_inForce.apply(*m_around.store(), next, mode, [this, done](const Result<Done> &applied) {
        if (applied) {
            m_reload.dropWish();
            m_file.noteInForce();
            return m_around.whenAdopted([done] { done(Done{}); });
        }
        if (m_file.isThere())
            m_file.undo();
        done(applied);
    });
}

void LimitChanges::setPolicy(const std::string &limit, config::StoreFailurePolicy policy, Applied done)
{
    m_changes.add([this, limit, policy, done = std::move(done)](const ChangeQueue::Finished &finished) {
        writeAndSet(limit, policy, [done, finished](const Result<Done> &result) {
            done(result);
            finished();
        });
    });
}

void LimitChanges::writeAndSet(const std::string &limit, config::StoreFailurePolicy policy, const Applied &done)
{
    if (m_file.isThere() && m_inForce.has(limit))
        if (const auto written = m_file.writePolicy(limit, policy); !written)
            return done(written.error());
    if (const auto set = m_inForce.setPolicy(limit, policy); !set)
        return done(set);
    m_around.whenAdopted([done] { done(Done{}); });
}

// What the file asks for stands in the queue when it has been read.
void LimitChanges::readAgain(const std::function<void(Done)> &done)
{
    m_file.readAgain();
    m_changes.add([this, done](const ChangeQueue::Finished &finished) {
        m_around.whenAdopted([done] { done({}); });
        finished();
    });
}

} // namespace weir::app
