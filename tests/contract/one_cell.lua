-- SPDX-License-Identifier: GPL-3.0-only
-- A driver for the tests: one cell, everything that an algorithm can do, and no totals. It comes after the fragments.
--
-- KEYS[1]  a hash: algorithm, capacity, refill, every, and the fields of the algorithm
-- ARGV     algorithm, capacity, refill, every_us, level of a new cell, keep|proportional|refill|drain, now_us,
--          take|charge, then pairs of cost and count: charge takes cost * count, or as much as is there;
--          or known, then the numbers of a cell that somebody remembers, for a key that is gone
-- RETURN   {regressed, room, until_change_us, until_full_us, life_us, then for each pair: granted (charge: charged),
--          us until there is room for the cost, -1: never}
local name, mode, now, op = ARGV[1], ARGV[6], whole(ARGV[7]), ARGV[8]
local made = {}
local function kernel_of(algorithm)
  if not made[algorithm] and algorithm then made[algorithm] = kernels[algorithm] and kernels[algorithm]() end
  return algorithm and made[algorithm]
end
local kernel = kernel_of(name)
local spec = kernel and spec_of(kernel, whole(ARGV[2]), whole(ARGV[3]), whole(ARGV[4]))
local start = whole(ARGV[5])
if not (spec and start and now) or start > spec.capacity then
  return redis.error_reply('WEIRARGS these are not the arguments of one cell')
end

-- The numbers of a cell from their texts; nothing: they are none.
local function numbers_of(algorithm, texts)
  local first, second, third = whole(texts[1]), whole(texts[2]), whole(texts[3])
  if first and second and (third or not algorithm.fields[3]) then return first, second, third end
end

local known
if op == 'known' then
  local first, second, third = numbers_of(kernel, {ARGV[9], ARGV[10], ARGV[11]})
  known = first and restored(kernel, spec, first, second, third)
  if not known or #ARGV ~= 8 + #kernel.fields then
    return redis.error_reply('WEIRARGS what is known is no cell')
  end
end

local common = redis.call('HMGET', KEYS[1], 'algorithm', 'capacity', 'refill', 'every')
local cell, regressed, list = nil, 0, {}
if known then
  cell = known
  regressed = kernel.advance(spec, cell, now)
elseif not (common[1] or common[2] or common[3] or common[4]) then
  cell = kernel.with(spec, start, now)
else
  local old = common[1] and kernel_of(common[1])
  local before = old and spec_of(old, whole(common[2]), whole(common[3]), whole(common[4]))
  if before then
    local texts = redis.call('HMGET', KEYS[1], old.fields[1], old.fields[2], old.fields[3] or 'log')
    local first, second, third = numbers_of(old, texts)
    if old.log then third = texts[3] end
    cell = first and old.read(before, first, second, third)
  end
  regressed = cell and old.advance(before, cell, now)
  if not regressed then return redis.error_reply('WEIRSTATE the cell is broken') end
  if mode ~= 'keep' or old ~= kernel or before.capacity ~= spec.capacity or before.refill ~= spec.refill
     or before.every ~= spec.every then
    cell = adopted(old, kernel, before, spec, cell, mode, now)
    if old.log then list = {'log', ''} end
  end
end

local answer = {regressed, 0, 0, 0, life_us(kernel, spec)}
for i = 9, known and 0 or #ARGV, 2 do
  local cost, count = whole(ARGV[i]), whole(ARGV[i + 1])
  local granted
  if op == 'charge' then
    granted = charge(kernel, spec, cell, cost * count)
  else
    granted = count
    if cost > 0 then granted = min(count, floor(kernel.room(spec, cell) / cost)) end
    kernel.take(spec, cell, granted * cost)
  end
  answer[#answer + 1] = granted
  answer[#answer + 1] = cost <= spec.capacity and kernel.until_room(spec, cell, cost, now) or -1
end
local room = kernel.room(spec, cell)
answer[2] = room
answer[3] = kernel.until_room(spec, cell, min(room + 1, spec.capacity), now)
answer[4] = kernel.until_room(spec, cell, spec.capacity, now)

local numbers = {kernel.numbers(cell)}
for n = 1, #numbers do list[#list + 1], list[#list + 2] = kernel.fields[n], text(numbers[n]) end
if kernel.log then list[#list + 1], list[#list + 2] = 'log', kernel.log(cell) end
redis.call('HSET', KEYS[1], 'algorithm', name, 'capacity', text(spec.capacity), 'refill', text(spec.refill),
           'every', text(spec.every), unpack(list))
return answer
