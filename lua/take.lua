-- SPDX-License-Identifier: GPL-3.0-only
-- take: decides a batch of requests on several buckets; each takes from all its buckets or from none. Follows buckets.lua.
--
-- ARGV      as call.lua; ARGV[5]: for each run of like requests how many, how many asks, and for each ask the bucket
--           (its place from 1), the cost and 1 if it is of a shadow: that takes what it can and never refuses; or 2 in
--           all asks of the run: it was granted before and is given back
-- ARGV[6]   who calls, if it is a refiller: a name that is kept with the intervals that it applies
-- RETURN    {0, now, 15 numbers a bucket, for each run: granted, and for each ask: in how many requests it took, 1 if it
--           had no room for the next, and the time until it has (us; 2^53: never), and for a refiller a list: for each bucket
--           who applied its last interval, '-' for a request and '' when that is not known}, or {1, now, 6 numbers a bucket} when a
--           limit of the call is older than its bucket's: then nothing was done. ../README.md has them by name
-- ATOMIC    nothing runs between read and write, so no token is taken twice and no request takes from a part of its buckets
-- COST      O(buckets + asks); an HMGET and an HSET each, a PEXPIRE when an interval has passed; no loops over keys

local who = ARGV[6]
if who and (#who > 64 or not find(who, '^[%w._:-]+$')) then return redis.error_reply(ARGUMENTS) end
local list, now = open_all()
if not list then return now end

local blob, position, size = ARGV[5] or '', 1, ARGV[5] and #ARGV[5] or 0
local verdicts, last = {}, 0 -- the numbers that are returned, run by run, and the place of the last of them
local waits = {}             -- waits to be worked out: place in `verdicts`, bucket, cost

-- Decide a run of `count` requests with the asks bs[n], costs[n], shadows[n], n = 1 ... asks.
local bs, costs, shadows = {}, {}, {}
local function judge(count, asks)
  local granted = count
  for n = 1, asks do
    local cost = costs[n]
    if cost > 0 and not shadows[n] then
      local room = bs[n].room
      if granted * cost > room then granted = (room - room % cost) / cost end
    end
  end
  local at = last + 1
  verdicts[at] = granted
  for n = 1, asks do
    local b, cost, taken, turned_away, room = bs[n], costs[n], granted, 0, bs[n].room
    if shadows[n] then
      if taken * cost > room then taken = (room - room % cost) / cost end
      turned_away = granted - taken
    end
    local tokens = taken * cost
    if tokens > 0 then
      b.kernel.take(b.spec, b.cell, tokens)
      b.taken, room = total(b.taken, tokens), room - tokens
      b.room = room
    end
    if granted < count and not shadows[n] and room < cost then turned_away = count - granted end
    if taken > 0 then b.admitted = total(b.admitted, taken) end
    if turned_away > 0 then b.refused = total(b.refused, turned_away) end
    verdicts[at + 1], verdicts[at + 2], verdicts[at + 3] = taken, turned_away > 0 and 1 or 0, 0
    if turned_away > 0 or (granted < count and not shadows[n]) then waits[#waits + 1] = {at + 3, b, cost} end
    at = at + 3
  end
  last = at
end

-- Give back what was taken ahead and not used. `taken` never falls, because callers compare it with what they know. A
-- cost that no bucket has room for stands for refusals, which are taken off the count.
local function give_back(count, asks)
  verdicts[last + 1] = count
  last = last + 1
  for n = 1, asks do
    local b, cost, room = bs[n], costs[n], bs[n].room
    if cost > b.spec.capacity then
      b.refused = max(0, b.refused - count)
    else
      local back = min(b.spec.capacity - room, cost * count)
      if b.kernel.name == 'token-bucket' then
        b.cell.tokens = room + back
      elseif back > 0 then
        b.cell = b.kernel.with(b.spec, room + back, max(now, b.kernel.time_of(b.spec, b.cell)))
      end
      b.room, b.refilled, b.admitted = room + back, total(b.refilled, back), max(0, b.admitted - count)
    end
    verdicts[last + 1], verdicts[last + 2], verdicts[last + 3] = 0, 0, 0
    last = last + 3
  end
end

-- Nothing is written before all is judged, so a bad run leaves every bucket as it was.
while position <= size do
  if position + 2 * NUMBER - 1 > size then return redis.error_reply(ARGUMENTS) end
  local count, asks = numbers_at('<I7I7', blob, position)
  if count > MAX or asks < 1 or asks > MAX then return redis.error_reply(ARGUMENTS) end
  position = position + 2 * NUMBER
  local returns = nil
  for n = 1, asks do
    if position + 3 * NUMBER - 1 > size then return redis.error_reply(ARGUMENTS) end
    local place, cost, shadow = numbers_at('<I7I7I7', blob, position)
    if n == 1 then returns = shadow == 2 end
    if not list[place] or cost > MAX or (shadow == 2) ~= returns then return redis.error_reply(ARGUMENTS) end
    bs[n], costs[n], shadows[n] = list[place], cost, shadow == 1
    position = position + 3 * NUMBER
  end
  if returns then give_back(count, asks) else judge(count, asks) end
end

local told = {}
for i = 1, #list do
  told[i] = told_of(list[i], now)
  save(KEYS[i], list[i], now)
end
-- Waits are from the levels after the whole call, which a retry meets.
for i = 1, #waits do
  local place, b, cost = unpack(waits[i])
  verdicts[place] = cost <= b.spec.capacity and until_room(b, cost, now) or MAX + 1
end
if not who then return {0, now, table.concat(told), packed_list(verdicts)} end

-- Keep the refiller with the number of its interval; an interval applied by a request leaves them as they are.
local names = {}
for i = 1, #list do
  local b, name, interval = list[i], '', nil
  if b.kernel.name == 'token-bucket' then
    if b.advanced then
      name = who
      call('HSET', KEYS[i], 'refiller', who .. ' ' .. text(b.cell.interval))
    else
      local kept = call('HGET', KEYS[i], 'refiller') or ''
      name, interval = string.match(kept, '^(%S+) (%d+)$')
      name = name and (interval == text(b.cell.interval) and name or '-') or kept
    end
  end
  names[i] = name
end
return {0, now, table.concat(told), packed_list(verdicts), names}
