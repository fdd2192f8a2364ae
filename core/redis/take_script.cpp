// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/take_script.h"

#include <optional>

#include "core/redis/script_numbers.h"
#include "core/redis/script_set.h"

namespace weir::redis {
namespace {

using store::TakeRequest;

/// ARGV[1..4] of lua/token_bucket.lua; `now` 0: the server's time.
Words callArguments(const TakeRequest &request, QByteArrayView mode, Micros now, const limit::Known &known)
{
    NumberWriter limit{5};
    limit.add({static_cast<std::int64_t>(limit::Algorithm::TokenBucket), request.epoch, request.spec.capacity,
               request.spec.refill, request.spec.interval.count()});
    NumberWriter call{12};
    call.add({request.spec.startTokens(), now.count(), std::int64_t{request.appliesDue}, known.born, known.losses,
              known.taken, known.tokens, known.interval, known.admitted, known.refused, known.refilled, known.debt});
    return {limit.bytes(), mode.toByteArray(), QByteArray::fromStdString(request.refiller), call.bytes()};
}

// How many numbers lua/token_bucket.lua tells, besides what it tells of each run.
constexpr std::size_t kStaleNumbers = 9;
constexpr std::size_t kNumbers = 14;
constexpr std::size_t kSettleNumbers = 4;

limit::TakeOutput readStale(NumberReader &numbers, const TakeRequest &request)
{
    limit::TakeOutput output;
    output.isStale = true;
    output.inForce = request.spec;
    output.tokens = numbers.next();
    output.nextRefill = Micros{numbers.next()};
    output.now = Micros{numbers.next()};
    output.admitted = numbers.next();
    output.refused = numbers.next();
    output.epoch = numbers.next();
    readLimitNumbers(numbers, output.inForce);
    return output;
}

limit::TakeOutput readBucket(NumberReader &numbers, const TakeRequest &request)
{
    limit::TakeOutput output;
    output.inForce = request.spec;
    output.epoch = request.epoch;
    output.tokens = numbers.next();
    output.nextRefill = Micros{numbers.next()};
    output.now = Micros{numbers.next()};
    output.refilled = numbers.next();
    output.admitted = numbers.next();
    output.refused = numbers.next();
    output.taken = numbers.next();
    output.refilledTotal = numbers.next();
    output.interval = numbers.next();
    output.born = numbers.next();
    output.losses = numbers.next();
    output.restored = numbers.next();
    output.memory = readMemory(numbers);
    output.debt = numbers.next();
    return output;
}

bool isStale(const Reply &reply)
{
    return !reply.items.empty() && reply.items[0].integer == 1;
}

/// Those of {stale, numbers}, of a refiller {stale, numbers, who refilled last}; `more` of them are not of the bucket.
/// Nothing: the answer has another shape.
std::optional<NumberReader> numbersIn(const Reply &reply, bool isRefiller, std::size_t more)
{
    if (reply.items.size() != (isRefiller && !isStale(reply) ? 3 : 2))
        return {};
    const NumberReader numbers{reply.items[1].text};
    return numbers.has(isStale(reply) ? kStaleNumbers : kNumbers + more) ? std::optional{numbers} : std::nullopt;
}

limit::TakeOutput readOutput(const Reply &reply, NumberReader &numbers, const TakeRequest &request)
{
    return isStale(reply) ? readStale(numbers, request) : readBucket(numbers, request);
}

} // namespace

Words argumentsOf(const TakeRequest &request, Micros now, const limit::Known &known)
{
    Words argv = callArguments(request, request.givesBack ? "return" : modeWord(request.mode), now, known);
    NumberWriter runs{2 * request.runs.size()};
    for (const limit::CostRun &run : request.runs)
        runs.add({run.cost, run.count});
    argv.push_back(runs.bytes());
    return argv;
}

Words argumentsOf(const store::SettleRequest &request, Micros now)
{
    Words argv = callArguments(request.call, "settle", now, request.known);
    const limit::Settlement &settlement = request.settlement;
    NumberWriter numbers{13};
    numbers.add({settlement.outage, settlement.part, std::int64_t{settlement.isWhole}, settlement.baseTokens,
                 settlement.baseDebt, settlement.baseInterval, settlement.baseTaken, settlement.inDoubt, settlement.tokens,
                 settlement.interval, settlement.spent, settlement.admitted, settlement.refused});
    argv.push_back(numbers.bytes());
    return argv;
}

Result<limit::TakeOutput> readTake(const Reply &reply, const TakeRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    const bool isRefiller = request.refiller != "-";
    std::optional<NumberReader> numbers = numbersIn(reply, isRefiller, request.runs.size());
    if (!numbers)
        return malformed();
    limit::TakeOutput output = readOutput(reply, *numbers, request);
    if (!output.isStale) {
        output.granted.reserve(request.runs.size());
        for (std::size_t i = 0; i < request.runs.size(); ++i)
            output.granted.push_back(numbers->next());
        if (isRefiller)
            output.refiller = reply.items[2].text.toStdString();
    }
    if (numbers->hasBroken())
        return malformed();
    return output;
}

Result<limit::SettleOutput> readSettle(const Reply &reply, const store::SettleRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    std::optional<NumberReader> numbers = numbersIn(reply, false, kSettleNumbers);
    if (!numbers)
        return malformed();
    limit::SettleOutput output;
    output.bucket = readOutput(reply, *numbers, request.call);
    if (!output.bucket.isStale) {
        output.isSettled = numbers->next() == 1;
        output.isExact = numbers->next() == 1;
        output.excess = numbers->next();
        output.foundTaken = numbers->next();
    }
    if (numbers->hasBroken())
        return malformed();
    return output;
}

} // namespace weir::redis
