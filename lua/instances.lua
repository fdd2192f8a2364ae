-- SPDX-License-Identifier: GPL-3.0-only
-- instances: marks one instance in the present window, however often it is called, and tells how many are marked.
--
-- KEYS[1]   the window: a hash `weir:{instances}:W`, W = floor(time / length)
-- KEYS[2]   the one before
-- ARGV      W, the length (us), a name that no other instance has or had
-- RETURN    {W by the server's clock, now (us)} when that is another: nothing was done; the caller knows better now
--           {W, now, marked in it, marked in the one before, 1 if this one was in it already, 1 if it was in the one before}
-- ATOMIC    because the mark and the number belong together: an answer that is lost leaves no instance half counted
-- COST      O(1), whatever their number: HSET, HGET, HMGET; HINCRBY and PEXPIRE once a window
-- TTL       3 windows

local call = redis.call
local window, length, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local present = math.floor(now / length)
if present ~= window then return {present, now} end

-- `n` is what a Weir counts that knows of no marks.
local was_there = 1
if call('HSET', KEYS[1], name, '1') == 1 then
  call('HINCRBY', KEYS[1], 'n', '1')
  call('PEXPIRE', KEYS[1], string.format('%.0f', 3 * length / 1000))
  was_there = 0
end
local before = call('HMGET', KEYS[2], 'n', name)
return {present, now, tonumber(call('HGET', KEYS[1], 'n')), tonumber(before[1] or '0'), was_there, before[2] and 1 or 0}
