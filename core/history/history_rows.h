// SPDX-License-Identifier: GPL-3.0-only
// What the history holds: counts by stretches of time, and marks of what happened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::history {

/// What was counted in a stretch of time, of one limit or of the whole process.
struct Counts {
    std::int64_t admitted{0};      ///< of the process: let through for whatever reason
    std::int64_t refused{0};       ///< by a limit
    std::int64_t undecided{0};     ///< of the process: answered 503, because nobody decided
    std::int64_t withoutStore{0};  ///< of the process: decided while the store was away
    std::int64_t other{0};         ///< of the process: blocked, or turned away before a decision
    std::int64_t awayS{0};         ///< of the process: seconds in which the store did not decide
    std::int64_t p99Us{-1};        ///< of the process: of the decision times, the longest of any second; -1: none
    std::int64_t tokens{-1};       ///< of a limit: the level at the end; -1: not known
    std::int64_t fewestTokens{-1}; ///< the lowest of any second

    [[nodiscard]] bool isEmpty() const
    {
        return admitted == 0 && refused == 0 && undecided == 0 && withoutStore == 0 && other == 0 && awayS == 0;
    }
    friend bool operator==(const Counts &, const Counts &) = default;
};

struct Row {
    std::string limit;   ///< empty: the whole process
    std::int64_t atS{0}; ///< seconds since 1970 at which the stretch begins
    Counts counts;
};

/// Something that happened.
struct Mark {
    enum class Kind : std::uint8_t { Start, Change, Failure };
    std::int64_t atMs{0}; ///< since 1970
    Kind kind{Kind::Change};
    std::string who;      ///< "host:pid"; empty: this Weir
    std::string sentence; ///< plain English
    friend bool operator==(const Mark &, const Mark &) = default;
};

/// What is asked of the history: a stretch of time of one limit.
struct Question {
    std::string limit;     ///< empty: the whole process
    std::int64_t fromS{0}; ///< seconds since 1970
    std::int64_t toS{0};   ///< not included
    std::int64_t mostRows{1000};
};

struct Answer {
    std::int64_t stepS{1}; ///< length of the stretch of each row
    std::vector<Row> rows; ///< oldest first; a stretch without anything has none
    std::vector<Mark> marks;
};

/// Everything that was ever counted, as far as it is kept.
struct Lifetime {
    std::int64_t sinceS{0}; ///< seconds since 1970; 0: nothing yet
    Counts counts;
};

// How long is kept what.
inline constexpr std::int64_t kSecondsKeptS = 2 * 3600;
inline constexpr std::int64_t kMinutesKeptS = 14 * 86'400;
inline constexpr std::int64_t kHoursKeptS = 762 * 86'400; // 25 months
inline constexpr std::int64_t kMostMarks = 10'000;

} // namespace weir::history
