// SPDX-License-Identifier: GPL-3.0-only
// One token bucket in memory behind a link that can be cut, before or after what was asked is done.
#pragma once

#include <QCoreApplication>

#include <algorithm>
#include <functional>
#include <vector>

#include "core/store/memory_store.h"

namespace weir::test {

/// A link to the store that can be cut, and held up.
class TokenLink final : public store::BucketStore {
public:
    enum class State { Fine, Away, AnswersGetLost, Held, Broken };
    explicit TokenLink(store::MemoryStore &shared) : m_shared{shared} {}
    State state{State::Fine};
    std::int64_t takes{0};   ///< with runs: probes have none
    std::size_t longest{0};  ///< most runs of a call
    std::int64_t returns{0}; ///< calls that gave something back

    void take(store::TakeRequest request, store::TakeDone done) override
    {
        takes += request.runs.empty() ? 0 : 1;
        longest = std::max(longest, request.runs.size());
        returns += request.givesBack ? 1 : 0;
        if (state == State::Fine)
            return m_shared.take(std::move(request), std::move(done));
        if (state == State::Held)
            return m_shared.take(std::move(request),
                                 [this, done = std::move(done)](const Result<limit::TakeOutput> &result) {
                                     held.emplace_back([done, result] { done(result); });
                                 });
        if (state == State::AnswersGetLost)
            m_shared.take(request, [](const Result<limit::TakeOutput> &) {});
        const bool isBroken = state == State::Broken;
        const Error error{isBroken ? Error::Code::State : Error::Code::Unavailable, "test", !isBroken,
                          state == State::AnswersGetLost};
        QMetaObject::invokeMethod(
            qApp, [done = std::move(done), error] { done(error); }, Qt::QueuedConnection);
    }
    void ping(store::WriteDone done) override { m_shared.ping(std::move(done)); }
    void takeAll(store::GroupRequest, store::GroupDone) override {}
    void settleAll(store::GroupSettleRequest, store::GroupSettleDone) override {}
    void settle(store::SettleRequest, store::SettleDone) override {}
    void countInstances(std::int64_t, const std::string &, store::CountDone) override {}
    void loadLimit(const std::string &, store::LimitDone) override {}
    void loadRegister(const std::vector<std::string> &, store::RegisterDone) override {}
    void saveLimit(const limit::Limit &, store::WriteDone) override {}

    std::vector<std::function<void()>> held;

private:
    store::MemoryStore &m_shared;
};

} // namespace weir::test
