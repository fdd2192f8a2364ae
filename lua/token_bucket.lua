-- SPDX-License-Identifier: GPL-3.0-only
-- take: one token bucket with interval refill, a batch of costs. The contract is README.md beside this file.
--
-- KEYS[1]   the bucket: a hash `weir:{LIMIT:SUBJECT}`
-- ARGV[1]   epoch of the caller's limit, >= 1
-- ARGV[2]   capacity, tokens
-- ARGV[3]   refill, tokens per interval
-- ARGV[4]   interval, microseconds
-- ARGV[5]   level of a bucket that does not exist yet, tokens
-- ARGV[6]   what becomes of the tokens first: keep | proportional | refill | drain
-- ARGV[7]   now, microseconds since 1970; 0 = the server's TIME (everything but tests)
-- ARGV[8..] pairs: cost, count = `count` requests in a row of `cost` tokens each
-- RETURN    {0, tokens, next_refill_us, now_us, refilled, admitted, refused, granted per pair...}
--           {1, tokens, next_refill_us, now_us, 0, admitted, refused, epoch, capacity, refill, interval_us}
--           when the caller's limit is older than the bucket's: nothing was done
-- ERRORS    WEIRARGS (the caller), WEIRSTATE (what is stored is broken; it is left as it is)
-- ATOMIC    because refill, verdicts and totals belong together: no other client sees a half of them
-- COST      O(pairs), one HMGET, one HSET, one PEXPIRE when an interval has passed
-- TTL       time from empty to full + 2 intervals, renewed with every interval that passes

local MAX = 9007199254740991   -- 2^53 - 1: from 2^53 on doubles skip whole numbers
local MAX_CAPACITY = 1000000000
local MAX_EVERY = 31622400000000 -- 366 days; with MAX_CAPACITY it keeps the products below exact
local CLOCK_STEP = 2000000     -- a clock that went back by less is waited for
local HALF = 32768
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max

local function whole(text)
  if not text or not string.match(text, '^%d+$') then return nil end
  local number = tonumber(text)
  if number > MAX then return nil end
  return number
end

-- A lifetime total stops at MAX rather than become a number that `whole` refuses for ever.
local function total(before, more) return min(before + more, MAX) end

local function text(number) return string.format('%.0f', number) end

local epoch, capacity, refill = whole(ARGV[1]), whole(ARGV[2]), whole(ARGV[3])
local every, start, mode, now = whole(ARGV[4]), whole(ARGV[5]), ARGV[6], whole(ARGV[7])
if not (epoch and capacity and refill and every and start and now)
   or epoch < 1 or capacity < 1 or capacity > MAX_CAPACITY or refill < 1 or every < 1 or every > MAX_EVERY
   or start > capacity or #ARGV % 2 == 0
   or not (mode == 'keep' or mode == 'proportional' or mode == 'refill' or mode == 'drain') then
  return redis.error_reply('WEIRARGS the arguments are not those of take')
end
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function level_after_change(tokens, before)
  if mode == 'keep' then return min(tokens, capacity) end
  if mode == 'refill' then return capacity end
  if mode == 'drain' then return 0 end
  -- floor(tokens * capacity / before) in two halves, so that no product passes 2^53
  local high = tokens * floor(capacity / HALF)
  local rest = (high % before) * HALF + tokens * (capacity % HALF)
  return floor(high / before) * HALF + floor(rest / before)
end

local stored = redis.call('HMGET', KEYS[1], 'epoch', 'capacity', 'refill', 'every',
                          'tokens', 'interval', 'admitted', 'refused', 'taken', 'refilled')
local tokens, interval, admitted, refused, taken, refilled_total
local refilled, renewed, adopted, regressed = 0, false, false, false

local found = 0
for i = 1, 10 do
  if stored[i] then found = found + 1 end
end
if found == 0 then
  tokens, interval = start, floor(now / every)
  admitted, refused, taken, refilled_total = 0, 0, 0, 0
  if mode ~= 'keep' then tokens = level_after_change(tokens, capacity) end
  renewed, adopted = true, true
else
  for i = 1, 10 do
    stored[i] = whole(stored[i])
    if not stored[i] then return redis.error_reply('WEIRSTATE a field of the bucket is missing or not a whole number') end
  end
  local old_capacity, old_refill, old_every = stored[2], stored[3], stored[4]
  tokens, interval, admitted, refused, taken, refilled_total = stored[5], stored[6], stored[7], stored[8], stored[9], stored[10]
  if old_capacity < 1 or old_capacity > MAX_CAPACITY or old_refill < 1 or old_every < 1 or old_every > MAX_EVERY
     or tokens > old_capacity then
    return redis.error_reply('WEIRSTATE the numbers of the bucket contradict each other')
  end
  if epoch < stored[1] or (epoch == stored[1]
     and (capacity ~= old_capacity or refill ~= old_refill or every ~= old_every)) then
    -- Intervals may be due that a stale call does not apply.
    local current = max(interval, floor(now / old_every))
    return {1, tokens, (current + 1) * old_every - now, now, 0, admitted, refused,
            stored[1], old_capacity, old_refill, old_every}
  end
  local current = floor(now / old_every)
  if current > interval then
    local missing = old_capacity - tokens
    if current - interval >= ceil(missing / old_refill) then
      refilled = missing
    else
      refilled = (current - interval) * old_refill
    end
    tokens, interval, refilled_total, renewed = tokens + refilled, current, total(refilled_total, refilled), true
  elseif current < interval and interval * old_every - now > CLOCK_STEP then
    interval, renewed, regressed = current, true, true
  end
  if epoch > stored[1] or mode ~= 'keep' then
    if every ~= old_every then interval = floor(now / every) end
    tokens = level_after_change(tokens, old_capacity)
    renewed, adopted = true, true
  end
end

local answer = {0, 0, 0, now, refilled, 0, 0}
for i = 8, #ARGV, 2 do
  local cost, count = whole(ARGV[i]), whole(ARGV[i + 1])
  -- Nothing is written before the loop ends, so a bad pair leaves the bucket as it was.
  if not (cost and count) then return redis.error_reply('WEIRARGS a cost or count is not a whole number') end
  local granted = count
  if cost > 0 then granted = min(count, floor(tokens / cost)) end
  tokens, taken = tokens - granted * cost, total(taken, granted * cost)
  admitted, refused = total(admitted, granted), total(refused, count - granted)
  answer[#answer + 1] = granted
end

if adopted then
  redis.call('HSET', KEYS[1], 'epoch', text(epoch), 'capacity', text(capacity), 'refill', text(refill), 'every', text(every),
             'tokens', text(tokens), 'interval', text(interval), 'admitted', text(admitted), 'refused', text(refused),
             'taken', text(taken), 'refilled', text(refilled_total))
elseif renewed or #ARGV > 7 then
  redis.call('HSET', KEYS[1], 'tokens', text(tokens), 'interval', text(interval), 'admitted', text(admitted),
             'refused', text(refused), 'taken', text(taken), 'refilled', text(refilled_total))
end
if regressed then redis.call('HINCRBY', KEYS[1], 'regressions', 1) end
if renewed then
  local ttl_us = (ceil(capacity / refill) + 2) * every
  redis.call('PEXPIRE', KEYS[1], text(min(ceil(ttl_us / 1000), 100000000000000)))
end

answer[2], answer[3], answer[6], answer[7] = tokens, (interval + 1) * every - now, admitted, refused
return answer
