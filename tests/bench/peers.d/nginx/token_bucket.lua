-- SPDX-License-Identifier: GPL-3.0-only
-- The Redis script of the peer nginx + Lua: an atomic token bucket, as one writes it for nginx.
-- KEYS[1] bucket hash. ARGV: capacity, refill, interval in ms. RETURN tokens left, or -1: refused (nothing is written).
local clock = redis.call('TIME')
local now = math.floor(clock[1] * 1000 + clock[2] / 1000)
local capacity, refill, every = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local interval = math.floor(now / every)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'interval')
local tokens, last = tonumber(bucket[1]), tonumber(bucket[2])
if not tokens then
  tokens, last = capacity, interval
elseif interval > last then
  tokens = math.min(capacity, tokens + refill * (interval - last))
  last = interval
end
if tokens < 1 then
  return -1
end
redis.call('HSET', KEYS[1], 'tokens', tokens - 1, 'interval', last)
redis.call('PEXPIRE', KEYS[1], every * (math.ceil(capacity / refill) + 1))
return tokens - 1
