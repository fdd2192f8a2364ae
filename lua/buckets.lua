-- SPDX-License-Identifier: GPL-3.0-only
-- Buckets of any algorithm as a call on several of them finds, changes and leaves them. The fragment after the algorithms.
--
-- Numbers of a call come and go as doubles, 8 bytes each, the lowest first: to read and write them in decimals took most
-- of the time of a call. All are whole.
--
-- KEYS[i]   bucket i: a hash
-- ARGV[1]   now, microseconds since 1970; 0 = the server's TIME (everything but tests and a clock stepped on purpose)
-- ARGV[2]   1: add the intervals of a token-bucket that are due; 0: leave that to the refiller
-- ARGV[3]   the limits, 7 numbers each: algorithm (place in NAMES from 0), epoch, capacity, refill, every (us), start
--           (tokens), mode (place in MODES from 0)
-- ARGV[4]   the buckets, 10 numbers each: the place of its limit from 1; then the bucket as the caller last knew it, by
--           that limit: born (0: it knows none), losses, taken, admitted, refused, refilled, and three numbers of its
--           cell, as many as the algorithm has

local ARGUMENTS = 'WEIRARGS the arguments are not those of this script'
local NO_BUCKET = 'WEIRARGS what is known of the bucket is no bucket'
local BROKEN = 'WEIRSTATE a field of the bucket is missing or broken'
local MODES = {'keep', 'proportional', 'refill', 'drain'}
local NAMES = {'token-bucket', 'token-bucket-smooth', 'gcra', 'leaky-bucket', 'fixed-window', 'sliding-log', 'sliding-counter'}
local NUMBER, LIMIT, TOLD = 8, '<ddddddd', '<dddddddddddddd'
local LIMIT_SIZE, BUCKET_SIZE = 7 * NUMBER, 10 * NUMBER
local numbers_at, packed, call = struct.unpack, struct.pack, redis.call
local made = {}

local function kernel_of(name)
  local kernel = made[name]
  if not kernel and kernels[name] then
    kernel = kernels[name]()
    kernel.name = name
    local first, second, third = unpack(kernel.fields)
    kernel.fetch = function(key)
      return call('HMGET', key, 'algorithm', 'epoch', 'capacity', 'refill', 'every', 'admitted', 'refused', 'taken', 'refilled',
                  'born', 'losses', 'restored', 'debt', first, second, third or second)
    end
    made[name] = kernel
  end
  return kernel
end

-- A lifetime total stops at MAX rather than become a number that `whole` refuses for ever.
local function total(before, more)
  local sum = before + more
  return sum < MAX and sum or MAX
end

-- NaN is none.
local function is_whole(number) return number >= 0 and number <= MAX and number % 1 == 0 end

-- The limits of the call; nil: they are none.
local function limits_of(blob)
  local limits = {}
  if #blob % LIMIT_SIZE ~= 0 then return nil end
  for position = 1, #blob, LIMIT_SIZE do
    local algorithm, epoch, capacity, refill, every, start, mode = numbers_at(LIMIT, blob, position)
    local kernel = kernel_of(NAMES[algorithm + 1])
    if not (kernel and MODES[mode + 1] and is_whole(epoch) and is_whole(capacity) and is_whole(refill)
            and is_whole(every) and is_whole(start)) then
      return nil
    end
    local spec = spec_of(kernel, capacity, refill, every)
    if not spec or epoch < 1 or start > capacity then return nil end
    limits[#limits + 1] = {kernel = kernel, epoch = epoch, spec = spec, start = start, mode = MODES[mode + 1],
                           -- as they are stored: what is the same text need not be read
                           texts = {text(epoch), text(capacity), text(refill), text(every)}}
  end
  return limits
end

-- What the caller knows of the bucket of record `b`, read only where it differs from what is stored; false: it is no
-- bucket. Of a sliding log the entries are not known, only their sum.
local function recall(b)
  local kernel, spec = b.limit.kernel, b.limit.spec
  local known = {numbers_at('<ddddddddd', ARGV[4], (b.place - 1) * BUCKET_SIZE + NUMBER + 1)}
  for n = 1, 9 do
    if not is_whole(known[n]) then return false end
  end
  local cell
  if kernel.name ~= 'sliding-log' then
    cell = kernel.read(spec, text(known[7]), text(known[8]), text(known[9]))
  elseif known[7] <= spec.capacity then
    cell = kernel.with(spec, spec.capacity - known[7], known[8])
  end
  return cell and {born = known[1], losses = known[2], taken = known[3], admitted = known[4], refused = known[5],
                   refilled = known[6], cell = cell}
end

-- The bucket becomes what the caller knows of it.
local function set_to_known(b, known)
  local limit = b.limit
  b.kernel, b.spec, b.epoch, b.cell = limit.kernel, limit.spec, limit.epoch, known.cell
  b.admitted, b.refused, b.taken, b.refilled = known.admitted, known.refused, known.taken, known.refilled
  b.born, b.losses, b.restored, b.adopted, b.debt = known.born, total(known.losses, 1), known.taken, true, 0
end

-- After so long it is full, whatever was taken from it.
local function is_outlived(b, known, now)
  local kernel, spec = b.limit.kernel, b.limit.spec
  return now - kernel.time_of(spec, known.cell) >= life_us(kernel, spec)
end

local function charge_known(b, tokens) return charge(b.kernel, b.spec, b.cell, tokens) end

-- Taken by somebody already; what is not there any more is paid by what comes back next.
local function owe(b, tokens) b.debt = total(b.debt, tokens - charge_known(b, tokens)) end

-- What the caller knows against what is there, which differ; the same four cases as in token_bucket.lua. Sets b.event. An
-- error, if any.
local function compare(b, now)
  local known = recall(b)
  if not known then return NO_BUCKET end
  if b.born ~= known.born then
    if b.losses > known.losses then return end
    local taken, admitted, refused = b.taken, b.admitted, b.refused
    set_to_known(b, known)
    local before = b.kernel.room(b.spec, b.cell)
    if now > b.kernel.time_of(b.spec, b.cell) then b.kernel.advance(b.spec, b.cell, now) end
    b.refilled = total(b.refilled, b.kernel.room(b.spec, b.cell) - before)
    owe(b, taken)
    b.admitted, b.refused, b.taken = total(b.admitted, admitted), total(b.refused, refused), total(b.taken, taken)
    b.event = 3
  elseif b.losses > known.losses then
    if known.taken <= b.restored then return end
    local extra = known.taken - b.restored
    if is_outlived(b, known, now) then
      b.refilled = total(b.refilled, extra)
    else
      owe(b, extra)
      b.event = 4
    end
    b.taken, b.restored, b.adopted = total(b.taken, extra), known.taken, true
  elseif b.taken < known.taken then
    set_to_known(b, known)
    b.event = 3
  end
end

-- The limit that is stored, which is not the one of the call: its kernel, its epoch, its numbers and all that is stored;
-- nothing: there is no bucket.
local function limit_in_force(key, kernel, stored)
  local found = false
  for n = 2, 9 do found = found or stored[n] end
  if not found then return nil end
  local name = stored[1] or 'token-bucket'
  if name ~= kernel.name then
    kernel = kernel_of(name)
    if not kernel then return nil, BROKEN end
    stored = kernel.fetch(key)
  end
  return kernel, whole(stored[2]), spec_of(kernel, whole(stored[3]), whole(stored[4]), whole(stored[5])), stored
end

-- The record of what is stored for bucket `place` of the call; nil when there is none, or nil and an error. What a field
-- of it is not set to is false or nothing yet: the fewer there are, the less a call costs.
local function stored_bucket(place, limit)
  local key, kernel, texts, epoch, spec = KEYS[place], limit.kernel, limit.texts, limit.epoch, limit.spec
  local stored = kernel.fetch(key)
  if stored[2] ~= texts[1] or stored[3] ~= texts[2] or stored[4] ~= texts[3] or stored[5] ~= texts[4]
     or (stored[1] or 'token-bucket') ~= kernel.name then
    kernel, epoch, spec, stored = limit_in_force(key, kernel, stored)
    if not kernel then return nil, epoch end
  end
  -- A bucket of before the last four were kept has none of them.
  local admitted, refused = numbers[stored[6]] or whole(stored[6]), numbers[stored[7]] or whole(stored[7])
  local taken, refilled = numbers[stored[8]] or whole(stored[8]), numbers[stored[9]] or whole(stored[9])
  local born, losses = whole(stored[10] or '1'), numbers[stored[11] or '0'] or whole(stored[11])
  local restored, debt = numbers[stored[12] or '0'] or whole(stored[12]), numbers[stored[13] or '0'] or whole(stored[13])
  local cell = spec and kernel.read(spec, stored[14], stored[15], stored[16])
  if not (epoch and cell and admitted and refused and taken and refilled and born and losses and restored and debt)
     or born < 1 then
    return nil, BROKEN
  end
  return {place = place, limit = limit, kernel = kernel, epoch = epoch, spec = spec, cell = cell, stored = stored,
          admitted = admitted, refused = refused, taken = taken, refilled = refilled, born = born, losses = losses,
          restored = restored, debt = debt}
end

local function is_stale(b, limit)
  local a, c = b.spec, limit.spec
  if a == c then return false end
  return limit.epoch < b.epoch or (limit.epoch == b.epoch and (b.kernel ~= limit.kernel or a.capacity ~= c.capacity
                                  or a.refill ~= c.refill or a.every ~= c.every))
end

-- Time passes, and the limit of the call is adopted; or an error. From here on b.room is the room of the cell.
local function bring_up_to_date(b, now, due)
  local limit, kernel, spec, cell = b.limit, b.kernel, b.spec, b.cell
  local before, every = kernel.time_of(spec, cell), spec.every
  local room = kernel.room(spec, cell)
  b.renewed = now - now % every ~= before - before % every
  if due == '1' or kernel.name ~= 'token-bucket' or now <= before then
    local regressed = kernel.advance(spec, cell, now)
    if not regressed then return BROKEN end
    if regressed == 1 then b.regressed = true end
    local after = kernel.room(spec, cell)
    if after ~= room then b.refilled, room = total(b.refilled, after - room), after end
  else
    b.overdue = true
  end
  if b.debt > 0 then
    local owed = b.debt
    b.debt = 0
    owe(b, owed)
    room = kernel.room(spec, cell)
  end
  if limit.epoch > b.epoch or limit.mode ~= 'keep' then
    cell = adopted(kernel, limit.kernel, spec, limit.spec, cell, limit.mode, now)
    if kernel ~= limit.kernel then b.left = kernel end
    b.kernel, b.spec, b.epoch, b.cell, b.adopted = limit.kernel, limit.spec, limit.epoch, cell, true
    if limit.mode == 'refill' or limit.mode == 'drain' then b.debt = 0 end -- somebody has set the level
    room = limit.kernel.room(limit.spec, cell)
  end
  b.room = room
end

-- What the stale calls do not know; nothing was done.
local function stale_answer(list, limits, now)
  local told = {}
  for i = 1, #list do
    local b, stale = list[i], list[i] and is_stale(list[i], limits[i])
    if not stale then b = limits[i] end
    local algorithm = 0
    for n = 1, #NAMES do
      if NAMES[n] == b.kernel.name then algorithm = n - 1 end
    end
    told[i] = packed('<dddddd', stale and 1 or 0, b.epoch, algorithm, b.spec.capacity, b.spec.refill, b.spec.every)
  end
  return {1, now, table.concat(told)}
end

-- A bucket that the store does not know; or nil and an error.
local function new_bucket(place, limit, now)
  local b = {place = place, limit = limit, kernel = limit.kernel, epoch = limit.epoch, spec = limit.spec, stored = {},
             admitted = 0, refused = 0, taken = 0, refilled = 0, born = now > 1 and now or 1, losses = 0, restored = 0, debt = 0,
             event = 1, adopted = true}
  if numbers_at('<d', ARGV[4], (place - 1) * BUCKET_SIZE + NUMBER + 1) == 0 then
    b.cell = limit.kernel.with(limit.spec, limit.start, now)
    return b
  end
  -- It was lost, or it has outlived its TTL: either way it goes on from where the caller knew it.
  local known = recall(b)
  if not known then return nil, NO_BUCKET end
  b.event = is_outlived(b, known, now) and 0 or 2
  set_to_known(b, known)
  return b
end

-- The records of all buckets of the call, up to date, none written, and now; or nil and what is to be returned instead.
local function open_all()
  local now, due, limits, blob = whole(ARGV[1]), ARGV[2], ARGV[3] and limits_of(ARGV[3]), ARGV[4]
  if not (now and limits and blob) or #blob == 0 or #blob % BUCKET_SIZE ~= 0 or #KEYS * BUCKET_SIZE < #blob
     or not (due == '0' or due == '1') then
    return nil, redis.error_reply(ARGUMENTS)
  end
  if now == 0 then
    local time = call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  local list, limit_of, stale = {}, {}, false
  for i = 1, #blob / BUCKET_SIZE do
    local place, born, losses, taken = numbers_at('<dddd', blob, (i - 1) * BUCKET_SIZE + 1)
    local limit = limits[place]
    if not limit then return nil, redis.error_reply(ARGUMENTS) end
    local b, broken = stored_bucket(i, limit)
    if broken then return nil, redis.error_reply(broken) end
    if b then
      b.differs = born ~= 0 and (b.born ~= born or b.losses > losses or b.taken < taken)
      stale = stale or is_stale(b, limit)
    end
    list[i], limit_of[i] = b or false, limit
  end
  if stale then return nil, stale_answer(list, limit_of, now) end
  for i = 1, #list do
    local b, wrong = list[i], nil
    if not b then
      b, wrong = new_bucket(i, limit_of[i], now)
      list[i] = b
    elseif b.differs then
      wrong = compare(b, now)
    end
    wrong = wrong or bring_up_to_date(b, now, due)
    if wrong then return nil, redis.error_reply(wrong) end
  end
  return list, now
end

-- What is written of a bucket, for all one after the other.
local fields = {}

-- Only what has changed: to write a number costs more than to read one.
local function save(b)
  local stored, list, n, key = b.stored, fields, 0, KEYS[b.place]
  if b.admitted ~= numbers[stored[6]] then list[1], list[2], n = 'admitted', text(b.admitted), 2 end
  if b.taken ~= numbers[stored[8]] then list[n + 1], list[n + 2], n = 'taken', text(b.taken), n + 2 end
  if b.refused ~= numbers[stored[7]] then list[n + 1], list[n + 2], n = 'refused', text(b.refused), n + 2 end
  if b.refilled ~= numbers[stored[9]] then list[n + 1], list[n + 2], n = 'refilled', text(b.refilled), n + 2 end
  if b.debt ~= numbers[stored[13] or '0'] then list[n + 1], list[n + 2], n = 'debt', text(b.debt), n + 2 end
  if b.adopted then
    local spec = b.spec
    list[n + 1], list[n + 2], list[n + 3], list[n + 4] = 'algorithm', b.kernel.name, 'epoch', text(b.epoch)
    list[n + 5], list[n + 6], list[n + 7], list[n + 8] = 'capacity', text(spec.capacity), 'refill', text(spec.refill)
    list[n + 9], list[n + 10], list[n + 11], list[n + 12] = 'every', text(spec.every), 'born', text(b.born)
    list[n + 13], list[n + 14], list[n + 15], list[n + 16] = 'losses', text(b.losses), 'restored', text(b.restored)
    n = n + 16
  end
  -- Nobody is to read what another algorithm has left.
  if b.left then
    for _, field in ipairs(b.left.fields) do list[n + 1], list[n + 2], n = field, '', n + 2 end
  end
  call('HSET', key, unpack(list, 1, b.kernel.write(b.cell, list, n)))
  if b.regressed then call('HINCRBY', key, 'regressions', 1) end
  if b.renewed or b.adopted then
    local limit = b.spec
    limit.ttl = limit.ttl or text(min(ceil(life_us(b.kernel, limit) / 1000), 100000000000000))
    call('PEXPIRE', key, limit.ttl)
  end
end

-- Until there is room for `cost`. What is due and left to the refiller may come with the next interval at the earliest.
local function until_room(b, cost, now)
  local cell = b.cell
  if b.overdue and b.kernel.name == 'token-bucket' then
    cell = {tokens = cell.tokens, interval = max(cell.interval, floor(now / b.spec.every))}
  end
  return b.kernel.until_room(b.spec, cell, cost, now)
end

-- What every answer tells of a bucket: 14 numbers. The log of a sliding log is not told.
local function told_of(b, now)
  local room, capacity, fields, cell = b.room, b.spec.capacity, b.kernel.fields, b.cell
  local until_more, until_full, third = 0, 0, cell[fields[3] or '']
  if room < capacity then
    until_full = until_room(b, capacity, now)
    until_more = room + 1 < capacity and until_room(b, room + 1, now) or until_full
  end
  if type(third) ~= 'number' then third = 0 end
  return packed(TOLD, room, until_more, until_full, b.admitted, b.refused, b.taken, b.refilled, b.born, b.losses, b.restored,
                b.event or 0, cell[fields[1]], cell[fields[2]], third)
end
