-- SPDX-License-Identifier: GPL-3.0-only
-- A refill that is spread evenly over its interval: a level is whole tokens and part / every of one more, never rounded.

-- Return the level `passed` microseconds later. Nothing flows into a full one, so its part is 0.
local function flowed(spec, tokens, part, passed)
  local came, rest = scaled(passed, spec.refill, spec.every)
  rest = rest + part
  came = came + floor(rest / spec.every)
  if came >= spec.capacity - tokens then return spec.capacity, 0 end
  return tokens + came, rest % spec.every
end

-- Return the least time t with t * refill + part >= missing * every.
local function flow_time(spec, missing, part)
  local time, rest = scaled(spec.every, missing, spec.refill)
  if time >= MAX then return MAX end
  return min(time + ceil((rest - part) / spec.refill), MAX)
end

-- Return the level under another limit. The part stays only when the tokens are kept and the interval is the same.
local function level_changed(before, after, tokens, part, mode)
  local level = level_after_change(tokens, before.capacity, after.capacity, mode)
  if mode ~= 'keep' or after.every ~= before.every or level ~= tokens or level >= after.capacity then part = 0 end
  return level, part
end
