-- SPDX-License-Identifier: GPL-3.0-only
-- take_each: the short way of take_all for the calls that are made most. Behind call.lua and token_bucket.lua, and before
-- all else, for to make the functions of a script is most of what a call on few buckets costs.
--
-- Every limit of the call is a token-bucket, every bucket is stored by just that limit, owes nothing and is what its caller
-- knows, and every request takes from one bucket: then nothing has to be compared, adopted or made anew, and a bucket needs
-- no record. Whatever else there is, it leaves to take_all, having written nothing.

local STATE_SIZE, RUN_OF_ONE = 8 * NUMBER, 5 * NUMBER
local KERNEL = {intervals_to_full = intervals_to_full} -- as much of the token bucket's as is needed here

-- A bucket is so many places of one list, in this order.
local PLACES = 12
local ADMITTED, REFUSED, BORN, LOSSES, RESTORED, TAKEN, REFILLED, TOKENS, INTERVAL, LIMIT_OF, STORED, RENEWED =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12

-- The limits of the call and their bytes as a bucket stores them; nil: not the short way.
local function token_buckets(blob)
  local limits = {}
  for position = 1, #blob, LIMIT_SIZE do
    local algorithm, epoch, capacity, refill, every, start, mode = numbers_at(LIMIT, blob, position)
    local limit = spec_of(KERNEL, capacity, refill, every)
    if not limit or algorithm ~= 0 or mode ~= 0 or epoch < 1 or epoch > MAX or start > capacity then return nil end
    limit.stored, limit.last = string.sub(blob, position, position + 5 * NUMBER - 1), floor(MAX / every) - 2
    limits[#limits + 1] = limit
  end
  return limits
end

-- All buckets of the call as of now; nil: not the short way.
local function buckets_now(limits, now)
  local blob, all, at = ARGV[4], {}, 0
  for i = 1, #blob / BUCKET_SIZE do
    local place, known, k_losses, k_taken = numbers_at('<I7I7I7I7', blob, (i - 1) * BUCKET_SIZE + 1)
    local limit, stored = limits[place], call('HMGET', KEYS[i], 'limit', 'state', 'admitted', 'refused')
    local state, admitted, refused = stored[2], numbers[stored[3]] or whole(stored[3]), numbers[stored[4]] or whole(stored[4])
    if not (limit and state and admitted and refused) or stored[1] ~= limit.stored or #state ~= STATE_SIZE then return nil end
    local born, losses, restored, taken, refilled, debt, tokens, interval = numbers_at(STATE_OF_TWO, state)
    local passed = floor(now / limit.every) - interval
    if debt > 0 or passed < 0 or interval > limit.last or tokens > limit.capacity or born < 1
       or max(born, losses, restored, taken, refilled) > MAX
       or (known ~= 0 and (born ~= known or losses > k_losses or taken < k_taken)) then
      return nil
    end
    if passed > 0 then
      local more = added_by_intervals(limit.capacity - tokens, passed, limit.refill)
      tokens, interval, refilled = tokens + more, interval + passed, total(refilled, more)
    end
    all[at + ADMITTED], all[at + REFUSED], all[at + BORN], all[at + LOSSES] = admitted, refused, born, losses
    all[at + RESTORED], all[at + TAKEN], all[at + REFILLED], all[at + TOKENS] = restored, taken, refilled, tokens
    all[at + INTERVAL], all[at + LIMIT_OF], all[at + STORED], all[at + RENEWED] = interval, limit, stored, passed > 0
    at = at + PLACES
  end
  return all
end

-- What is told of the runs, and what has to wait: place of its number, bucket, cost; nil: not the short way.
local function judge_each(all, runs)
  local verdicts, last, waits, size = {}, 0, {}, #all
  for position = 1, #runs, RUN_OF_ONE do
    local count, asks, place, cost, shadow = numbers_at('<I7I7I7I7I7', runs, position)
    local at = (place - 1) * PLACES
    if asks ~= 1 or shadow ~= 0 or count > MAX or cost > MAX or at < 0 or at >= size then return nil end
    local room, granted = all[at + TOKENS], count
    if cost > 0 and count * cost > room then granted = (room - room % cost) / cost end
    if granted > 0 then
      all[at + TOKENS], all[at + TAKEN] = room - granted * cost, total(all[at + TAKEN], granted * cost)
      all[at + ADMITTED] = total(all[at + ADMITTED], granted)
    end
    verdicts[last + 1], verdicts[last + 2], verdicts[last + 3], verdicts[last + 4] = granted, granted, 0, 0
    last = last + 4
    if granted < count then
      all[at + REFUSED], verdicts[last - 1] = total(all[at + REFUSED], count - granted), 1
      waits[#waits + 1] = {last, at, cost}
    end
  end
  return verdicts, waits
end

-- Writes bucket `at`; what is told of it: 15 numbers.
local function save_each(key, all, at, now)
  local admitted, refused, limit, stored = all[at + ADMITTED], all[at + REFUSED], all[at + LIMIT_OF], all[at + STORED]
  local born, losses, restored, taken = all[at + BORN], all[at + LOSSES], all[at + RESTORED], all[at + TAKEN]
  local refilled, tokens, interval = all[at + REFILLED], all[at + TOKENS], all[at + INTERVAL]
  local state = packed(STATE_OF_TWO, born, losses, restored, taken, refilled, 0, tokens, interval)
  -- Only what has changed: to write a field costs more than to read one.
  if refused == numbers[stored[4]] then
    call('HSET', key, 'state', state, 'admitted', text(admitted))
  elseif admitted == numbers[stored[3]] then
    call('HSET', key, 'state', state, 'refused', text(refused))
  else
    call('HSET', key, 'state', state, 'admitted', text(admitted), 'refused', text(refused))
  end
  if all[at + RENEWED] then
    limit.ttl = limit.ttl or life_text(life_us(KERNEL, limit))
    call('PEXPIRE', key, limit.ttl)
  end
  local until_more, until_full, missing = 0, 0, limit.capacity - tokens
  if missing > 0 then
    until_more = (interval + 1) * limit.every - now -- each interval brings some
    until_full = until_interval_brings(missing, interval, limit.refill, limit.every, now)
  end
  return packed(TOLD, tokens, until_more, until_full, admitted, refused, taken, refilled, born, losses, restored, 0, 0,
                tokens, interval, 0)
end

-- Until there are `cost` tokens.
local function wait_for(cost, all, at, now)
  local limit, missing = all[at + LIMIT_OF], cost - all[at + TOKENS]
  if cost > limit.capacity then return MAX + 1 end
  return missing > 0 and until_interval_brings(missing, all[at + INTERVAL], limit.refill, limit.every, now) or 0
end

-- The answer of take_all; nil: not the short way.
local function take_each()
  local now, limits, buckets, runs = whole(ARGV[1]), ARGV[3], ARGV[4], ARGV[5]
  if not (now and limits and buckets and runs) or ARGV[2] ~= '1' or #limits % LIMIT_SIZE ~= 0 or #buckets % BUCKET_SIZE ~= 0
     or #KEYS * BUCKET_SIZE < #buckets or #runs == 0 or #runs % RUN_OF_ONE ~= 0
     or numbers_at('<I7', runs, NUMBER + 1) ~= 1 then -- asks of the first run
    return nil
  end
  limits = token_buckets(limits)
  if not limits then return nil end
  now = time_of_call(now)
  local all = buckets_now(limits, now)
  if not all then return nil end
  local verdicts, waits = judge_each(all, runs)
  if not verdicts then return nil end
  local told = {}
  for i = 1, #all / PLACES do
    told[i] = save_each(KEYS[i], all, (i - 1) * PLACES, now)
  end
  -- From the levels after the whole call: a retry meets those.
  for i = 1, #waits do
    local place, at, cost = unpack(waits[i])
    verdicts[place] = wait_for(cost, all, at, now)
  end
  return {0, now, table.concat(told), packed_list(verdicts)}
end

local answer = take_each()
if answer then return answer end
