-- SPDX-License-Identifier: GPL-3.0-only
-- take: one token bucket with interval refill, a batch of costs. The contract is README.md beside this file.
--
-- Numbers are whole, 0 to 2^53 - 1, in 7 bytes each, the lowest first: in decimals they took a third of a call's time.
--
-- KEYS[1]   the bucket: a hash `weir:{LIMIT:SUBJECT}`
-- KEYS[2]   settle only: what this caller has settled: a hash `weir:{LIMIT:SUBJECT}:settled:CALLER`
-- ARGV[1]   the caller's limit, as the bucket keeps it: 0 (token-bucket), epoch (>= 1), capacity (tokens), refill (tokens an
--           interval), interval (us)
-- ARGV[2]   what becomes of the tokens first: keep | proportional | refill | drain; or settle; or return: the pairs
--           were granted before and are given back
-- ARGV[3]   who calls: a refiller's name, kept with its refill; - = a request
-- ARGV[4]   level of a bucket that does not exist yet (tokens); now (us since 1970; 0 = the server's TIME, everything but
--           tests and a clock stepped on purpose); 1: add the intervals that are due, 0: leave that to the refiller; and the
--           bucket as the caller last knew it, by the limit above: born (0: it knows none), losses, taken, tokens, interval,
--           admitted, refused, refilled, debt
-- ARGV[5]   pairs: cost, count = `count` requests in a row of `cost` tokens each; or the 13 numbers of settle
-- RETURN    {0, tokens, next_refill_us, now_us, refilled, admitted, refused, taken, refilled_total, interval, born, losses,
--            restored, event, debt, granted per pair..., for a refiller: who refilled last}
--           {1, tokens, next_refill_us, now_us, admitted, refused, epoch, capacity, refill, interval_us}
--           when the caller's limit is older than the bucket's: nothing was done. The numbers but the first are one text
-- ERRORS    WEIRARGS (the caller), WEIRSTATE (what is stored is broken; it is left as it is), WEIROTHER (the bucket is one of
--           another algorithm: take_all.lua knows it)
-- ATOMIC    because refill, verdicts and totals belong together: no other client sees a half of them
-- COST      O(pairs), one HMGET, one HSET, one PEXPIRE when an interval has passed; settle: one more of each
-- TTL       time from empty (with what is owed, from less) to full + 2 intervals, renewed with every interval that passes

local MAX = 9007199254740991   -- 2^53 - 1: from 2^53 on doubles skip whole numbers
local MAX_CAPACITY = 1000000000
local MAX_EVERY = 31622400000000 -- 366 days; with MAX_CAPACITY it keeps the products below exact
local SETTLED_MS = 86400000    -- how long a caller's mark is kept: far longer than a late call can be under way
local CLOCK_STEP = 60000000    -- a clock that went back by less is waited for
local HALF = 32768
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max
local key, call, numbers_at, packed = KEYS[1], redis.call, struct.unpack, struct.pack

local NUMBER, LIMIT, STATE, CALL = 7, '<I7I7I7I7I7', '<I7I7I7I7I7I7I7I7', '<I7I7I7I7I7I7I7I7I7I7I7I7'
local STALE, TOLD = '<I7I7I7I7I7I7I7I7I7', '<I7I7I7I7I7I7I7I7I7I7I7I7I7I7'
local TOLD_OF_ONE = '<I7I7I7I7I7I7I7I7I7I7I7I7I7I7I7'
local ARGUMENTS = 'WEIRARGS the arguments are not those of take'
local BROKEN = 'WEIRSTATE a field of the bucket is missing or broken'
local OTHER, ALGORITHMS = 'WEIROTHER the bucket is one of another algorithm', 7

local called_limit, mode, who, called, runs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not runs or #called_limit ~= 5 * NUMBER or #called ~= 12 * NUMBER then return redis.error_reply(ARGUMENTS) end
local returns = mode == 'return'
if returns then mode = 'keep' end
local settles = mode == 'settle'
local algorithm, epoch, capacity, refill, every = numbers_at(LIMIT, called_limit)
local start, now, due, known, k_losses, k_taken, k_tokens, k_interval, k_admitted, k_refused, k_refilled, k_debt =
  numbers_at(CALL, called)
if algorithm ~= 0 or epoch < 1 or capacity < 1 or capacity > MAX_CAPACITY or refill < 1 or every < 1 or every > MAX_EVERY
   or start > capacity or due > 1 or k_tokens > capacity
   or max(epoch, refill, now, known, k_losses, k_taken, k_interval, k_admitted, k_refused, k_refilled, k_debt) > MAX
   or (who ~= '-' and (#who > 64 or not string.match(who, '^[%w._:-]+$')))
   or not (mode == 'keep' or mode == 'proportional' or mode == 'refill' or mode == 'drain' or settles)
   or (settles and (#runs ~= 13 * NUMBER or not KEYS[2])) or (not settles and #runs % (2 * NUMBER) ~= 0) then
  return redis.error_reply(ARGUMENTS)
end
if now == 0 then
  local time = call('TIME')
  now = time[1] * 1000000 + time[2]
end

-- A lifetime total stops at MAX rather than become a number that is refused for ever.
local function total(before, more) return min(before + more, MAX) end

-- Whole numbers from 0 to MAX; %d is faster, and a C int everywhere.
local function text(number) return string.format(number < 2147483648 and '%d' or '%.0f', number) end

local function whole(text)
  local number = text and string.find(text, '^%d+$') and tonumber(text)
  return number and number <= MAX and number
end

-- What `intervals` more intervals add; never multiplies before it knows that the product stays below the capacity.
local function added(tokens, intervals, room, amount)
  local missing = room - tokens
  if intervals >= ceil(missing / amount) then return missing end
  return intervals * amount
end

local stored = call('HMGET', key, 'limit', 'state', 'admitted', 'refused')
local stored_limit, stored_state = stored[1], stored[2]
local born, losses, restored, taken, refilled_total, debt, tokens, interval
local admitted, refused, stored_admitted, stored_refused
local old_epoch, old_capacity, old_refill, old_every = epoch, capacity, refill, every
local refilled, renewed, adopted, regressed, overdue, event, refiller = 0, false, false, false, false, 0, nil

-- Taken by somebody already; what is not there any more is paid by the next refills.
local function owe(amount)
  local paid = min(tokens, amount)
  tokens, debt = tokens - paid, total(debt, amount - paid)
end

-- The level at `time` as the caller knew it, less what was owed, had nobody taken since.
local function known_level(time)
  local level = k_tokens - k_debt
  return level + added(level, max(0, floor(time / every) - k_interval), capacity, refill)
end

-- Of two limits under one epoch the stricter one holds, so that all come to the same one: is one of these numbers stricter than
-- that of the call?
local function is_stricter(other_capacity, other_refill, other_every)
  if other_capacity ~= capacity then return other_capacity < capacity end
  if other_refill ~= refill then return other_refill < refill end
  return other_every > every
end

-- What the store has forgotten: all of it, or the last of it.
local is_lost, went_back, is_newer = false, false, false
if not (stored_limit or stored_state or stored[3] or stored[4]) then
  is_lost = known > 0
  if not is_lost then
    tokens, interval = start, floor(now / every)
    admitted, refused, taken, refilled_total, debt = 0, 0, 0, 0, 0
    born, losses, restored, event = max(now, 1), 0, 0, 1
    renewed, adopted = true, true
  end
else
  stored_admitted, stored_refused = whole(stored[3]), whole(stored[4])
  if not (stored_limit and stored_state and stored_admitted and stored_refused) or #stored_limit ~= 5 * NUMBER then
    return redis.error_reply(BROKEN)
  end
  if stored_limit ~= called_limit then
    algorithm, old_epoch, old_capacity, old_refill, old_every = numbers_at(LIMIT, stored_limit)
    if algorithm > 0 and algorithm < ALGORITHMS then return redis.error_reply(OTHER) end
    if algorithm ~= 0 or old_epoch > MAX or old_capacity < 1 or old_capacity > MAX_CAPACITY or old_refill < 1
       or old_refill > MAX or old_every < 1 or old_every > MAX_EVERY then
      return redis.error_reply(BROKEN)
    end
  end
  if #stored_state ~= 8 * NUMBER then return redis.error_reply(BROKEN) end
  born, losses, restored, taken, refilled_total, debt, tokens, interval = numbers_at(STATE, stored_state)
  admitted, refused = stored_admitted, stored_refused
  if born < 1 or tokens > old_capacity or max(born, losses, restored, taken, refilled_total, debt, interval) > MAX then
    return redis.error_reply(BROKEN)
  end
  is_newer = stored_limit ~= called_limit
  if epoch < old_epoch or (is_newer and epoch == old_epoch and is_stricter(old_capacity, old_refill, old_every)) then
    -- Intervals may be due that a stale call does not apply.
    local next_refill = min((max(interval, floor(now / old_every)) + 1) * old_every - now, MAX)
    return {1, packed(STALE, tokens, next_refill, now, admitted, refused, old_epoch, old_capacity, old_refill, old_every)}
  end
  if known > 0 and born ~= known then
    if known < born or losses <= k_losses then
      -- Somebody who knew nothing began it anew. What it had too much then it still has at most: of two levels under the
      -- same takes and refills the higher one comes nearer, never further away.
      local began_with, level = min(old_capacity, max(0, (tokens - debt) + (taken - refilled_total))), known_level(born)
      owe(max(0, began_with - level))
      losses, born, restored = min(max(k_losses, losses, born - 1) + 1, MAX), known, k_taken
      admitted, refused = total(admitted, k_admitted), total(refused, k_refused)
      taken, refilled_total = total(taken, k_taken), total(refilled_total, k_refilled + max(0, min(began_with, level) - k_tokens + k_debt))
      event, renewed = 3, true
    end
  elseif known > 0 and losses <= k_losses then
    went_back = taken < k_taken
  elseif known > 0 and k_taken > restored then
    -- It was restored by somebody who knew less than this caller. It had at most a full bucket then; what refills had
    -- made up for until then is owed by nobody.
    local extra = k_taken - restored
    local unpaid = min(extra, capacity - known_level(losses))
    if unpaid > 0 then
      owe(unpaid)
      event, renewed = 4, true
    end
    taken, restored, refilled_total = total(taken, extra), k_taken, total(refilled_total, extra - unpaid)
  end
end

if is_lost or went_back then
  -- It goes on from where the caller knew it.
  tokens, interval, admitted, refused, taken, refilled_total = k_tokens, k_interval, k_admitted, k_refused, k_taken, k_refilled
  old_epoch, old_capacity, old_refill, old_every, is_newer = epoch, capacity, refill, every, false
  born, losses, restored, debt, renewed, adopted = known, min(max(k_losses + 1, now), MAX), k_taken, k_debt, true, true
  -- One that has outlived its TTL is not lost.
  if went_back then
    event = 3
  elseif debt > 0 or floor(now / every) - interval <= ceil(capacity / refill) + 1 then
    event = 2
  end
end

local current = floor(now / old_every)
if current > interval and due == 1 then
  refilled = added(tokens, current - interval, old_capacity, old_refill)
  tokens, interval, refilled_total = tokens + refilled, current, total(refilled_total, refilled)
  renewed, refiller = true, who
elseif current > interval then
  overdue = true
elseif current < interval and interval * old_every - now > CLOCK_STEP then
  interval, renewed, regressed = current, true, true
end
if debt > 0 then
  local owed = debt
  debt = 0
  owe(owed)
end
if is_newer or not (mode == 'keep' or settles) then
  if every ~= old_every then interval = floor(now / every) end
  if mode == 'refill' or mode == 'drain' then
    tokens, debt = mode == 'refill' and capacity or 0, 0 -- somebody has set the level
  elseif mode == 'proportional' then
    -- floor(tokens * capacity / old_capacity) in two halves, so that no product passes 2^53
    local high = tokens * floor(capacity / HALF)
    local rest = (high % old_capacity) * HALF + tokens * (capacity % HALF)
    tokens = floor(high / old_capacity) * HALF + floor(rest / old_capacity)
  else
    tokens = min(tokens, capacity)
  end
  renewed, adopted = true, true
end

local first, granted = nil, {} -- what is told of each pair, or of the settlement
if settles then
  -- What the caller decided by itself, entered once. Told: 1 if it was, 1 if it is exact, the possible excess (tokens), and
  -- how many of those in doubt had been taken.
  local outage, part, had_whole, base_tokens, base_debt, base_interval, base_taken, doubt, own_tokens, own_interval, spent, let_in,
    turned_away = numbers_at('<I7I7I7I7I7I7I7I7I7I7I7I7I7', runs)
  local is_whole = had_whole == 1
  if (is_whole and (own_tokens > capacity or base_tokens > capacity))
     or max(outage, part, base_tokens, base_debt, base_interval, base_taken, doubt, own_tokens, own_interval, spent, let_in,
            turned_away) > MAX then
    return redis.error_reply('WEIRARGS the numbers of settle contradict each other')
  end
  local mark = call('HMGET', KEYS[2], 'outage', 'part', 'spent', 'admitted', 'refused', 'excess')
  for i = 1, 6 do
    mark[i] = whole(mark[i] or '0')
    if not mark[i] then return redis.error_reply('WEIRSTATE the mark of a settlement is no number') end
  end
  local is_new, is_exact, applied = outage > mark[1] or (outage == mark[1] and part > mark[2]), 0, 0
  if is_new then
    if outage > mark[1] then mark[3], mark[4], mark[5], mark[6] = 0, 0, 0, 0 end
    local more = max(0, spent - mark[3])
    local others = taken - base_taken   -- by anybody; what this caller has settled already is in it
    local intervals, level = max(0, interval - base_interval), max(0, tokens - more)
    applied = others - mark[3]          -- of what is in doubt, if nobody else took
    if is_whole and born == known and not is_newer and others >= 0
       and applied >= 0 and applied <= doubt
       and tokens >= base_tokens + added(base_tokens, intervals, capacity, refill) - others
       and tokens - base_tokens + others <= added(base_tokens - others, intervals, capacity, refill) then
      -- Nobody but this caller has taken from it since: its own count is the level, less what was taken for nobody, or the
      -- level here, less what it gave. Each takes the other's tokens last, when they leave no more room to refills.
      local own = max(0, own_tokens - applied)
      level, is_exact = max(own + added(own, max(0, interval - own_interval), capacity, refill), tokens - more), 1
      if own_interval > interval then interval = own_interval end
    else
      -- More than level + refills may have been taken by all together. It is told again with each part: an answer may have
      -- been lost.
      local over = others + more - base_tokens + base_debt
      if born ~= known then
        mark[6] = total(mark[6], more - (tokens - level))
      elseif over > 0 and intervals < ceil(over / refill) then
        mark[6] = max(mark[6], over - intervals * refill)
      end
      applied = 0
    end
    refilled_total = total(refilled_total, max(0, level - (tokens - more)))
    tokens, taken = level, total(taken, more)
    admitted = total(admitted, max(0, let_in - mark[4]))
    refused = total(refused, max(0, turned_away - mark[5]))
    call('HSET', KEYS[2], 'outage', text(outage), 'part', text(part), 'spent', text(max(spent, mark[3])),
               'admitted', text(max(let_in, mark[4])), 'refused', text(max(turned_away, mark[5])), 'excess', text(mark[6]))
    call('PEXPIRE', KEYS[2], text(SETTLED_MS))
  end
  granted = packed('<I7I7I7I7', is_new and 1 or 0, is_exact, is_new and mark[6] or 0, applied)
else
  for position = 1, #runs, 2 * NUMBER do
    local cost, count = numbers_at('<I7I7', runs, position)
    -- Nothing is written before the loop ends, so a bad pair leaves the bucket as it was.
    if cost > MAX or count > MAX then return redis.error_reply('WEIRARGS a cost or count is not a whole number') end
    local let_in = count
    if not returns then
      if cost > 0 then let_in = min(count, floor(tokens / cost)) end
      tokens, taken = tokens - let_in * cost, total(taken, let_in * cost)
      admitted, refused = total(admitted, let_in), total(refused, count - let_in)
    elseif cost > capacity then
      -- No bucket has room for it, so nothing was taken: the refusals are not counted any more.
      refused = max(0, refused - count)
    else
      -- Taken ahead and not used. `taken` never falls: whoever knows the bucket compares it.
      local back = min(capacity - tokens, cost * count)
      tokens, refilled_total, admitted = tokens + back, total(refilled_total, back), max(0, admitted - count)
    end
    if position == 1 then
      first = let_in
    else
      granted[#granted + 1] = packed('<I7', let_in)
    end
  end
  granted = table.concat(granted)
end

-- Only what has changed: to write a field costs more than to read one.
local state = packed(STATE, born, losses, restored, taken, refilled_total, debt, tokens, interval)
local fields, n = {'state', state, false, false, false, false, false, false, false, false}, 2
if admitted ~= stored_admitted then fields[n + 1], fields[n + 2], n = 'admitted', text(admitted), n + 2 end
if refused ~= stored_refused then fields[n + 1], fields[n + 2], n = 'refused', text(refused), n + 2 end
if adopted then fields[n + 1], fields[n + 2], n = 'limit', called_limit, n + 2 end
if refiller then fields[n + 1], fields[n + 2], n = 'refiller', refiller, n + 2 end
if n > 2 or state ~= stored_state then call('HSET', key, unpack(fields, 1, n)) end
if regressed then call('HINCRBY', key, 'regressions', 1) end
if renewed or overdue then
  local ttl_us = (ceil((capacity + debt) / refill) + 2) * every
  call('PEXPIRE', key, text(min(ceil(ttl_us / 1000), 100000000000000)))
end

-- Without the refiller an interval may be due that nobody has added.
local next_refill = min((max(interval, floor(now / every)) + 1) * every - now, MAX)
local answer
if first and granted == '' then -- nearly every call
  answer = packed(TOLD_OF_ONE, tokens, next_refill, now, refilled, admitted, refused, taken, refilled_total, interval, born,
                  losses, restored, event, debt, first)
else
  answer = packed(TOLD, tokens, next_refill, now, refilled, admitted, refused, taken, refilled_total, interval, born, losses,
                  restored, event, debt) .. (first and packed('<I7', first) or '') .. granted
end
if who == '-' or settles then return {0, answer} end
return {0, answer, refiller or call('HGET', key, 'refiller') or ''}
