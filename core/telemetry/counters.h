// SPDX-License-Identifier: GPL-3.0-only
// What is counted of requests: each counter is one row here, and is there to add to, read, sum up, compare and print.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace weir::telemetry {

/// name, whether it grows for ever or says how it is now, what it says
#define WEIR_COUNTERS(ROW)                                                                                             \
    ROW(admitted, Sum, "requests that the store or this process admitted: 200, or 404 for another path")               \
    ROW(refused, Sum, "requests that a limit refused: 429")                                                            \
    ROW(refusedKnown, Sum, "of the refused: at once, by what the store had said less than 5 ms before")                \
    ROW(undecided, Sum, "requests that the store did not decide: 503, or let through under allow")                     \
    ROW(exempt, Sum, "requests let through without a decision: on the list, or no limit is for them")                  \
    ROW(blocked, Sum, "requests turned down without a decision: 403")                                                  \
    ROW(storeCalls, Sum, "script calls that carried takes, told of refusals, or gave tokens back")                     \
    ROW(inDoubt, Sum, "tokens of takes without an answer: taken or not, given to nobody")                              \
    ROW(connections, Level, "connections that are open now")                                                           \
    ROW(leaseHeld, Level, "tokens that are taken ahead and not used, now")

/// A number that one thread adds to and others read.
class Count {
public:
    void add(std::int64_t n = 1)
    {
        m_value.store(m_value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::int64_t read() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> m_value{0};
};

/// One of each, as Count where it is counted, and as a number where it is read.
template<class T>
struct Counters {
#define WEIR_ROW(name, kind, what) T name{};
    WEIR_COUNTERS(WEIR_ROW)
#undef WEIR_ROW
};

struct CounterRow {
    enum class Kind : std::uint8_t {
        Sum,   ///< since the start
        Level, ///< now
    };
    std::string_view name;
    Kind kind;
    std::string_view what;
    Count Counters<Count>::*count;
    std::int64_t Counters<std::int64_t>::*number;
};

inline constexpr std::array kCounters{
#define WEIR_ROW(name, kind, what)                                                                                     \
    CounterRow{#name, CounterRow::Kind::kind, what, &Counters<Count>::name, &Counters<std::int64_t>::name},
    WEIR_COUNTERS(WEIR_ROW)
#undef WEIR_ROW
};

} // namespace weir::telemetry
