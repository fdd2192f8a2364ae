-- SPDX-License-Identifier: GPL-3.0-only
-- settle_all: what an instance decided without the store about several buckets, once each. Behind buckets.lua.
--
-- KEYS      the buckets, then for each the mark of this instance: `...:settled:INSTANCE`
-- ARGV      as call.lua; ARGV[5]: 14 numbers for each bucket: outage, part, 1 if the instance had the whole bucket, taken at its
--           base, tokens in doubt, three numbers of its cell at the base, three of the one it came to, spent, admitted, refused
--           (of the whole outage)
-- RETURN    {0, now, for each bucket: 1 if it was entered, 1 if it is exact, the possible excess (tokens, of the whole outage),
--           and the 15 numbers of take_all}, or {1, now, 6 numbers a bucket} as take_all: then nothing was done

local SETTLED_MS = 86400000 -- how long a mark is kept: far longer than a late call can be under way
local EACH, SETTLEMENT = 14, '<I7I7I7I7I7I7I7I7I7I7I7I7I7I7'

-- Could time and these takes have led from the base to where the bucket is? Takes that come early leave more room to what
-- comes back than late ones; beyond these two bounds somebody has set the level. nil: the base is no cell.
local function is_untouched(b, taken, now, first, second, third)
  local kernel, spec = b.kernel, b.spec
  local late, early = kernel.read(spec, first, second, third), kernel.read(spec, first, second, third)
  if not late then return nil end
  local rest = taken - charge(kernel, spec, early, taken) -- was taken of what has come back since
  if now > kernel.time_of(spec, late) then
    kernel.advance(spec, late, now)
    kernel.advance(spec, early, now)
  end
  return b.room >= kernel.room(spec, late) - taken and (rest > 0 or b.room <= kernel.room(spec, early))
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
  local outage, part, had_whole, base_taken, doubt = n[1], n[2], n[3] == 1, n[4], n[5]
  local spent, admitted, refused = n[12], n[13], n[14]
  local mark = redis.call('HMGET', KEYS[#list + i], 'outage', 'part', 'spent', 'admitted', 'refused', 'excess')
  for k = 1, 6 do
    if mark[k] and not whole(mark[k]) then return redis.error_reply('WEIRSTATE the mark of a settlement is no number') end
    mark[k] = whole(mark[k] or '0')
  end
  local entered, exact, excess = 0, 0, 0
  if outage > mark[1] or (outage == mark[1] and part > mark[2]) then
    if outage > mark[1] then mark[2], mark[3], mark[4], mark[5], mark[6] = 0, 0, 0, 0, 0 end
    entered = 1
    local more, level = max(0, spent - mark[3]), b.room
    local others = b.taken - base_taken - mark[3] -- by anybody else, or what was in doubt
    local known_born = numbers_at('<I7', ARGV[4], (i - 1) * BUCKET_SIZE + NUMBER + 1)
    if had_whole and b.kernel.name ~= 'sliding-log' and b.born == known_born and (b.stored[1] or b.limit.stored) == b.limit.stored
       and others >= 0 and others <= doubt
       and is_untouched(b, b.taken - base_taken, now, n[6], n[7], n[8]) then
      local cell = b.kernel.read(b.spec, n[9], n[10], n[11])
      if not cell then return redis.error_reply(ARGUMENTS) end
      charge(b.kernel, b.spec, cell, others) -- taken for nobody
      if now > b.kernel.time_of(b.spec, cell) then b.kernel.advance(b.spec, cell, now) end
      exact = 1
      if b.kernel.room(b.spec, cell) >= level - more then b.cell = cell else charge_known(b, more) end
    else
      mark[6] = total(mark[6], more - charge_known(b, more))
    end
    excess = mark[6] -- told again with each part: an answer may have been lost
    b.room = b.kernel.room(b.spec, b.cell)
    b.refilled = total(b.refilled, max(0, b.room - (level - more)))
    b.taken = total(b.taken, more)
    b.admitted, b.refused = total(b.admitted, max(0, admitted - mark[4])), total(b.refused, max(0, refused - mark[5]))
    marks[i] = {'outage', text(outage), 'part', text(part), 'spent', text(max(spent, mark[3])),
                'admitted', text(max(admitted, mark[4])), 'refused', text(max(refused, mark[5])), 'excess', text(excess)}
  end
  answer[i] = packed('<I7I7I7', entered, exact, excess) .. told_of(b, now)
end

for i = 1, #list do
  save(KEYS[i], list[i])
  if marks[i] then
    redis.call('HSET', KEYS[#list + i], unpack(marks[i]))
    redis.call('PEXPIRE', KEYS[#list + i], text(SETTLED_MS))
  end
end
return {0, now, table.concat(answer)}
