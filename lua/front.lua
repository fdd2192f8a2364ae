-- SPDX-License-Identifier: GPL-3.0-only
-- front: answers the most frequent calls of take before the other fragments run: to make the functions and tables of a script
-- is most of the cost of a call on few buckets. So there is no function here, and no table that is not needed.
--
-- Every limit of the call is a token-bucket; every bucket is stored by just that limit, owes nothing and is what its caller knows,
-- or is neither stored nor known; no ask is of a shadow, and no run is given back. Then nothing has to be compared or adopted. All
-- other calls are left to the following fragments, with nothing written.

repeat
  local limits, blob, runs = ARGV[3], ARGV[4], ARGV[5]
  local numbers_at, packed, call, find, format = struct.unpack, struct.pack, redis.call, string.find, string.format
  local floor, ceil, MAX = math.floor, math.ceil, 9007199254740991
  -- A limit of the call has 49 bytes, of which a bucket stores the first 35; a bucket 77, a run 14 and each of its asks 21.
  if ARGV[2] ~= '1' or ARGV[6] or not runs or #limits % 49 ~= 0 or #blob % 77 ~= 0 or #KEYS * 77 < #blob or #runs < 35
     or not find(ARGV[1], '^%d+$') then
    break
  end
  local now = tonumber(ARGV[1])
  if now == 0 then
    local time = call('TIME')
    now = time[1] * 1000000 + time[2]
  end
  local fits = now <= MAX

  local of = {} -- the limits: capacity, refill, every, their bytes as a bucket stores them, the last interval that can be counted, start
  for position = 1, #limits, 49 do
    local algorithm, epoch, capacity, refill, every, start, mode = numbers_at('<I7I7I7I7I7I7I7', limits, position)
    fits = fits and algorithm == 0 and mode == 0 and epoch >= 1 and epoch <= MAX and capacity >= 1 and capacity <= 1000000000
      and refill >= 1 and refill <= capacity and every >= 1 and every <= 31622400000000 and start <= capacity
    of[#of + 1] = {capacity, refill, every, string.sub(limits, position, position + 34), floor(MAX / every) - 2, start}
  end

  local all, whole = {}, {['0'] = 0} -- the buckets as of now; most of their texts occur again
  for i = 1, fits and #blob / 77 or 0 do
    local place, known, k_losses, k_taken = numbers_at('<I7I7I7I7', blob, (i - 1) * 77 + 1)
    local limit, stored = of[place], call('HMGET', KEYS[i], 'limit', 'state', 'admitted', 'refused')
    local state, text, other = stored[2], stored[3], stored[4]
    local is_new = known == 0 and not (stored[1] or state or text or other)
    fits = limit and (is_new or (stored[1] == limit[4] and state and #state == 56 and text and other))
    if not fits then break end
    local current = floor(now / limit[3])
    local admitted, refused, born, losses, restored, taken, refilled, debt, tokens, interval
    if is_new then
      admitted, refused, born, losses, restored, taken, refilled, debt = 0, 0, now > 1 and now or 1, 0, 0, 0, 0, 0
      tokens, interval = limit[6], current
    else
      admitted = whole[text] or (find(text, '^%d+$') and tonumber(text))
      refused = whole[other] or (find(other, '^%d+$') and tonumber(other))
      fits = admitted and refused
      if not fits then break end
      whole[text], whole[other] = admitted, refused
      born, losses, restored, taken, refilled, debt, tokens, interval = numbers_at('<I7I7I7I7I7I7I7I7', state)
    end
    -- The second in which the key of a subject expires: clients can make up subjects, so it is not kept for longer than
    -- needed.
    local keyed, ends = limit[6] == limit[1] and (find(KEYS[i], '{[^}]*:') or find(KEYS[i], '}:[^:]*:')), nil
    if keyed and tokens < limit[1] and not is_new then
      ends = (interval + ceil((limit[1] - tokens) / limit[2])) * limit[3]
      ends = ends < MAX and floor(ends / 1000000) + 2
    end
    local capacity, refill, passed = limit[1], limit[2], current - interval
    fits = debt == 0 and passed >= 0 and interval <= limit[5] and tokens <= capacity and born >= 1 and born <= MAX
      and losses <= MAX and restored <= MAX and taken <= MAX and refilled <= MAX and admitted <= MAX and refused <= MAX
      and (known == 0 or (born == known and losses <= k_losses and taken >= k_taken))
    if not fits then break end
    if passed > 0 then
      local more = capacity - tokens
      if passed < ceil(more / refill) then more = passed * refill end -- never multiplied before it is known to stay below
      tokens, interval, refilled = tokens + more, interval + passed, refilled + more
      if refilled > MAX then refilled = MAX end
    end
    all[i] = {tokens, taken, admitted, refused, interval, limit, born, losses, restored, refilled, passed > 0 or is_new, admitted, refused,
              is_new, keyed, ends}
  end

  local granted_of, lacks, asked, position = {}, {}, 0, 1 -- by run; by ask: no room for the next one; asks so far; the next run
  while fits and position <= #runs do
    if position + 34 > #runs then fits = false break end
    local count, asks, place, cost, shadow = numbers_at('<I7I7I7I7I7', runs, position)
    local b, granted, last = all[place], count, position + 14 + (asks - 1) * 21
    fits = b and asks >= 1 and last + 20 <= #runs and shadow == 0 and count <= MAX and cost <= MAX
    if not fits then break end
    if cost > 0 and count * cost > b[1] then granted = (b[1] - b[1] % cost) / cost end
    for at = position + 35, last, 21 do -- each takes from all of them or from none
      place, cost, shadow = numbers_at('<I7I7I7', runs, at)
      b = all[place]
      fits = fits and b and shadow == 0 and cost <= MAX
      if fits and cost > 0 and granted * cost > b[1] then granted = (b[1] - b[1] % cost) / cost end
    end
    if not fits then break end
    for at = position + 14, last, 21 do
      if asks > 1 then
        place, cost = numbers_at('<I7I7', runs, at)
        b = all[place]
      end
      asked = asked + 1
      local room = b[1] - granted * cost
      b[1], b[2], b[3] = room, b[2] + granted * cost, b[3] + granted
      if granted < count and room < cost then b[4], lacks[asked] = b[4] + count - granted, 1 end
    end
    granted_of[#granted_of + 1] = granted
    position = last + 21
  end
  if not fits then break end

  local told = {} -- 15 numbers a bucket
  for i = 1, #all do
    local b = all[i]
    local tokens, taken, admitted, refused, interval, limit = b[1], b[2], b[3], b[4], b[5], b[6]
    local capacity, refill, every = limit[1], limit[2], limit[3]
    -- A lifetime total stops at MAX, the largest number that is accepted.
    if taken > MAX then taken = MAX end
    if admitted > MAX then admitted = MAX end
    if refused > MAX then refused = MAX end
    local state = packed('<I7I7I7I7I7I7I7I7', b[7], b[8], b[9], taken, b[10], 0, tokens, interval)
    -- Only what has changed: to write a field costs more than to read one. %d is faster, and a C int everywhere.
    local new_admitted = admitted ~= b[12] and format(admitted < 2147483648 and '%d' or '%.0f', admitted)
    local new_refused = refused ~= b[13] and format(refused < 2147483648 and '%d' or '%.0f', refused)
    if b[14] then
      call('HSET', KEYS[i], 'state', state, 'admitted', new_admitted or '0', 'refused', new_refused or '0', 'limit', limit[4])
    elseif not new_refused then
      if new_admitted then
        call('HSET', KEYS[i], 'state', state, 'admitted', new_admitted)
      else
        call('HSET', KEYS[i], 'state', state)
      end
    elseif new_admitted then
      call('HSET', KEYS[i], 'state', state, 'admitted', new_admitted, 'refused', new_refused)
    else
      call('HSET', KEYS[i], 'state', state, 'refused', new_refused)
    end
    local until_more, until_full, missing = 0, 0, capacity - tokens
    if missing > 0 then
      until_more = (interval + 1) * every - now -- each interval brings some
      until_full = until_more
      if missing > refill then
        local later = ceil(missing / refill) - 1
        until_full = later > floor(MAX / every) and MAX or until_more + later * every
        if until_full > MAX then until_full = MAX end
      end
    end
    local ends = b[15] and floor((now + until_full) / 1000000) + 2
    if ends and ends ~= b[16] or not ends and b[11] then -- until it is full, and a second or an interval to spare
      local life_ms = ends and ends * 1000 - floor(now / 1000) or ceil((ceil(capacity / refill) + 2) * every / 1000)
      if life_ms > 9007199254741 then life_ms = 9007199254741 end
      call('PEXPIRE', KEYS[i], format(life_ms < 2147483648 and '%d' or '%.0f', life_ms))
    end
    told[i] = packed('<I7I7I7I7I7I7I7I7I7I7I7I7I7I7I7', tokens, until_more, until_full, admitted, refused, taken, b[10], b[7],
                     b[8], b[9], b[14] and 1 or 0, 0, tokens, interval, 0)
  end

  local verdicts = {} -- by run; waits are from the levels after the whole call, which a retry meets
  asked, position = 0, 1
  for n = 1, #granted_of do
    local count, asks = numbers_at('<I7I7', runs, position)
    local granted = granted_of[n]
    verdicts[#verdicts + 1] = packed('<I7', granted)
    for at = position + 14, position + 14 + (asks - 1) * 21, 21 do
      local wait = 0
      asked = asked + 1
      if granted < count then
        local place, cost = numbers_at('<I7I7', runs, at)
        local b = all[place]
        local limit = b[6]
        local missing, refill, every = cost - b[1], limit[2], limit[3]
        if cost > limit[1] then
          wait = MAX + 1
        elseif missing > 0 then
          wait = (b[5] + 1) * every - now
          if missing > refill then
            local later = ceil(missing / refill) - 1
            wait = later > floor(MAX / every) and MAX or wait + later * every
            if wait > MAX then wait = MAX end
          end
        end
      end
      verdicts[#verdicts + 1] = packed('<I7I7I7', granted, lacks[asked] or 0, wait)
    end
    position = position + 14 + asks * 21
  end
  do return {0, now, table.concat(told), table.concat(verdicts)} end
until true
