-- SPDX-License-Identifier: GPL-3.0-only
-- Buckets of any algorithm as a call on several of them finds, changes and leaves them. The fragment after the algorithms.
--
-- KEYS[i]   bucket i: a hash
-- ARGV[1]   now, microseconds since 1970; 0 = the server's TIME (everything but tests and a clock stepped on purpose)
-- ARGV[2]   1: add the intervals of a token-bucket that are due; 0: leave that to the refiller
-- ARGV[3]   number of buckets
-- ARGV[4..] 16 for each bucket: algorithm, epoch, capacity, refill, every (us), start (tokens), mode; then the bucket as
--           the caller last knew it, by this limit: born (0: it knows none), losses, taken, admitted, refused, refilled,
--           and three numbers of its cell, as many as the algorithm has

local HEAD, WIDTH = 3, 16
local ARGUMENTS = 'WEIRARGS the arguments are not those of this script'
local NO_BUCKET = 'WEIRARGS what is known of the bucket is no bucket'
local BROKEN = 'WEIRSTATE a field of the bucket is missing or broken'
local MODES = {keep = true, proportional = true, refill = true, drain = true}
local NAMES = {'token-bucket', 'token-bucket-smooth', 'gcra', 'leaky-bucket', 'fixed-window', 'sliding-log', 'sliding-counter'}
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
local function total(before, more) return min(before + more, MAX) end

local function stored_fields(key, kernel)
  return redis.call('HMGET', key, 'algorithm', 'epoch', 'capacity', 'refill', 'every', 'admitted', 'refused', 'taken',
                    'refilled', 'born', 'losses', 'restored', 'debt', unpack(kernel.fields))
end

-- The cell that the caller knows; nil: it is none. Of a sliding log the entries are not known, only their sum.
local function known_cell(kernel, spec, base)
  if kernel.name ~= 'sliding-log' then return kernel.read(spec, {ARGV[base + 14], ARGV[base + 15], ARGV[base + 16]}) end
  local used, at = whole(ARGV[base + 14]), whole(ARGV[base + 15])
  if not (used and at) or used > spec.capacity then return nil end
  return kernel.with(spec, spec.capacity - used, at)
end

-- What bucket i's caller wants and knows, or an error.
local function call_of(i)
  local base = HEAD + (i - 1) * WIDTH
  local kernel = kernel_of(ARGV[base + 1])
  if not kernel then return nil, ARGUMENTS end
  local epoch, start, mode = whole(ARGV[base + 2]), whole(ARGV[base + 6]), ARGV[base + 7]
  local spec = spec_of(kernel, whole(ARGV[base + 3]), whole(ARGV[base + 4]), whole(ARGV[base + 5]))
  if not (epoch and spec and start) or epoch < 1 or start > spec.capacity or not MODES[mode] then return nil, ARGUMENTS end
  local known = {}
  for n = 1, 6 do
    known[n] = whole(ARGV[base + 7 + n])
    if not known[n] then return nil, ARGUMENTS end
  end
  local call = {key = KEYS[i], kernel = kernel, epoch = epoch, spec = spec, start = start, mode = mode,
                born = known[1], losses = known[2], taken = known[3], admitted = known[4], refused = known[5],
                refilled = known[6]}
  if call.born > 0 then
    call.cell = known_cell(kernel, spec, base)
    if not call.cell then return nil, NO_BUCKET end
  end
  return call
end

-- The bucket becomes what the caller knows of it.
local function set_to_known(b, call)
  b.kernel, b.spec, b.epoch, b.cell = call.kernel, call.spec, call.epoch, call.cell
  b.admitted, b.refused, b.taken, b.refilled = call.admitted, call.refused, call.taken, call.refilled
  b.born, b.losses, b.restored, b.adopted, b.debt = call.born, total(call.losses, 1), call.taken, true, 0
end

-- After so long it is full, whatever was taken from it.
local function is_outlived(call, now)
  return now - call.kernel.time_of(call.spec, call.cell) >= life_us(call.kernel, call.spec)
end

local function charge_known(b, tokens) return charge(b.kernel, b.spec, b.cell, tokens) end

-- Taken by somebody already; what is not there any more is paid by what comes back next.
local function owe(b, tokens) b.debt = total(b.debt, tokens - charge_known(b, tokens)) end

-- What the caller knows against what is there; the same four cases as in token_bucket.lua. Sets b.event.
local function compare(b, call, now)
  if call.born == 0 then return end
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

-- What is stored under the key of `call`: a bucket, nil when there is none, or nil and an error.
local function stored_bucket(call)
  local kernel = call.kernel
  local stored = stored_fields(call.key, kernel)
  local found = false
  for n = 2, 9 do found = found or stored[n] end
  if not found then return nil end
  local name = stored[1] or 'token-bucket'
  if name ~= kernel.name then
    kernel = kernel_of(name)
    if not kernel then return nil, BROKEN end
    stored = stored_fields(call.key, kernel)
  end
  local n = {}
  for k = 2, 9 do
    n[k] = whole(stored[k])
    if not n[k] then return nil, BROKEN end
  end
  local born, losses, restored = whole(stored[10] or '1'), whole(stored[11] or '0'), whole(stored[12] or '0')
  local spec, debt = spec_of(kernel, n[3], n[4], n[5]), whole(stored[13] or '0')
  if not (born and losses and restored and spec and debt) or born < 1 then return nil, BROKEN end
  local cell = kernel.read(spec, {stored[14], stored[15], stored[16]})
  if not cell then return nil, BROKEN end
  return {kernel = kernel, epoch = n[2], spec = spec, cell = cell, admitted = n[6], refused = n[7], taken = n[8],
          refilled = n[9], born = born, losses = losses, restored = restored, event = 0,
          debt = debt, stored_debt = debt}
end

local function is_stale(b, call)
  local a, c = b.spec, call.spec
  return call.epoch < b.epoch or (call.epoch == b.epoch and (b.kernel ~= call.kernel or a.capacity ~= c.capacity
                                  or a.refill ~= c.refill or a.every ~= c.every))
end

-- Time passes, and the limit of the call is adopted; or an error.
local function bring_up_to_date(b, call, now, due)
  local before = b.kernel.time_of(b.spec, b.cell)
  b.renewed = floor(now / b.spec.every) ~= floor(before / b.spec.every)
  if due == '1' or b.kernel.name ~= 'token-bucket' or now <= before then
    local room = b.kernel.room(b.spec, b.cell)
    local regressed = b.kernel.advance(b.spec, b.cell, now)
    if not regressed then return BROKEN end
    b.regressed = regressed == 1
    b.refilled = total(b.refilled, b.kernel.room(b.spec, b.cell) - room)
  else
    b.overdue = true
  end
  if b.debt > 0 then
    local owed = b.debt
    b.debt = 0
    owe(b, owed)
  end
  if call.epoch > b.epoch or call.mode ~= 'keep' then
    local old = b.kernel
    b.cell = adopted(old, call.kernel, b.spec, call.spec, b.cell, call.mode, now)
    if old ~= call.kernel then b.left = old end
    b.kernel, b.spec, b.epoch, b.adopted = call.kernel, call.spec, call.epoch, true
    if call.mode == 'refill' or call.mode == 'drain' then b.debt = 0 end -- somebody has set the level
  end
end

-- What the stale calls do not know; nothing was done.
local function stale_answer(list, calls, now)
  local answer = {1, now}
  for i = 1, #calls do
    local b, stale = list[i], list[i] and is_stale(list[i], calls[i])
    if not stale then b = calls[i] end
    local algorithm = 0
    for n = 1, #NAMES do
      if NAMES[n] == b.kernel.name then algorithm = n - 1 end
    end
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3] = stale and 1 or 0, b.epoch, algorithm
    answer[n + 4], answer[n + 5], answer[n + 6] = b.spec.capacity, b.spec.refill, b.spec.every
  end
  return answer
end

-- All buckets of the call, up to date, none written; or nil and what is to be returned instead.
local function open_all()
  local count, now, due = whole(ARGV[3]), whole(ARGV[1]), ARGV[2]
  if not (count and now) or count < 1 or #KEYS < count or #ARGV < HEAD + count * WIDTH or not (due == '0' or due == '1') then
    return nil, redis.error_reply(ARGUMENTS)
  end
  if now == 0 then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  local calls, list, stale = {}, {}, false
  for i = 1, count do
    local call, wrong = call_of(i)
    if not call then return nil, redis.error_reply(wrong) end
    local b, broken = stored_bucket(call)
    if broken then return nil, redis.error_reply(broken) end
    calls[i], list[i] = call, b or false
    stale = stale or (b and is_stale(b, call))
  end
  if stale then return nil, stale_answer(list, calls, now) end
  for i = 1, count do
    local call, b = calls[i], list[i]
    if b then
      b.changed = b.epoch ~= call.epoch
      compare(b, call, now)
    elseif call.born > 0 then
      -- It was lost, or it has outlived its TTL: either way it goes on from where the caller knew it.
      b = {event = is_outlived(call, now) and 0 or 2}
      set_to_known(b, call)
    else
      b = {kernel = call.kernel, epoch = call.epoch, spec = call.spec, cell = call.kernel.with(call.spec, call.start, now),
           admitted = 0, refused = 0, taken = 0, refilled = 0, born = max(now, 1), losses = 0, restored = 0, event = 1,
           adopted = true, debt = 0}
    end
    local broken = bring_up_to_date(b, call, now, due)
    if broken then return nil, redis.error_reply(broken) end
    b.key, list[i] = call.key, b
  end
  return list, now
end

local function save(b)
  local list = {'admitted', text(b.admitted), 'refused', text(b.refused), 'taken', text(b.taken),
                'refilled', text(b.refilled)}
  if b.adopted then
    local n = #list
    list[n + 1], list[n + 2], list[n + 3], list[n + 4] = 'algorithm', b.kernel.name, 'epoch', text(b.epoch)
    list[n + 5], list[n + 6], list[n + 7], list[n + 8] = 'capacity', text(b.spec.capacity), 'refill', text(b.spec.refill)
    list[n + 9], list[n + 10], list[n + 11], list[n + 12] = 'every', text(b.spec.every), 'born', text(b.born)
    list[n + 13], list[n + 14], list[n + 15], list[n + 16] = 'losses', text(b.losses), 'restored', text(b.restored)
  end
  if b.debt ~= (b.stored_debt or 0) then
    list[#list + 1], list[#list + 2] = 'debt', text(b.debt)
  end
  -- Nobody is to read what another algorithm has left.
  for _, field in ipairs(b.left and b.left.fields or {}) do
    list[#list + 1], list[#list + 2] = field, ''
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

-- What every answer tells of a bucket: 14 numbers.
local function tell(answer, b, now)
  local room = b.kernel.room(b.spec, b.cell)
  local n = #answer
  answer[n + 1] = room
  answer[n + 2] = until_room(b, min(room + 1, b.spec.capacity), now)
  answer[n + 3] = until_room(b, b.spec.capacity, now)
  answer[n + 4], answer[n + 5], answer[n + 6], answer[n + 7] = b.admitted, b.refused, b.taken, b.refilled
  answer[n + 8], answer[n + 9], answer[n + 10], answer[n + 11] = b.born, b.losses, b.restored, b.event
  for k = 1, 3 do
    local value = b.cell[b.kernel.fields[k]]
    answer[n + 11 + k] = type(value) == 'number' and value or 0 -- the log is not told
  end
end
