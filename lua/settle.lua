-- SPDX-License-Identifier: GPL-3.0-only
-- settle: enters what an instance decided without the store about several buckets, once each. Follows buckets.lua.
--
-- KEYS      the buckets, then for each the mark of this instance: `...:settled:INSTANCE`
-- ARGV      as call.lua; ARGV[5]: 15 numbers for each bucket: outage, part, 1 if the instance had the whole bucket and 2 more if
--           its base is known by the limit of the call and the store has forgotten nothing since, taken at that base, what its own
--           bucket has had since, tokens in doubt, three numbers of its cell at the base, three of the one it came to, spent, admitted,
--           refused (of the whole outage)
-- RETURN    {0, now, for each bucket: 1 if it was entered, 1 if it is exact, the possible excess (tokens, of the whole outage),
--           tokens in doubt that were taken (when it is exact), and the 15 numbers of take}, or {1, now, 6 numbers a bucket} as take: then nothing was done

local SETTLED_MS = 86400000 -- how long a mark is kept: far longer than a late call can be under way
local EACH, SETTLEMENT = 15, '<I7I7I7I7I7I7I7I7I7I7I7I7I7I7I7'

-- Tell whether time and these takes can have led from the base to the present bucket. The earlier a take, the more can
-- come back; outside these two bounds the level was set by hand. nil: the base is no cell.
local function is_untouched(b, taken, now, first, second, third)
  local kernel, spec = b.kernel, b.spec
  local late, early = kernel.read(spec, first, second, third), kernel.read(spec, first, second, third)
  if not late then return nil end
  local rest = taken - charge(kernel, spec, early, taken) -- was taken from what has come back since
  if now > kernel.time_of(spec, late) then
    kernel.advance(spec, late, now)
    kernel.advance(spec, early, now)
  end
  return b.room >= kernel.room(spec, late) - taken and (rest > 0 or b.room <= kernel.room(spec, early))
end

local EVEN = {['token-bucket-smooth'] = true, gcra = true, ['leaky-bucket'] = true}

-- Return what the own bucket of an instance, `cell`, has had until now, when it is `had` until the time that it stands at; nil when
-- that is not known. By a clock that the store's is behind it has had what is still to come to the stored bucket.
local function had_until(b, had, now, cell)
  local kernel, spec = b.kernel, b.spec
  local reached, at = max(now, kernel.time_of(spec, b.cell)), kernel.time_of(spec, cell)
  if at > reached then
    local ahead = kernel.with(spec, 0, reached)
    kernel.advance(spec, ahead, at)
    local room = kernel.room(spec, ahead)
    if room >= spec.capacity then return nil end
    return had - room - (EVEN[kernel.name] and 1 or 0)
  end
  local before = kernel.room(spec, cell)
  if now > at then kernel.advance(spec, cell, now) end
  return had + kernel.room(spec, cell) - before
end

-- Return the excess of the outage after a part of which `missing` tokens are not there: the lower of two upper bounds.
-- The first adds what is missing now, although refills may have been lost to a full bucket meanwhile; the second is all
-- that was taken for requests beyond what the own bucket of the instance has had until now. For sliding algorithms only
-- the first: when a token of theirs comes back depends on when it was taken.
local function excess_of(b, told, missing, taken, had, now, first, second, third)
  local late, kernel, spec = total(told, missing), b.kernel, b.spec
  if kernel.name == 'sliding-log' or kernel.name == 'sliding-counter' then return late end
  local cell = kernel.read(spec, first, second, third) -- where it came to
  local all = cell and had_until(b, had, now, cell)
  return all and max(told, min(late, taken - all)) or late
end

local list, now = open_all()
if not list then return now end
local blob = ARGV[5] or ''
if #KEYS ~= 2 * #list or #blob ~= #list * EACH * NUMBER then return redis.error_reply(ARGUMENTS) end

local answer, marks = {}, {}
for i = 1, #list do
  local b, n = list[i], {numbers_at(SETTLEMENT, blob, (i - 1) * EACH * NUMBER + 1)}
  for k = 1, EACH do
    if n[k] > MAX then return redis.error_reply(ARGUMENTS) end
  end
  local outage, part, had_whole, has_base, base_taken, doubt = n[1], n[2], n[3] % 2 == 1, n[3] >= 2, n[4], n[6]
  local spent, admitted, refused = n[13], n[14], n[15]
  local mark = redis.call('HMGET', KEYS[#list + i], 'outage', 'part', 'spent', 'admitted', 'refused', 'excess')
  for k = 1, 6 do
    if mark[k] and not whole(mark[k]) then return redis.error_reply('WEIRSTATE the mark of a settlement is no number') end
    mark[k] = whole(mark[k] or '0')
  end
  local entered, exact, excess, found = 0, 0, 0, 0
  if outage > mark[1] or (outage == mark[1] and part > mark[2]) then
    if outage > mark[1] then mark[2], mark[3], mark[4], mark[5], mark[6] = 0, 0, 0, 0, 0 end
    entered = 1
    local more, level = max(0, spent - mark[3]), b.room
    -- There was no bucket: all of it is from this instance, and nothing in doubt has been taken.
    local is_first = had_whole and b.event == 1
    local others = is_first and 0 or b.taken - base_taken - mark[3] -- by other instances, or tokens in doubt
    -- The time of the bucket; due intervals that are left to the refiller are not in it yet.
    local at = now
    if ARGV[2] == '0' and b.kernel.name == 'token-bucket' then at = b.kernel.time_of(b.spec, b.cell) end
    local known_born, known_losses = numbers_at('<I7I7', ARGV[4], (i - 1) * BUCKET_SIZE + NUMBER + 1)
    local is_own = had_whole and b.born == known_born and others >= 0 and others <= doubt
    local is_same = (b.stored[1] or b.limit.stored) == b.limit.stored
    if b.kernel.name ~= 'sliding-log'
       and (is_first or is_own and is_same and is_untouched(b, b.taken - base_taken, at, n[7], n[8], n[9])) then
      local cell = b.kernel.read(b.spec, n[10], n[11], n[12])
      if not cell then return redis.error_reply(ARGUMENTS) end
      charge(b.kernel, b.spec, cell, others) -- tokens in doubt that were taken
      if at > b.kernel.time_of(b.spec, cell) then b.kernel.advance(b.spec, cell, at) end
      exact, found = 1, others
      if b.kernel.room(b.spec, cell) >= level - more then b.cell = cell else charge_known(b, more) end
    else
      local missing = more - charge_known(b, more)
      -- The part of a token that has come back is dropped: otherwise it would be given once more than excess_of counts.
      if missing > 0 and EVEN[b.kernel.name] then
        b.cell = b.kernel.with(b.spec, 0, max(now, b.kernel.time_of(b.spec, b.cell)))
      end
      -- A store that has forgotten does not know of all that was taken.
      if has_base and is_same and b.born == known_born and b.losses == known_losses and b.taken >= base_taken then
        local taken = b.taken - base_taken + more - (is_own and others or 0)
        mark[6] = excess_of(b, mark[6], missing, taken, n[5], at, n[10], n[11], n[12])
      else
        mark[6] = total(mark[6], missing)
      end
    end
    excess = mark[6] -- told with each part again, because an answer may have been lost
    b.room = b.kernel.room(b.spec, b.cell)
    b.refilled = total(b.refilled, max(0, b.room - (level - more)))
    b.taken = total(b.taken, more)
    b.admitted, b.refused = total(b.admitted, max(0, admitted - mark[4])), total(b.refused, max(0, refused - mark[5]))
    marks[i] = {'outage', text(outage), 'part', text(part), 'spent', text(max(spent, mark[3])),
                'admitted', text(max(admitted, mark[4])), 'refused', text(max(refused, mark[5])), 'excess', text(excess)}
  end
  answer[i] = packed('<I7I7I7I7', entered, exact, excess, found) .. told_of(b, now)
end

for i = 1, #list do
  save(KEYS[i], list[i], now)
  if marks[i] then
    redis.call('HSET', KEYS[#list + i], unpack(marks[i]))
    redis.call('PEXPIRE', KEYS[#list + i], text(SETTLED_MS))
  end
end
return {0, now, table.concat(answer)}
