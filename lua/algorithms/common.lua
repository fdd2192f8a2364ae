-- SPDX-License-Identifier: GPL-3.0-only
-- The base of the algorithms: whole numbers, exact products, the modes of a change. The first fragment of a script.
--
-- A script is this file, even_flow.lua if one of the three even algorithms is in it, the algorithms, and a driver, in
-- this order. kernels[NAME] is a function that makes the algorithm's table; call it once a script call, and only for
-- the algorithms in use, because making functions is most of the cost of a call. ../README.md says what is in it.

local MAX = 9007199254740991   -- 2^53 - 1: from 2^53 on doubles skip whole numbers
local MAX_CAPACITY = 1000000000
local MAX_EVERY = 31622400000000 -- 366 days; with MAX_CAPACITY it keeps the products below exact
local CLOCK_STEP = 60000000    -- a clock that went back by at most this is waited for
local SPARE = 1000000          -- kept for so long at least after it is full, and less than twice as long: the key of a subject
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max
local find, format = string.find, string.format
local kernels = {}

-- The buckets of a call are much alike, so most texts occur again.
local numbers = {['0'] = 0}
local function whole(text)
  local number = numbers[text]
  if number then return number end
  if not text or not find(text, '^%d+$') then return nil end
  number = tonumber(text)
  if number > MAX then return nil end
  numbers[text] = number
  return number
end

-- Whole numbers from 0 to MAX; %d is faster, and a C int everywhere.
local texts = {}
local function text(number)
  local known = texts[number]
  if known then return known end
  known = format(number < 2147483648 and '%d' or '%.0f', number)
  texts[number] = known
  return known
end

-- floor(a * b / m) and the remainder, for whole a <= MAX, b <= MAX_CAPACITY, 1 <= m <= MAX_EVERY. Beyond MAX: MAX and 0.
local function scaled(a, b, m)
  local times, d = floor(a / m), a % m
  if times > 0 and b > floor(MAX / times) then return MAX, 0 end
  local quotient, rest = 0, 0
  if d == 0 or b <= floor(MAX / d) then
    quotient, rest = floor(d * b / m), d * b % m
  else
    -- b in five digits of 7 bits, from the highest: (m - 1) * 128 + (m - 1) * 127 stays below 2^53.
    local left, place = b, 268435456
    for _ = 1, 5 do
      local digit = floor(left / place)
      left, place = left - digit * place, place / 128
      local part = rest * 128 + d * digit
      quotient, rest = quotient * 128 + floor(part / m), part % m
    end
  end
  quotient = times * b + quotient
  if quotient > MAX then return MAX, 0 end
  return quotient, rest
end

-- Return what `mode` makes of `tokens` when the capacity changes.
local function level_after_change(tokens, before, after, mode)
  if mode == 'keep' then return min(tokens, after) end
  if mode == 'refill' then return after end
  if mode == 'drain' then return 0 end
  -- floor(tokens * after / before) in two halves, so that no product passes 2^53
  local high = tokens * floor(after / 32768)
  local rest = (high % before) * 32768 + tokens * (after % 32768)
  return floor(high / before) * 32768 + floor(rest / before)
end

-- Take `cost` tokens, or as many as are there; return how many.
local function charge(kernel, spec, cell, cost)
  local charged = min(cost, kernel.room(spec, cell))
  kernel.take(spec, cell, charged)
  return charged
end

-- Make a cell from its numbers, as of kernel.numbers; nil when they are not those of a cell.
local function restored(kernel, spec, ...) return (kernel.restore or kernel.read)(spec, ...) end

-- Return the cell under another limit. When the algorithm changes (`old` ~= `new`), only the room is kept.
local function adopted(old, new, before, after, cell, mode, now)
  if old == new then
    old.adopt(before, after, cell, mode, now)
    return cell
  end
  local room = level_after_change(old.room(before, cell), before.capacity, after.capacity, mode)
  -- Not from before the time of the cell: what has come back since then would come again.
  return new.with(after, room, max(now, old.time_of(before, cell)))
end

-- Return how long a key is kept that is renewed once an interval: until the bucket is full, and an interval to spare.
local function life_us(kernel, spec) return min((kernel.intervals_to_full(spec) + 2) * spec.every, MAX) end
-- Return the longest time that a debt takes to be paid.
local function paid_us(spec, debt) return ceil(debt / spec.refill) * spec.every end
local function life_text(us) return text(min(ceil(us / 1000), 100000000000000)) end -- as PEXPIRE wants it

-- Make a limit from its numbers; nil when they are invalid.
local function spec_of(kernel, capacity, refill, every)
  if not (capacity and refill and every) or capacity < 1 or capacity > MAX_CAPACITY or refill < 1 or refill > capacity
     or every < 1 or every > MAX_EVERY then
    return nil
  end
  local spec = {capacity = capacity, refill = refill, every = every}
  if kernel.accepts and not kernel.accepts(spec) then return nil end
  return spec
end
