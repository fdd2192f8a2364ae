// SPDX-License-Identifier: GPL-3.0-only
// From a decision to the bytes of its answer: core/http/answers.
#include <array>
#include <cstdlib>

#include "core/http/answers.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {
namespace {

using limit::Verdict;

struct Case {
    std::array<limit::Limit, 3> limits{limit::Limit{"global", {}}, limit::Limit{"per-client", {}},
                                       limit::Limit{"per-route", {}}};
    std::size_t count;
    Verdict verdict;
    std::uint16_t status;
    http::RequestFacts facts;

    Case(std::size_t limitCount, Verdict::Kind kind, std::uint16_t expected)
        : count{limitCount}, verdict{kind, 3, Micros{22'100'000}, Micros{37'000'000}}, status{expected}
    {
        facts.method = "GET";
        facts.target = "/";
        facts.client = std::string_view{"203.0.113.77"};
    }
    qsizetype operator()() const
    {
        std::array<engine::LimitVerdict, 3> all;
        for (std::size_t i = 0; i < count; ++i)
            all[i] = {&limits[i], verdict};
        engine::Decision decision;
        decision.verdict = verdict;
        decision.limit = limits.data();
        if (count > 1)
            decision.all = std::span{all}.first(count);
        const http::Answer answer = http::decidedAnswer(facts, decision, false);
        if (answer.status != status)
            std::abort();
        return answer.bytes.size();
    }
};

} // namespace

void addAnswers(Operations &operations)
{
    operations.add("answer/200", Case{1, Verdict::Kind::Admitted, 200});
    operations.add("answer/429", Case{1, Verdict::Kind::Refused, 429});
    operations.add("answer/200 with three limits", Case{3, Verdict::Kind::Admitted, 200});
}

} // namespace weir::micro
