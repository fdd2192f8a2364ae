-- SPDX-License-Identifier: GPL-3.0-only
-- The arguments of a call on several buckets, and the format of their numbers. Follows common.lua.
--
-- Numbers of a call, and of what is stored, are whole, 0 to 2^53 - 1, in 7 bytes each, the lowest first: reading
-- and writing them as decimals took most of the time of a call.
--
-- KEYS[i]   bucket i: a hash
-- ARGV[1]   now, microseconds since 1970; 0 = the server's TIME (everything but tests and a clock stepped on purpose)
-- ARGV[2]   1: add the intervals of a token-bucket that are due; 0: leave that to the refiller
-- ARGV[3]   the limits, 7 numbers each: algorithm (its place in NAMES of buckets.lua, from 0), epoch, capacity, refill,
--           every (us), start (tokens), mode (its place in MODES, from 0)
-- ARGV[4]   the buckets, 11 numbers each: the place of its limit from 1; then the bucket as the caller last knew it, by
--           that limit: born (0: it knows none), losses, taken, admitted, refused, refilled, debt, and three numbers of
--           its cell, as many as the algorithm has

local NUMBER, LIMIT, BUCKET = 7, '<I7I7I7I7I7I7I7', '<I7I7I7I7I7I7I7I7I7I7I7'
local TOLD = '<I7I7I7I7I7I7I7I7I7I7I7I7I7I7I7'
local LIMIT_SIZE, BUCKET_SIZE = 7 * NUMBER, 11 * NUMBER
-- As they are stored. A field stays below 64 bytes: with a longer one Redis takes twice the memory.
local STORED_LIMIT, STATE_OF_TWO, STATE_OF_THREE = '<I7I7I7I7I7', '<I7I7I7I7I7I7I7I7', '<I7I7I7I7I7I7I7I7I7'
local numbers_at, packed, call = struct.unpack, struct.pack, redis.call

-- Add to a lifetime total, which stops at MAX, the largest number that `whole` accepts.
local function total(before, more)
  local sum = before + more
  return sum < MAX and sum or MAX
end

local function time_of_call(now)
  if now ~= 0 then return now end
  local time = call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Return the numbers one after the other in one text; packed some at a time, because they are passed on the stack of
-- Lua.
local function packed_list(numbers)
  local pieces, size = {}, #numbers
  for first = 1, size, 128 do
    local last = first + 127
    if last > size then last = size end
    pieces[#pieces + 1] = packed('<' .. string.rep('I7', last - first + 1), unpack(numbers, first, last))
  end
  return table.concat(pieces)
end
