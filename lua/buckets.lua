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
local numbers_at, packed = struct.unpack, struct.pack
local made = {}

local function kernel_of(name)
  local kernel = made[name]
  if not kernel and kernels[name] then
    kernel = kernels[name]()
    kernel.name = name
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

local function stored_fields(key, kernel)
  return redis.call('HMGET', key, 'algorithm', 'epoch', 'capacity', 'refill', 'every', 'admitted', 'refused', 'taken',
                    'refilled', 'born', 'losses', 'restored', 'debt', unpack(kernel.fields))
end

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

-- What the caller wants of the bucket under `key`, and what of its knowledge says whether that is needed; nil: the
-- arguments are wrong.
local function call_at(position, key, limits, blob)
  local place, born, losses, taken = numbers_at('<dddd', blob, position)
  local limit = limits[place]
  if not limit then return nil end
  return {key = key, limit = limit, blob = blob, position = position, born = born, losses = losses, taken = taken, cell = false}
end

-- The rest of what the caller knows, read only when it is needed; false: it is no bucket. Of a sliding log the entries
-- are not known, only their sum.
local function recall(call)
  local kernel, spec = call.limit.kernel, call.limit.spec
  local known = {numbers_at('<ddddddddd', call.blob, call.position + NUMBER)}
  for n = 1, 9 do
    if not is_whole(known[n]) then return false end
  end
  call.admitted, call.refused, call.refilled = known[4], known[5], known[6]
  if kernel.name ~= 'sliding-log' then
    call.cell = kernel.read(spec, {text(known[7]), text(known[8]), text(known[9])})
  elseif known[7] <= spec.capacity then
    call.cell = kernel.with(spec, spec.capacity - known[7], known[8])
  end
  return call.cell
end

-- The bucket becomes what the caller knows of it.
local function set_to_known(b, call)
  local limit = call.limit
  b.kernel, b.spec, b.epoch, b.cell = limit.kernel, limit.spec, limit.epoch, call.cell
  b.admitted, b.refused, b.taken, b.refilled = call.admitted, call.refused, call.taken, call.refilled
  b.born, b.losses, b.restored, b.adopted, b.debt = call.born, total(call.losses, 1), call.taken, true, 0
end

-- After so long it is full, whatever was taken from it.
local function is_outlived(call, now)
  local kernel, spec = call.limit.kernel, call.limit.spec
  return now - kernel.time_of(spec, call.cell) >= life_us(kernel, spec)
end

local function charge_known(b, tokens) return charge(b.kernel, b.spec, b.cell, tokens) end

-- Taken by somebody already; what is not there any more is paid by what comes back next.
local function owe(b, tokens) b.debt = total(b.debt, tokens - charge_known(b, tokens)) end

-- What the caller knows against what is there; the same four cases as in token_bucket.lua. Sets b.event. An error, if any.
local function compare(b, call, now)
  if call.born == 0 or (b.born == call.born and b.losses <= call.losses and b.taken >= call.taken) then return end
  if not recall(call) then return NO_BUCKET end
  if b.born ~= call.born then
    if b.losses > call.losses then return end
    local taken, admitted, refused = b.taken, b.admitted, b.refused
    set_to_known(b, call)
    local before = b.kernel.room(b.spec, b.cell)
    if now > b.kernel.time_of(b.spec, b.cell) then b.kernel.advance(b.spec, b.cell, now) end
    b.refilled = total(b.refilled, b.kernel.room(b.spec, b.cell) - before)
    owe(b, taken)
    b.admitted, b.refused, b.taken = total(b.admitted, admitted), total(b.refused, refused), total(b.taken, taken)
    b.event = 3
  elseif b.losses > call.losses then
    if call.taken <= b.restored then return end
    local extra = call.taken - b.restored
    if is_outlived(call, now) then
      b.refilled = total(b.refilled, extra)
    else
      owe(b, extra)
      b.event = 4
    end
    b.taken, b.restored, b.adopted = total(b.taken, extra), call.taken, true
  elseif b.taken < call.taken then
    set_to_known(b, call)
    b.event = 3
  end
end

-- Most of them are 0 most of the time.
local function count_of(stored) return stored == '0' and 0 or whole(stored) end

-- What is stored under `key`: a bucket, nil when there is none, or nil and an error.
local function stored_bucket(key, limit)
  local kernel, texts, epoch, spec = limit.kernel, limit.texts, limit.epoch, limit.spec
  local stored = stored_fields(key, kernel)
  local name = stored[1] or 'token-bucket'
  if name ~= kernel.name or stored[2] ~= texts[1] or stored[3] ~= texts[2] or stored[4] ~= texts[3] or stored[5] ~= texts[4] then
    local found = false
    for n = 2, 9 do found = found or stored[n] end
    if not found then return nil end
    if name ~= kernel.name then
      kernel = kernel_of(name)
      if not kernel then return nil, BROKEN end
      stored = stored_fields(key, kernel)
    end
    epoch, spec = whole(stored[2]), spec_of(kernel, whole(stored[3]), whole(stored[4]), whole(stored[5]))
  end
  local admitted, refused, taken, refilled = whole(stored[6]), count_of(stored[7]), whole(stored[8]), count_of(stored[9])
  local born, losses, restored = whole(stored[10] or '1'), count_of(stored[11] or '0'), count_of(stored[12] or '0')
  local debt = count_of(stored[13] or '0')
  if not (epoch and spec and admitted and refused and taken and refilled and born and losses and restored and debt)
     or born < 1 then
    return nil, BROKEN
  end
  local cell = kernel.read(spec, {stored[14], stored[15], stored[16]})
  if not cell then return nil, BROKEN end
  return {kernel = kernel, epoch = epoch, spec = spec, cell = cell, key = key, admitted = admitted, refused = refused,
          taken = taken, refilled = refilled, born = born, losses = losses, restored = restored, debt = debt, event = 0,
          stored_admitted = admitted, stored_refused = refused, stored_taken = taken, stored_refilled = refilled,
          stored_debt = debt, renewed = false, regressed = false, overdue = false, adopted = false, left = false,
          changed = epoch ~= limit.epoch}
end

local function is_stale(b, limit)
  local a, c = b.spec, limit.spec
  if a == c then return false end
  return limit.epoch < b.epoch or (limit.epoch == b.epoch and (b.kernel ~= limit.kernel or a.capacity ~= c.capacity
                                  or a.refill ~= c.refill or a.every ~= c.every))
end

-- Time passes, and the limit of the call is adopted; or an error.
local function bring_up_to_date(b, limit, now, due)
  local kernel, spec, cell = b.kernel, b.spec, b.cell
  local before, every = kernel.time_of(spec, cell), spec.every
  b.renewed = now - now % every ~= before - before % every
  if due == '1' or kernel.name ~= 'token-bucket' or now <= before then
    local room = kernel.room(spec, cell)
    local regressed = kernel.advance(spec, cell, now)
    if not regressed then return BROKEN end
    b.regressed = regressed == 1
    b.refilled = total(b.refilled, kernel.room(spec, cell) - room)
  else
    b.overdue = true
  end
  if b.debt > 0 then
    local owed = b.debt
    b.debt = 0
    owe(b, owed)
  end
  if limit.epoch > b.epoch or limit.mode ~= 'keep' then
    b.cell = adopted(kernel, limit.kernel, spec, limit.spec, cell, limit.mode, now)
    if kernel ~= limit.kernel then b.left = kernel end
    b.kernel, b.spec, b.epoch, b.adopted = limit.kernel, limit.spec, limit.epoch, true
    if limit.mode == 'refill' or limit.mode == 'drain' then b.debt = 0 end -- somebody has set the level
  end
end

-- What the stale calls do not know; nothing was done.
local function stale_answer(list, calls, now)
  local told = {}
  for i = 1, #calls do
    local b, stale = list[i], list[i] and is_stale(list[i], calls[i].limit)
    if not stale then b = calls[i].limit end
    local algorithm = 0
    for n = 1, #NAMES do
      if NAMES[n] == b.kernel.name then algorithm = n - 1 end
    end
    told[i] = packed('<dddddd', stale and 1 or 0, b.epoch, algorithm, b.spec.capacity, b.spec.refill, b.spec.every)
  end
  return {1, now, table.concat(told)}
end

-- A bucket that the store does not know; or nil and an error.
local function new_bucket(call, now)
  local limit = call.limit
  local b = {kernel = limit.kernel, epoch = limit.epoch, spec = limit.spec, cell = false, key = call.key, admitted = 0,
             refused = 0, taken = 0, refilled = 0, born = now > 1 and now or 1, losses = 0, restored = 0, debt = 0,
             stored_debt = 0, event = 1, renewed = false, regressed = false, overdue = false, adopted = true, left = false,
             changed = false}
  if call.born == 0 then
    b.cell = limit.kernel.with(limit.spec, limit.start, now)
    return b
  end
  -- It was lost, or it has outlived its TTL: either way it goes on from where the caller knew it.
  if not recall(call) then return nil, NO_BUCKET end
  b.event = is_outlived(call, now) and 0 or 2
  set_to_known(b, call)
  return b
end

-- All buckets of the call, up to date, none written, and now and the calls; or nil and what is to be returned instead.
local function open_all()
  local now, due, limits, blob = whole(ARGV[1]), ARGV[2], ARGV[3] and limits_of(ARGV[3]), ARGV[4]
  if not (now and limits and blob) or #blob == 0 or #blob % BUCKET_SIZE ~= 0 or #KEYS * BUCKET_SIZE < #blob
     or not (due == '0' or due == '1') then
    return nil, redis.error_reply(ARGUMENTS)
  end
  if now == 0 then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  local calls, list, stale = {}, {}, false
  for i = 1, #blob / BUCKET_SIZE do
    local call = call_at((i - 1) * BUCKET_SIZE + 1, KEYS[i], limits, blob)
    if not call then return nil, redis.error_reply(ARGUMENTS) end
    local b, broken = stored_bucket(call.key, call.limit)
    if broken then return nil, redis.error_reply(broken) end
    calls[i], list[i] = call, b or false
    stale = stale or (b and is_stale(b, call.limit))
  end
  if stale then return nil, stale_answer(list, calls, now) end
  for i = 1, #calls do
    local call, b, wrong = calls[i], list[i], nil
    if b then
      wrong = compare(b, call, now)
    else
      b, wrong = new_bucket(call, now)
    end
    wrong = wrong or bring_up_to_date(b, call.limit, now, due)
    if wrong then return nil, redis.error_reply(wrong) end
    list[i] = b
  end
  return list, now, calls
end

-- Only what has changed: to write a number costs more than to read one.
local function save(b)
  local list, size = {}, 0
  if b.admitted ~= b.stored_admitted then list[1], list[2], size = 'admitted', text(b.admitted), 2 end
  if b.taken ~= b.stored_taken then list[size + 1], list[size + 2], size = 'taken', text(b.taken), size + 2 end
  if b.refused ~= b.stored_refused then list[size + 1], list[size + 2], size = 'refused', text(b.refused), size + 2 end
  if b.refilled ~= b.stored_refilled then list[size + 1], list[size + 2], size = 'refilled', text(b.refilled), size + 2 end
  if b.debt ~= b.stored_debt then list[size + 1], list[size + 2] = 'debt', text(b.debt) end
  if b.adopted then
    local n = #list
    list[n + 1], list[n + 2], list[n + 3], list[n + 4] = 'algorithm', b.kernel.name, 'epoch', text(b.epoch)
    list[n + 5], list[n + 6], list[n + 7], list[n + 8] = 'capacity', text(b.spec.capacity), 'refill', text(b.spec.refill)
    list[n + 9], list[n + 10], list[n + 11], list[n + 12] = 'every', text(b.spec.every), 'born', text(b.born)
    list[n + 13], list[n + 14], list[n + 15], list[n + 16] = 'losses', text(b.losses), 'restored', text(b.restored)
  end
  -- Nobody is to read what another algorithm has left.
  if b.left then
    for _, field in ipairs(b.left.fields) do list[#list + 1], list[#list + 2] = field, '' end
  end
  b.kernel.write(b.cell, list)
  redis.call('HSET', b.key, unpack(list))
  if b.regressed then redis.call('HINCRBY', b.key, 'regressions', 1) end
  if b.renewed or b.adopted then
    redis.call('PEXPIRE', b.key, text(min(ceil(life_us(b.kernel, b.spec) / 1000), 100000000000000)))
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
  local room, capacity, fields, cell = b.kernel.room(b.spec, b.cell), b.spec.capacity, b.kernel.fields, b.cell
  local third = cell[fields[3] or '']
  return packed(TOLD, room, room < capacity and until_room(b, room + 1, now) or 0,
                room < capacity and until_room(b, capacity, now) or 0, b.admitted, b.refused, b.taken, b.refilled, b.born,
                b.losses, b.restored, b.event, cell[fields[1]], cell[fields[2]], type(third) == 'number' and third or 0)
end
