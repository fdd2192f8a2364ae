-- SPDX-License-Identifier: GPL-3.0-only
-- take_all: several buckets, a batch of requests; each takes from all its buckets or from none. Behind buckets.lua.
--
-- ARGV      as buckets.lua; ARGV[5]: for each run of like requests how many, how many asks, and for each ask the bucket
--           (its place from 1), the cost and 1 if it is of a shadow: that takes what it can and never refuses
-- RETURN    {0, now, 14 numbers a bucket, for each run: granted, and for each ask: in how many requests it took, 1 if it
--           had no room for the next, and the time until it has (us; -1: never)}, or {1, now, 6 numbers a bucket} when a
--           limit of the call is older than its bucket's: then nothing was done. ../README.md has them by name
-- ATOMIC    nothing runs between what is read and what is written, so no token is taken twice and no request takes half
-- COST      O(buckets + asks); an HMGET and an HSET each, a PEXPIRE when an interval has passed; no loops over keys

local list, now = open_all()
if not list then return now end

local RUN, ASK = '<dd', '<ddd'
local blob, runs, position = ARGV[5] or '', {}, 1

-- Nothing is written before all is judged, so a bad run leaves every bucket as it was.
local function ask_at(position)
  if position + 3 * NUMBER - 1 > #blob then return nil end
  local place, cost, shadow = numbers_at(ASK, blob, position)
  local b = list[place]
  if not (b and is_whole(cost)) then return nil end
  return {b = b, kernel = b.kernel, cost = cost, shadow = shadow == 1, taken = 0, refusing = false}
end

local function judge(run)
  local count, granted = run.count, run.count
  for n = 1, #run do
    local ask = run[n]
    if not ask.shadow and ask.cost > 0 then
      local most = floor(ask.kernel.room(ask.b.spec, ask.b.cell) / ask.cost)
      if most < granted then granted = most end
    end
  end
  run.granted = granted
  for n = 1, #run do
    local ask = run[n]
    local b, cost, taken = ask.b, ask.cost, granted
    if ask.shadow and cost > 0 then taken = min(granted, floor(ask.kernel.room(b.spec, b.cell) / cost)) end
    if taken * cost > 0 then ask.kernel.take(b.spec, b.cell, taken * cost) end
    local turned_away = 0
    if ask.shadow then
      turned_away = granted - taken
    elseif granted < count and ask.kernel.room(b.spec, b.cell) < cost then
      turned_away = count - granted
    end
    ask.taken, ask.refusing = taken, turned_away > 0
    b.admitted, b.taken = total(b.admitted, taken), total(b.taken, taken * cost)
    b.refused = total(b.refused, turned_away)
  end
end

while position + 2 * NUMBER - 1 <= #blob do
  local count, asks = numbers_at(RUN, blob, position)
  if not (is_whole(count) and is_whole(asks)) or asks < 1 then return redis.error_reply(ARGUMENTS) end
  local run = {count = count, granted = count}
  position = position + 2 * NUMBER
  for n = 1, asks do
    run[n] = ask_at(position)
    if not run[n] then return redis.error_reply(ARGUMENTS) end
    position = position + 3 * NUMBER
  end
  judge(run)
  runs[#runs + 1] = run
end
if position <= #blob then return redis.error_reply(ARGUMENTS) end

-- Numbers one after the other, as doubles; some at a time, for they go over Lua's stack.
local function packed_list(numbers)
  local pieces, size = {}, #numbers
  for first = 1, size, 128 do
    local last = first + 127
    if last > size then last = size end
    pieces[#pieces + 1] = packed('<' .. string.rep('d', last - first + 1), unpack(numbers, first, last))
  end
  return table.concat(pieces)
end

local told, verdicts, size = {}, {}, 0
for i = 1, #list do
  save(list[i])
  told[i] = told_of(list[i], now)
end
-- From the levels after the whole call: a retry meets those.
for i = 1, #runs do
  local run = runs[i]
  size = size + 1
  verdicts[size] = run.granted
  for n = 1, #run do
    local ask, wait = run[n], 0
    if ask.refusing or (run.granted < run.count and not ask.shadow) then
      wait = -1
      if ask.cost <= ask.b.spec.capacity then wait = until_room(ask.b, ask.cost, now) end
    end
    verdicts[size + 1], verdicts[size + 2], verdicts[size + 3] = ask.taken, ask.refusing and 1 or 0, wait
    size = size + 3
  end
end
return {0, now, table.concat(told), packed_list(verdicts)}
