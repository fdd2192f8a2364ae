-- SPDX-License-Identifier: GPL-3.0-only
-- take: one token bucket with interval refill, a batch of costs. The contract is README.md beside this file.
--
-- KEYS[1]   the bucket: a hash `weir:{LIMIT:SUBJECT}`
-- KEYS[2]   settle only: what this caller has settled: a hash `weir:{LIMIT:SUBJECT}:settled:CALLER`
-- ARGV[1]   epoch of the caller's limit, >= 1
-- ARGV[2]   capacity, tokens
-- ARGV[3]   refill, tokens per interval
-- ARGV[4]   interval, microseconds
-- ARGV[5]   level of a bucket that does not exist yet, tokens
-- ARGV[6]   what becomes of the tokens first: keep | proportional | refill | drain; or settle; or return: the pairs
--           were granted before and are given back
-- ARGV[7]   now, microseconds since 1970; 0 = the server's TIME (everything but tests and a clock stepped on purpose)
-- ARGV[8]   1: add the intervals that are due; 0: leave that to the refiller
-- ARGV[9]   who calls: a refiller's name, kept with its refill; - = a request
-- ARGV[10..17] the bucket as the caller last knew it, by the limit above: born (0: it knows none), losses, taken,
--           tokens, interval, admitted, refused, refilled
-- ARGV[18..] pairs: cost, count = `count` requests in a row of `cost` tokens each; or the 13 numbers of settle
-- RETURN    {0, tokens, next_refill_us, now_us, refilled, admitted, refused, taken, refilled_total, interval, born, losses,
--            restored, event, granted per pair..., for a refiller: who refilled last}
--           {1, tokens, next_refill_us, now_us, 0, admitted, refused, epoch, capacity, refill, interval_us}
--           when the caller's limit is older than the bucket's: nothing was done
-- ERRORS    WEIRARGS (the caller), WEIRSTATE (what is stored is broken; it is left as it is)
-- ATOMIC    because refill, verdicts and totals belong together: no other client sees a half of them
-- COST      O(pairs), one HMGET, one HSET, one PEXPIRE when an interval has passed; settle: one more of each
-- TTL       time from empty to full + 2 intervals, renewed with every interval that passes

local MAX = 9007199254740991   -- 2^53 - 1: from 2^53 on doubles skip whole numbers
local MAX_CAPACITY = 1000000000
local MAX_EVERY = 31622400000000 -- 366 days; with MAX_CAPACITY it keeps the products below exact
local SETTLED_MS = 86400000    -- how long a caller's mark is kept: far longer than a late call can be under way
local CLOCK_STEP = 2000000     -- a clock that went back by less is waited for
local HALF = 32768
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max
local find, format = string.find, string.format

local function whole(text)
  if text == '0' then return 0 end
  if not text or not find(text, '^%d+$') then return nil end
  local number = tonumber(text)
  if number > MAX then return nil end
  return number
end

-- A lifetime total stops at MAX rather than become a number that `whole` refuses for ever.
local function total(before, more) return min(before + more, MAX) end

-- Whole numbers from 0 to MAX; %d is faster, and a C int everywhere.
local function text(number) return format(number < 2147483648 and '%d' or '%.0f', number) end

local FIRST = 18               -- of the pairs
local key, call, stored = KEYS[1], redis.call, nil

local function server_time()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

local function fetch()
  return call('HMGET', key, 'epoch', 'capacity', 'refill', 'every', 'tokens', 'interval', 'admitted', 'refused', 'taken',
              'refilled', 'born', 'losses', 'restored', 'refiller', 'debt')
end

-- What `intervals` more intervals add; never multiplies before it knows that the product stays below the capacity.
local function added(tokens, intervals, room, amount)
  local missing = room - tokens
  if intervals >= ceil(missing / amount) then return missing end
  return intervals * amount
end

-- What is stored and what the caller sent are mostly the same text, which the script has once written as a number.
local function read(text, sent) return text == sent and tonumber(text) or whole(text) end

-- What nearly every call is: a take from a bucket that is as its caller knows it, but for what others have taken since.
-- What is said below would do the same to it. Nothing is answered, and nothing was done, when it is any other call or
-- anything is wrong with it.
local function take_from_known()
  local a, k = ARGV, stored
  if a[1] ~= k[1] or a[2] ~= k[2] or a[3] ~= k[3] or a[4] ~= k[4] or a[10] ~= k[11] or a[11] ~= k[12]
     or (a[5] ~= a[2] and a[5] ~= '0') or (k[15] or '0') ~= '0' or #a % 2 == 0 then
    return nil
  end
  local epoch, capacity, refill, every = tonumber(a[1]), tonumber(a[2]), tonumber(a[3]), tonumber(a[4])
  local tokens, interval, admitted = read(k[5], a[13]), read(k[6], a[14]), read(k[7], a[15])
  local refused, taken, refilled = read(k[8], a[16]), read(k[9], a[12]), read(k[10], a[17])
  local born, losses, restored = tonumber(a[10]), tonumber(a[11]), k[13] == '0' and 0 or whole(k[13])
  if not (epoch and capacity and refill and every and tokens and interval and admitted and refused and taken and refilled
          and born and losses and restored) or epoch < 1 or capacity < 1 or capacity > MAX_CAPACITY or refill < 1
     or every < 1 or every > MAX_EVERY or tokens > capacity or born < 1
     or (a[12] ~= k[9] and taken < (whole(a[12]) or MAX)) then
    return nil
  end
  local now, more = a[7] == '0' and server_time() or whole(a[7]), 0
  if not now then return nil end
  local current = floor(now / every)
  if current < interval then return nil end
  if current > interval then more = added(tokens, current - interval, capacity, refill) end
  local answer = {0, 0, (current + 1) * every - now, now, more, 0, 0, 0, total(refilled, more), current, born, losses, restored, 0}
  local level, let_in, turned_away, spent = tokens + more, 0, 0, 0
  for i = FIRST, #a, 2 do
    local cost, count = whole(a[i]), whole(a[i + 1])
    if not (cost and count) then return nil end
    local granted = count
    if granted * cost > level then granted = floor(level / cost) end
    level, spent = level - granted * cost, spent + granted * cost
    let_in, turned_away = total(let_in, granted), total(turned_away, count - granted)
    answer[14 + (i - FIRST + 2) / 2] = granted
  end
  local list, n = {}, 0
  if level ~= tokens then list[1], list[2], n = 'tokens', text(level), 2 end
  if let_in > 0 then
    admitted = total(admitted, let_in)
    list[n + 1], list[n + 2], n = 'admitted', text(admitted), n + 2
  end
  if spent > 0 then
    taken = total(taken, spent)
    list[n + 1], list[n + 2], n = 'taken', text(taken), n + 2
  end
  if turned_away > 0 then
    refused = total(refused, turned_away)
    list[n + 1], list[n + 2], n = 'refused', text(refused), n + 2
  end
  if more > 0 then list[n + 1], list[n + 2], n = 'refilled', text(answer[9]), n + 2 end
  if current > interval then list[n + 1], list[n + 2], n = 'interval', text(current), n + 2 end
  if n > 0 then call('HSET', key, unpack(list, 1, n)) end
  if current > interval then
    if k[14] ~= '-' then call('HSET', key, 'refiller', '-') end
    call('PEXPIRE', key, text(min(ceil((ceil(capacity / refill) + 2) * every / 1000), 100000000000000)))
  end
  answer[2], answer[6], answer[7], answer[8] = level, admitted, refused, taken
  return answer
end

if ARGV[6] == 'keep' and ARGV[8] == '1' and ARGV[9] == '-' then
  stored = fetch()
  local answer = take_from_known()
  if answer then return answer end
end

local epoch, capacity, refill = whole(ARGV[1]), whole(ARGV[2]), whole(ARGV[3])
local every, start, mode, now = whole(ARGV[4]), whole(ARGV[5]), ARGV[6], whole(ARGV[7])
local due, who = ARGV[8], ARGV[9]
local returns = mode == 'return'
if returns then mode = 'keep' end
local known, k_losses, k_taken = whole(ARGV[10]), whole(ARGV[11]), whole(ARGV[12])
if not (epoch and capacity and refill and every and start and now)
   or epoch < 1 or capacity < 1 or capacity > MAX_CAPACITY or refill < 1 or every < 1 or every > MAX_EVERY
   or start > capacity or #ARGV < FIRST - 1 or (#ARGV % 2 == 0) ~= (mode == 'settle')
   or not (known and k_losses and k_taken) or not (due == '0' or due == '1')
   or (who ~= '-' and not string.match(who, '^[%w._:-]+$')) or #who > 64
   or not (mode == 'keep' or mode == 'proportional' or mode == 'refill' or mode == 'drain'
           or (mode == 'settle' and #ARGV == FIRST + 12 and KEYS[2])) then
  return redis.error_reply('WEIRARGS the arguments are not those of take')
end
if now == 0 then now = server_time() end

-- The rest of what the caller knows, read only when it is needed; false: it is no bucket.
local k_tokens, k_interval, k_admitted, k_refused, k_refilled
local function recall()
  k_tokens, k_interval, k_admitted = whole(ARGV[13]), whole(ARGV[14]), whole(ARGV[15])
  k_refused, k_refilled = whole(ARGV[16]), whole(ARGV[17])
  return k_tokens and k_interval and k_admitted and k_refused and k_refilled and k_tokens <= capacity
end
local NO_BUCKET = 'WEIRARGS what is known of the bucket is no bucket'

local function level_after_change(tokens, before)
  if mode == 'keep' or mode == 'settle' then return min(tokens, capacity) end
  if mode == 'refill' then return capacity end
  if mode == 'drain' then return 0 end
  -- floor(tokens * capacity / before) in two halves, so that no product passes 2^53
  local high = tokens * floor(capacity / HALF)
  local rest = (high % before) * HALF + tokens * (capacity % HALF)
  return floor(high / before) * HALF + floor(rest / before)
end

stored = stored or fetch()
local tokens, interval, admitted, refused, taken, refilled_total, born, losses, restored
local old_debt = whole(stored[15] or '0')
if not old_debt then return redis.error_reply('WEIRSTATE a field of the bucket is missing or not a whole number') end
local debt = old_debt
local old_epoch, old_capacity, old_refill, old_every = epoch, capacity, refill, every
local refiller = stored[14] or ''
local refilled, renewed, adopted, regressed, overdue, event = 0, false, false, false, false, 0

-- Taken by somebody already; what is not there any more is paid by the next refills.
local function owe(amount)
  local paid = min(tokens, amount)
  tokens, debt = tokens - paid, total(debt, amount - paid)
end

-- Taken ahead and not used. `taken` never falls: whoever knows the bucket compares it. Of a cost that no bucket has room
-- for nothing was taken: the refusals are not counted any more.
local function give_back(cost, count)
  if cost > capacity then
    refused = max(0, refused - count)
  else
    local back = min(capacity - tokens, cost * count)
    tokens, refilled_total, admitted = tokens + back, total(refilled_total, back), max(0, admitted - count)
  end
end

local found = 0
for i = 1, 10 do
  if stored[i] then found = found + 1 end
end
if found == 0 and known == 0 then
  tokens, interval = start, floor(now / every)
  admitted, refused, taken, refilled_total = 0, 0, 0, 0
  born, losses, restored, event = max(now, 1), 0, 0, 1
  renewed, adopted = true, true
elseif found == 0 then
  -- It was lost, or it has outlived its TTL: either way it goes on from where the caller knew it.
  if not recall() then return redis.error_reply(NO_BUCKET) end
  tokens, interval, admitted, refused, taken, refilled_total = k_tokens, k_interval, k_admitted, k_refused, k_taken, k_refilled
  born, losses, restored, debt = known, total(k_losses, 1), k_taken, 0
  if floor(now / every) - interval <= ceil(capacity / refill) + 1 then event = 2 end
  renewed, adopted = true, true
else
  local called_with = {epoch, capacity, refill, every}
  for i = 1, 10 do
    stored[i] = stored[i] == ARGV[i] and called_with[i] or whole(stored[i]) -- mostly the same limit, read already
    if not stored[i] then return redis.error_reply('WEIRSTATE a field of the bucket is missing or not a whole number') end
  end
  -- A bucket of before these were kept has none of the three.
  born, losses, restored = whole(stored[11] or '1'), whole(stored[12] or '0'), whole(stored[13] or '0')
  old_epoch, old_capacity, old_refill, old_every = stored[1], stored[2], stored[3], stored[4]
  tokens, interval, admitted, refused, taken, refilled_total = stored[5], stored[6], stored[7], stored[8], stored[9], stored[10]
  if not (born and losses and restored) or born < 1
     or old_capacity < 1 or old_capacity > MAX_CAPACITY or old_refill < 1 or old_every < 1 or old_every > MAX_EVERY
     or tokens > old_capacity then
    return redis.error_reply('WEIRSTATE the numbers of the bucket contradict each other')
  end
  if epoch < old_epoch or (epoch == old_epoch
     and (capacity ~= old_capacity or refill ~= old_refill or every ~= old_every)) then
    -- Intervals may be due that a stale call does not apply.
    local current = max(interval, floor(now / old_every))
    return {1, tokens, (current + 1) * old_every - now, now, 0, admitted, refused,
            old_epoch, old_capacity, old_refill, old_every}
  end
  if known > 0 and born ~= known then
    if losses <= k_losses then
      -- The store was emptied and somebody who knew nothing began anew: what was taken since is taken from ours.
      if not recall() then return redis.error_reply(NO_BUCKET) end
      local more = added(k_tokens, max(0, floor(now / every) - k_interval), capacity, refill)
      tokens, interval, debt = k_tokens + more, max(k_interval, floor(now / every)), 0
      owe(taken)
      refilled_total = total(k_refilled, more)
      admitted, refused, taken = total(k_admitted, admitted), total(k_refused, refused), total(k_taken, taken)
      old_epoch, old_capacity, old_refill, old_every = epoch, capacity, refill, every
      born, losses, restored, event, renewed, adopted = known, total(k_losses, 1), k_taken, 3, true, true
    end
  elseif known > 0 and losses > k_losses then
    -- It was restored by somebody who knew less than this caller. What was taken longer ago than the time
    -- to full is made up for by refills.
    if not recall() then return redis.error_reply(NO_BUCKET) end
    if k_taken > restored then
      local extra = k_taken - restored
      if floor(now / every) - k_interval <= ceil(capacity / refill) + 1 then
        owe(extra)
        event = 4
      else
        refilled_total = total(refilled_total, extra)
      end
      taken, restored, adopted = total(taken, extra), k_taken, true
    end
  elseif known > 0 and taken < k_taken then
    -- The store went back to an older copy.
    if not recall() then return redis.error_reply(NO_BUCKET) end
    tokens, interval, admitted, refused, taken, refilled_total = k_tokens, k_interval, k_admitted, k_refused, k_taken, k_refilled
    old_epoch, old_capacity, old_refill, old_every = epoch, capacity, refill, every
    losses, restored, event, renewed, adopted, debt = total(k_losses, 1), k_taken, 3, true, true, 0
  end
end

local current = floor(now / old_every)
if current > interval and due == '1' then
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
  adopted = true
end
if epoch > old_epoch or not (mode == 'keep' or mode == 'settle') then
  if every ~= old_every then interval = floor(now / every) end
  tokens = level_after_change(tokens, old_capacity)
  if mode == 'refill' or mode == 'drain' then debt = 0 end -- somebody has set the level
  renewed, adopted = true, true
end

local answer = {0, 0, 0, now, refilled, 0, 0, 0, 0, 0, born, losses, restored, event}
if mode == 'settle' then
  local function settle()
    local n = {}
    for i = 0, 12 do n[i] = whole(ARGV[FIRST + i]) end
    for i = 0, 12 do
      if not n[i] then return redis.error_reply('WEIRARGS a number of settle is not whole') end
    end
    local outage, part, is_whole = n[0], n[1], n[2] == 1
    local base_tokens, base_interval, base_taken, doubt = n[3], n[4], n[5], n[6]
    local sure, most, local_interval, spent, let_in, turned_away = n[7], n[8], n[9], n[10], n[11], n[12]
    if sure > most or (is_whole and (most > capacity or base_tokens > capacity)) then
      return redis.error_reply('WEIRARGS the numbers of settle contradict each other')
    end
    local mark = call('HMGET', KEYS[2], 'outage', 'part', 'spent', 'admitted', 'refused')
    for i = 1, 5 do
      if mark[i] and not whole(mark[i]) then return redis.error_reply('WEIRSTATE the mark of a settlement is no number') end
      mark[i] = whole(mark[i] or '0')
    end
    if outage < mark[1] or (outage == mark[1] and part <= mark[2]) then return 0, 0, 0, 0 end
    if outage > mark[1] then mark[3], mark[4], mark[5] = 0, 0, 0 end
    local more = max(0, spent - mark[3])
    local others = taken - base_taken   -- by anybody; what this caller has settled already is in it
    local applied = others - mark[3]    -- of what is in doubt, if nobody else took
    local intervals = max(0, interval - base_interval)
    local level, is_exact, excess = max(0, tokens - more), 0, 0
    if is_whole and born == known and old_every == every and old_epoch == epoch and others >= 0
       and applied >= 0 and applied <= doubt
       and tokens >= base_tokens + added(base_tokens, intervals, capacity, refill) - others
       and tokens - base_tokens + others <= added(base_tokens - others, intervals, capacity, refill) then
      -- Nobody but this caller has taken from it since: its own count is the level.
      level, is_exact = max(0, min(most, sure + min(doubt, base_tokens) - applied)), 1
      level = level + added(level, max(0, interval - local_interval), capacity, refill)
      if local_interval > interval then interval = local_interval end
    else
      -- More than level + refills may have been taken by all together.
      local over = others + more - base_tokens
      if born ~= known then over = more - (tokens - level) end
      if over > 0 and (born ~= known or intervals < ceil(over / refill)) then
        excess = over - (born == known and intervals * refill or 0)
      end
    end
    refilled_total = total(refilled_total, max(0, level - (tokens - more)))
    tokens, taken = level, total(taken, more)
    admitted = total(admitted, max(0, let_in - mark[4]))
    refused = total(refused, max(0, turned_away - mark[5]))
    call('HSET', KEYS[2], 'outage', text(outage), 'part', text(part), 'spent', text(max(spent, mark[3])),
               'admitted', text(max(let_in, mark[4])), 'refused', text(max(turned_away, mark[5])))
    call('PEXPIRE', KEYS[2], text(SETTLED_MS))
    return 1, is_exact, excess, is_exact == 1 and applied or 0
  end
  local settled, is_exact, excess, applied = settle()
  if type(settled) == 'table' then return settled end
  answer[15], answer[16], answer[17], answer[18] = settled, is_exact, excess, applied
else
  for i = FIRST, #ARGV, 2 do
    local cost, count = whole(ARGV[i]), whole(ARGV[i + 1])
    -- Nothing is written before the loop ends, so a bad pair leaves the bucket as it was.
    if not (cost and count) then return redis.error_reply('WEIRARGS a cost or count is not a whole number') end
    local granted = count
    if returns then
      give_back(cost, count)
    else
      if cost > 0 then granted = min(count, floor(tokens / cost)) end
      tokens, taken = tokens - granted * cost, total(taken, granted * cost)
      admitted, refused = total(admitted, granted), total(refused, count - granted)
    end
    answer[#answer + 1] = granted
  end
end

if adopted then
  call('HSET', key, 'epoch', text(epoch), 'capacity', text(capacity), 'refill', text(refill), 'every', text(every),
             'tokens', text(tokens), 'interval', text(interval), 'admitted', text(admitted), 'refused', text(refused),
             'taken', text(taken), 'refilled', text(refilled_total),
             'born', text(born), 'losses', text(losses), 'restored', text(restored))
elseif renewed or #ARGV >= FIRST then
  -- Only what has changed: to write a number costs more than to read one.
  local fields = {'tokens', 'interval', 'admitted', 'refused', 'taken', 'refilled'}
  local numbers, changes = {tokens, interval, admitted, refused, taken, refilled_total}, {}
  for i = 1, 6 do
    if numbers[i] ~= stored[4 + i] then changes[#changes + 1], changes[#changes + 2] = fields[i], text(numbers[i]) end
  end
  if #changes > 0 then call('HSET', key, unpack(changes)) end
end
if renewed and refiller ~= (stored[14] or '') then call('HSET', key, 'refiller', refiller) end
if debt ~= old_debt then call('HSET', key, 'debt', text(debt)) end
if regressed then call('HINCRBY', key, 'regressions', 1) end
if renewed or overdue then
  local ttl_us = (ceil(capacity / refill) + 2) * every
  call('PEXPIRE', key, text(min(ceil(ttl_us / 1000), 100000000000000)))
end

-- Without the refiller an interval may be due that nobody has added.
local next_refill = (max(interval, floor(now / every)) + 1) * every - now
answer[2], answer[3], answer[6], answer[7] = tokens, next_refill, admitted, refused
answer[8], answer[9], answer[10] = taken, refilled_total, interval
if mode ~= 'settle' and who ~= '-' then answer[#answer + 1] = refiller end
return answer
