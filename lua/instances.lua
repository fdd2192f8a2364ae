-- SPDX-License-Identifier: GPL-3.0-only
-- instances: marks an instance in the present window, once, and counts the marked ones.
--
-- KEYS[1]   the window: a hash `weir:{instances}:W`, W = floor(time / length)
-- KEYS[2]   the one before
-- ARGV      W, the length (us), a name that no other instance has or had
-- RETURN    {W by the server's clock, now (us)} when W is another one: nothing was done, and the caller asks again
--           {W, now, marked in it, marked in the one before, 1 if this one was in it already, 1 if it was in the one before}
-- ATOMIC    so that mark and number agree: a lost answer leaves no instance marked but not counted
-- COST      O(1), whatever their number: HSET, HGET, HMGET; HINCRBY and PEXPIRE once a window
-- TTL       3 windows

local call = redis.call
local window, length, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local present = math.floor(now / length)
if present ~= window then return {present, now} end

-- `n` is the count of older Weirs, which know no marks.
local was_there = 1
if call('HSET', KEYS[1], name, '1') == 1 then
  call('HINCRBY', KEYS[1], 'n', '1')
  call('PEXPIRE', KEYS[1], string.format('%.0f', 3 * length / 1000))
  was_there = 0
end
local before = call('HMGET', KEYS[2], 'n', name)
return {present, now, tonumber(call('HGET', KEYS[1], 'n')), tonumber(before[1] or '0'), was_there, before[2] and 1 or 0}
