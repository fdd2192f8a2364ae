-- SPDX-License-Identifier: GPL-3.0-only
-- token-bucket: `refill` tokens at the start of each interval.

-- Return what `passed` intervals bring into room for `missing` tokens. Never multiplies before it knows that the
-- product stays below the capacity.
local function added_by_intervals(missing, passed, refill)
  return passed < ceil(missing / refill) and passed * refill or missing
end

-- Return the time until `missing` (more than 0) tokens have come, if `interval` was the last one applied.
local function until_interval_brings(missing, interval, refill, every, now)
  local wait = (interval + 1) * every - now
  if missing <= refill then return wait end
  local more = ceil(missing / refill) - 1
  if more > floor(MAX / every) then return MAX end
  return min(wait + more * every, MAX)
end

local function intervals_to_full(spec) return ceil(spec.capacity / spec.refill) end

kernels['token-bucket'] = function()
  local kernel = {fields = {'tokens', 'interval'}, intervals_to_full = intervals_to_full}

  function kernel.read(spec, tokens, interval)
    if tokens > spec.capacity or interval > floor(MAX / spec.every) - 2 then return nil end
    return {tokens = tokens, interval = interval}
  end
  function kernel.numbers(cell) return cell.tokens, cell.interval end
  function kernel.with(spec, room, at) return {tokens = room, interval = floor(at / spec.every)} end
  function kernel.time_of(spec, cell) return cell.interval * spec.every end

  function kernel.advance(spec, cell, now)
    local current = floor(now / spec.every)
    local passed = current - cell.interval
    if passed == 0 then return 0 end
    if passed > 0 then
      cell.tokens = cell.tokens + added_by_intervals(spec.capacity - cell.tokens, passed, spec.refill)
      cell.interval = current
    elseif cell.interval * spec.every - now > CLOCK_STEP then
      cell.interval = current
      return 1
    end
    return 0
  end
  function kernel.room(spec, cell) return cell.tokens end
  function kernel.take(spec, cell, cost) cell.tokens = cell.tokens - cost end
  function kernel.until_room(spec, cell, cost, now)
    if cell.tokens >= cost then return 0 end
    return until_interval_brings(cost - cell.tokens, cell.interval, spec.refill, spec.every, now)
  end

  function kernel.adopt(before, after, cell, mode, now)
    if after.every ~= before.every then cell.interval = floor(now / after.every) end
    cell.tokens = level_after_change(cell.tokens, before.capacity, after.capacity, mode)
  end
  return kernel
end
