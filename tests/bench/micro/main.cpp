// SPDX-License-Identifier: GPL-3.0-only
// Single steps of a request. Alone: their times, by Google Benchmark and its options.
// usage: micro [--benchmark_...] | --versions | valgrind --tool=callgrind --collect-atstart=no micro --instructions TIMES
//
// --instructions: each step TIMES times, and a dump of callgrind with its name as the trigger.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <gnu/libc-version.h>
#include <hiredis/hiredis.h>
#include <valgrind/callgrind.h>

#include <QtGlobal>

#include "tests/bench/micro/operation.h"

using namespace weir::micro;

namespace {

// What the number of instructions depends on besides the sources.
void printVersions()
{
    std::printf("gcc %s, Qt %s, hiredis %d.%d.%d, glibc %s, valgrind %d.%d, %s\n", __VERSION__, qVersion(),
                HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH, gnu_get_libc_version(), __VALGRIND_MAJOR__,
                __VALGRIND_MINOR__, __builtin_cpu_supports("avx2") ? "AVX2" : "no AVX2");
}

void countInstructions(Operations &operations, std::int64_t times)
{
    constexpr std::int64_t kWarmUp = 100; // memory has grown, caches of the libraries are filled
    for (Operation &operation : operations.all()) {
        operation.repeat(kWarmUp);
        CALLGRIND_TOGGLE_COLLECT;
        operation.repeat(times);
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS_AT(operation.name.c_str());
    }
}

void measureTimes(Operations &operations)
{
    for (Operation &operation : operations.all())
        benchmark::RegisterBenchmark(operation.name.c_str(), [&operation](benchmark::State &state) {
            while (state.KeepRunningBatch(state.max_iterations))
                operation.repeat(static_cast<std::int64_t>(state.max_iterations));
        });
    benchmark::RunSpecifiedBenchmarks();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && std::string_view{argv[1]} == "--versions") {
        printVersions();
        return 0;
    }
    Operations operations;
    for (const auto add : {addParser, addKernels, addStoreCalls, addAnswers, addPlans, addTelemetry})
        add(operations);
    if (argc == 3 && std::string_view{argv[1]} == "--instructions") {
        countInstructions(operations, std::atoll(argv[2]));
        return 0;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    measureTimes(operations);
    return 0;
}
