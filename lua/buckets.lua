-- SPDX-License-Identifier: GPL-3.0-only
-- Reads, updates and writes the buckets of a call, of any algorithm. Follows call.lua and the algorithms.

local ARGUMENTS = 'WEIRARGS the arguments are not those of this script'
local NO_BUCKET = 'WEIRARGS what is known of the bucket is no bucket'
local BROKEN = 'WEIRSTATE a field of the bucket is missing or broken'
local MODES = {'keep', 'proportional', 'refill', 'drain'}
local NAMES = {'token-bucket', 'token-bucket-smooth', 'gcra', 'leaky-bucket', 'fixed-window', 'sliding-log', 'sliding-counter'}
local made = {}

local function kernel_of(place)
  local name = NAMES[place]
  local kernel = made[name]
  if not kernel and kernels[name] then
    kernel = kernels[name]()
    kernel.name, kernel.place, kernel.state = name, place, #kernel.fields == 2 and STATE_OF_TWO or STATE_OF_THREE
    kernel.state_size = (6 + #kernel.fields) * NUMBER
    made[name] = kernel
  end
  return kernel
end

-- Return the limits of the call; nil when they are invalid.
local function limits_of(blob)
  local limits = {}
  if #blob % LIMIT_SIZE ~= 0 then return nil end
  for position = 1, #blob, LIMIT_SIZE do
    local algorithm, epoch, capacity, refill, every, start, mode = numbers_at(LIMIT, blob, position)
    local kernel = kernel_of(algorithm + 1)
    local spec = kernel and MODES[mode + 1] and spec_of(kernel, capacity, refill, every)
    if not spec or epoch < 1 or epoch > MAX or start > capacity then return nil end
    limits[#limits + 1] = {kernel = kernel, epoch = epoch, spec = spec, start = start, mode = MODES[mode + 1],
                           -- what is stored is mostly the same, and then not decoded
                           stored = packed(STORED_LIMIT, algorithm, epoch, capacity, refill, every)}
  end
  return limits
end

-- Return what the caller knows of bucket `place` of the call, whose record is `b`; false when that is no bucket.
-- Decoded only where it differs from what is stored. Of a sliding log only the sum of the entries is known.
local function recall(b, place)
  local kernel, spec = b.limit.kernel, b.limit.spec
  local _, born, losses, taken, admitted, refused, refilled, debt, first, second, third =
    numbers_at(BUCKET, ARGV[4], (place - 1) * BUCKET_SIZE + 1)
  if max(born, losses, taken, admitted, refused, refilled, debt, first, second, third) > MAX then return false end
  local cell = restored(kernel, spec, first, second, third)
  return cell and {born = born, losses = losses, taken = taken, admitted = admitted, refused = refused, refilled = refilled,
                   debt = debt, cell = cell}
end

-- Replace the state of the bucket by what the caller knows of it.
local function set_to_known(b, known, now)
  local limit = b.limit
  b.leaves_log = b.kernel.log
  b.kernel, b.spec, b.epoch, b.cell = limit.kernel, limit.spec, limit.epoch, known.cell
  b.admitted, b.refused, b.taken, b.refilled = known.admitted, known.refused, known.taken, known.refilled
  b.born, b.losses, b.restored, b.adopted, b.debt = known.born, min(max(known.losses + 1, now), MAX), known.taken, true,
    known.debt
end

-- Tell whether the TTL of the known bucket is over by now, because it has been full for a while.
local function is_outlived(b, known, now)
  local kernel, spec, cell = b.limit.kernel, b.limit.spec, known.cell
  local at = kernel.time_of(spec, cell)
  return known.debt == 0 and now - at >= min(life_us(kernel, spec), kernel.until_room(spec, cell, spec.capacity, at) + SPARE)
end

-- Tell whether it is the bucket of a subject, ...{LIMIT:SUBJECT} or in a group ...{GROUP}:LIMIT:SUBJECT, that begins
-- full.
local function is_passing(key, limit)
  return limit.start == limit.spec.capacity and (find(key, '{[^}]*:') or find(key, '}:[^:]*:'))
end

-- Return the second in which the key of a subject expires: the bucket has been full for at least one second by then.
local function end_of(full_at) return floor(full_at / SPARE) + 2 end

-- Return the room at `time` of the known bucket, less its debt, if nothing was taken since.
local function known_level(b, known, time)
  local kernel, spec, cell = b.limit.kernel, b.limit.spec, known.cell
  if time > kernel.time_of(spec, cell) then kernel.advance(spec, cell, time) end
  return kernel.room(spec, cell) - known.debt
end

local function charge_known(b, tokens) return charge(b.kernel, b.spec, b.cell, tokens) end

-- Charge tokens that are already spent; what is not there becomes debt, which the next refills pay.
local function owe(b, tokens) b.debt = total(b.debt, tokens - charge_known(b, tokens)) end

-- Reconcile what is stored with what the caller knows, which differ. Sets b.event; returns an error, if any.
local function compare(b, place, now)
  local known = recall(b, place)
  if not known then return NO_BUCKET end
  if b.born ~= known.born then
    if b.born < known.born and b.losses > known.losses then return end
    local began_with = min(b.spec.capacity, max(0, (b.kernel.room(b.spec, b.cell) - b.debt) + (b.taken - b.refilled)))
    local before = known_level(b, known, 0)
    local level = known_level(b, known, b.born)
    owe(b, max(0, began_with - level))
    b.losses, b.born, b.restored = min(max(known.losses, b.losses, b.born - 1) + 1, MAX), known.born, known.taken
    b.admitted, b.refused = total(b.admitted, known.admitted), total(b.refused, known.refused)
    b.taken, b.refilled = total(b.taken, known.taken), total(b.refilled, known.refilled + max(0, min(began_with, level) - before))
    b.event, b.renewed = 3, true
  elseif b.losses > known.losses then
    if known.taken <= b.restored then return end
    local extra = known.taken - b.restored
    local unpaid = min(extra, b.limit.spec.capacity - known_level(b, known, b.losses))
    if unpaid > 0 then
      owe(b, unpaid)
      b.event, b.renewed = 4, true
    end
    b.taken, b.restored, b.refilled = total(b.taken, extra), known.taken, total(b.refilled, extra - unpaid)
  elseif b.taken < known.taken then
    set_to_known(b, known, now)
    b.event = 3
  end
end

-- Return kernel, epoch and numbers of the stored limit, which is not that of the call; nil when there is no bucket, or
-- nil and an error.
local function limit_in_force(stored, kernel)
  if not (stored[1] or stored[2] or stored[3] or stored[4]) then return nil end
  if not stored[1] or #stored[1] ~= 5 * NUMBER then return nil, BROKEN end
  local algorithm, epoch, capacity, refill, every = numbers_at(STORED_LIMIT, stored[1])
  if NAMES[algorithm + 1] ~= kernel.name then kernel = kernel_of(algorithm + 1) end
  local spec = kernel and epoch <= MAX and spec_of(kernel, capacity, refill, every)
  if not spec then return nil, BROKEN end
  return kernel, epoch, spec
end

-- Return the record of the bucket stored at `key`; nil when there is none, or nil and an error. A usual record has at
-- most 16 fields: with more, Lua allocates the table again, twice as large.
local function stored_bucket(key, limit)
  local kernel, epoch, spec = limit.kernel, limit.epoch, limit.spec
  local stored = call('HMGET', key, 'limit', 'state', 'admitted', 'refused')
  if stored[1] ~= limit.stored then
    kernel, epoch, spec = limit_in_force(stored, kernel)
    if not kernel then return nil, epoch end
  end
  local state, admitted, refused = stored[2], numbers[stored[3]] or whole(stored[3]), numbers[stored[4]] or whole(stored[4])
  if not (state and admitted and refused) or #state ~= kernel.state_size then return nil, BROKEN end
  local born, losses, restored, taken, refilled, debt, first, second, third = numbers_at(kernel.state, state)
  if born < 1 or max(born, losses, restored, taken, refilled, debt, first, second, third) > MAX then return nil, BROKEN end
  if kernel.log then third = call('HGET', key, 'log') end
  local cell = kernel.read(spec, first, second, third)
  if not cell then return nil, BROKEN end
  return {limit = limit, kernel = kernel, epoch = epoch, spec = spec, cell = cell, stored = stored, admitted = admitted,
          refused = refused, taken = taken, refilled = refilled, born = born, losses = losses, restored = restored, debt = debt}
end

local function is_stale(b, limit)
  local a, c = b.spec, limit.spec
  if a == c then return false end
  if limit.epoch ~= b.epoch then return limit.epoch < b.epoch end
  -- Of two limits of one epoch the stricter one holds, so that all instances come to the same one.
  if a.capacity ~= c.capacity then return a.capacity < c.capacity end
  if a.refill ~= c.refill then return a.refill < c.refill end
  if a.every ~= c.every then return a.every > c.every end
  return b.kernel.place < limit.kernel.place
end

-- Advance the bucket to now and adopt the limit of the call; returns an error, if any. Sets b.room to the room of the
-- cell.
local function bring_up_to_date(b, now, due)
  local limit, kernel, spec, cell = b.limit, b.kernel, b.spec, b.cell
  local before, every = kernel.time_of(spec, cell), spec.every
  local room = kernel.room(spec, cell)
  if b.passes and b.stored[1] and b.debt == 0 and room < spec.capacity and not kernel.log then -- to look through a log is dear
    b.ends = end_of(before + kernel.until_room(spec, cell, spec.capacity, before))
  end
  if now - now % every ~= before - before % every then b.renewed = true end
  if due == '1' or kernel.name ~= 'token-bucket' or now <= before then
    local regressed = kernel.advance(spec, cell, now)
    if not regressed then return BROKEN end
    if regressed == 1 then b.regressed = true end
    b.advanced = kernel.time_of(spec, cell) > before
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
  if spec ~= limit.spec or limit.mode ~= 'keep' then -- not stale, so newer
    cell = adopted(kernel, limit.kernel, spec, limit.spec, cell, limit.mode, now)
    b.leaves_log = b.leaves_log or kernel.log
    b.kernel, b.spec, b.epoch, b.cell, b.adopted = limit.kernel, limit.spec, limit.epoch, cell, true
    if limit.mode == 'refill' or limit.mode == 'drain' then b.debt = 0 end -- the level was set by hand
    room = limit.kernel.room(limit.spec, cell)
  end
  b.room = room
end

-- Return the answer to a stale call, with the limits in force; nothing was done.
local function stale_answer(list, limits, now)
  local told = {}
  for i = 1, #list do
    local b, stale = list[i], list[i] and is_stale(list[i], limits[i])
    if not stale then b = limits[i] end
    told[i] = packed('<I7I7I7I7I7I7', stale and 1 or 0, b.epoch, b.kernel.place - 1, b.spec.capacity, b.spec.refill, b.spec.every)
  end
  return {1, now, table.concat(told)}
end

-- Return the record of a bucket that is not stored; or nil and an error.
local function new_bucket(place, limit, now)
  local b = {limit = limit, kernel = limit.kernel, epoch = limit.epoch, spec = limit.spec, stored = {}, admitted = 0,
             refused = 0, taken = 0, refilled = 0, born = now > 1 and now or 1, losses = 0, restored = 0, debt = 0, event = 1,
             adopted = true}
  if numbers_at('<I7', ARGV[4], (place - 1) * BUCKET_SIZE + NUMBER + 1) == 0 then
    b.cell = limit.kernel.with(limit.spec, limit.start, now)
    return b
  end
  -- It was lost, or its TTL is over: either way it goes on from what the caller knows.
  local known = recall(b, place)
  if not known then return nil, NO_BUCKET end
  b.event = is_outlived(b, known, now) and 0 or 2
  set_to_known(b, known, now)
  return b
end

-- Return the records of all buckets of the call, up to date but not written, and now; or nil and the answer of the
-- script.
local function open_all()
  local now, due, limits, blob = whole(ARGV[1]), ARGV[2], ARGV[3] and limits_of(ARGV[3]), ARGV[4]
  if not (now and limits and blob) or #blob == 0 or #blob % BUCKET_SIZE ~= 0 or #KEYS * BUCKET_SIZE < #blob
     or not (due == '0' or due == '1') then
    return nil, redis.error_reply(ARGUMENTS)
  end
  now = time_of_call(now)
  local list, limit_of, stale = {}, {}, false
  for i = 1, #blob / BUCKET_SIZE do
    local place, born, losses, taken = numbers_at('<I7I7I7I7', blob, (i - 1) * BUCKET_SIZE + 1)
    local limit = limits[place]
    if not limit then return nil, redis.error_reply(ARGUMENTS) end
    local b, broken = stored_bucket(KEYS[i], limit)
    if broken then return nil, redis.error_reply(broken) end
    if b then
      if born ~= 0 and (b.born ~= born or b.losses > losses or b.taken < taken) then b.differs = true end
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
      wrong = compare(b, i, now)
    end
    if not wrong then
      b.passes = is_passing(KEYS[i], limit_of[i])
      wrong = bring_up_to_date(b, now, due)
    end
    if wrong then return nil, redis.error_reply(wrong) end
  end
  return list, now
end

local fields = {} -- arguments of HSET, reused for each bucket

local function save(key, b, now)
  local kernel, list, n = b.kernel, fields, 2
  list[1] = 'state'
  list[2] = packed(kernel.state, b.born, b.losses, b.restored, b.taken, b.refilled, b.debt, kernel.numbers(b.cell))
  -- Only what has changed: to write a field costs more than to read one.
  if b.admitted ~= numbers[b.stored[3]] then list[3], list[4], n = 'admitted', text(b.admitted), 4 end
  if b.refused ~= numbers[b.stored[4]] then list[n + 1], list[n + 2], n = 'refused', text(b.refused), n + 2 end
  if b.adopted then list[n + 1], list[n + 2], n = 'limit', b.limit.stored, n + 2 end
  if kernel.log or b.leaves_log then list[n + 1], list[n + 2], n = 'log', kernel.log and kernel.log(b.cell) or '', n + 2 end
  call('HSET', key, unpack(list, 1, n))
  if b.regressed then call('HINCRBY', key, 'regressions', 1) end
  if b.passes and not b.overdue then
    local ends = end_of(now + b.until_full)
    if b.adopted or b.differs or ends ~= b.ends then call('PEXPIRE', key, life_text(ends * SPARE - now)) end
  elseif b.renewed or b.adopted then
    local limit = b.spec
    limit.ttl = limit.ttl or life_text(life_us(b.kernel, limit))
    call('PEXPIRE', key, b.debt > 0 and life_text(life_us(b.kernel, limit) + paid_us(limit, b.debt)) or limit.ttl)
  end
end

-- Return the time until there is room for `cost`. Due intervals that are left to the refiller come with the next
-- interval at the earliest.
local function until_room(b, cost, now)
  local cell = b.cell
  if b.overdue and b.kernel.name == 'token-bucket' then
    cell = {tokens = cell.tokens, interval = max(cell.interval, floor(now / b.spec.every))}
  end
  return min(b.kernel.until_room(b.spec, cell, cost, now) + paid_us(b.spec, b.debt), MAX)
end

-- Return the 15 numbers that every answer has of a bucket; without the entries of a sliding log.
local function told_of(b, now)
  local room, capacity, until_more, until_full = b.room, b.spec.capacity, 0, 0
  if room < capacity then
    until_full = until_room(b, capacity, now)
    until_more = room + 1 < capacity and until_room(b, room + 1, now) or until_full
  end
  b.until_full = until_full
  local first, second, third = b.kernel.numbers(b.cell)
  return packed(TOLD, room, until_more, until_full, b.admitted, b.refused, b.taken, b.refilled, b.born, b.losses, b.restored,
                b.event or 0, b.debt, first, second, third or 0)
end
