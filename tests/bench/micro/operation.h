// SPDX-License-Identifier: GPL-3.0-only
// One step of a request, to be done again and again: for its time, and for its instructions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace weir::micro {

struct Operation {
    std::string name;                         ///< "part/what", no commas
    std::function<void(std::int64_t)> repeat; ///< that many times in a row
};

class Operations {
public:
    /// `step` returns something of what it made, so that the making is not left out. What it keeps stays bounded, and
    /// it costs the same however often it was called.
    template<class Step>
    void add(std::string name, Step step)
    {
        m_all.push_back({std::move(name), [step = std::move(step)](std::int64_t times) mutable {
                             for (std::int64_t i = 0; i < times; ++i)
                                 benchmark::DoNotOptimize(step());
                         }});
    }
    [[nodiscard]] std::vector<Operation> &all() { return m_all; }

private:
    std::vector<Operation> m_all;
};

// Each from the file of its name.
void addParser(Operations &operations);
void addKernels(Operations &operations);
void addStoreCalls(Operations &operations);
void addAnswers(Operations &operations);
void addPlans(Operations &operations);
void addTelemetry(Operations &operations);

} // namespace weir::micro
