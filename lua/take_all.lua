-- SPDX-License-Identifier: GPL-3.0-only
-- take_all: several buckets, a batch of requests; each takes from all its buckets or from none. Behind buckets.lua.
--
-- ARGV      as buckets.lua, then for each run of like requests: how many, how many asks, and for each ask the bucket (its
--           place, from 1), the cost and 1 if it is of a shadow: that takes what it can and never refuses
-- RETURN    {0, now, 14 numbers a bucket, then for each run: granted, and for each ask: in how many requests it took, 1 if
--           it had no room for the next, and the time until it has (us; -1: never)}, or {1, now, 6 numbers a bucket} when
--           a limit of the call is older than its bucket's: then nothing was done. ../README.md has them by name
-- ATOMIC    nothing runs between what is read and what is written, so no token is taken twice and no request takes half
-- COST      O(buckets + asks); an HMGET and an HSET each, a PEXPIRE when an interval has passed; no loops over keys

local list, now = open_all()
if not list then return now end

local answer = {0, now}
local runs, position, last = {}, HEAD + #list * WIDTH + 1, #ARGV
while position <= last do
  local count, asks = whole(ARGV[position]), whole(ARGV[position + 1])
  if not (count and asks) or asks < 1 or position + 1 + 3 * asks > last then return redis.error_reply(ARGUMENTS) end
  local run = {count = count, granted = count}
  for n = 1, asks do
    local at = position + 3 * n - 1
    local b, cost, shadow = list[whole(ARGV[at]) or 0], whole(ARGV[at + 1]), ARGV[at + 2] == '1'
    -- Nothing is written before all is judged, so a bad run leaves every bucket as it was.
    if not (b and cost) then return redis.error_reply(ARGUMENTS) end
    run[n] = {b = b, cost = cost, shadow = shadow}
    if not shadow and cost > 0 then
      run.granted = min(run.granted, floor(b.kernel.room(b.spec, b.cell) / cost))
    end
  end
  for n = 1, asks do
    local ask = run[n]
    local b, cost = ask.b, ask.cost
    ask.taken = run.granted
    local room = b.kernel.room(b.spec, b.cell)
    if ask.shadow and cost > 0 then ask.taken = min(run.granted, floor(room / cost)) end
    if ask.taken * cost > 0 then b.kernel.take(b.spec, b.cell, ask.taken * cost) end
    local lacks = b.kernel.room(b.spec, b.cell) < cost
    local turned_away = ask.shadow and run.granted - ask.taken or (lacks and count - run.granted or 0)
    ask.refusing = turned_away > 0
    b.admitted, b.taken = total(b.admitted, ask.taken), total(b.taken, ask.taken * cost)
    b.refused = total(b.refused, turned_away)
  end
  runs[#runs + 1] = run
  position = position + 2 + 3 * asks
end

for i = 1, #list do
  save(list[i])
  tell(answer, list[i], now)
end
-- From the levels after the whole call: a retry meets those.
for i = 1, #runs do
  local run = runs[i]
  answer[#answer + 1] = run.granted
  for n = 1, #run do
    local ask, wait = run[n], 0
    if ask.refusing or (run.granted < run.count and not ask.shadow) then
      wait = -1
      if ask.cost <= ask.b.spec.capacity then wait = until_room(ask.b, ask.cost, now) end
    end
    local size = #answer
    answer[size + 1], answer[size + 2], answer[size + 3] = ask.taken, ask.refusing and 1 or 0, wait
  end
end
return answer
