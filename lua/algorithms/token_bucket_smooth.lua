-- SPDX-License-Identifier: GPL-3.0-only
-- token-bucket-smooth: `refill` tokens an interval, spread evenly over it. Needs even_flow.lua.
kernels['token-bucket-smooth'] = function()
  local kernel = {fields = {'tokens', 'part', 'at'}}

  function kernel.read(spec, tokens, part, at)
    if tokens > spec.capacity or part >= spec.every or (tokens == spec.capacity and part > 0) then return nil end
    return {tokens = tokens, part = part, at = at}
  end
  function kernel.numbers(cell) return cell.tokens, cell.part, cell.at end
  function kernel.with(spec, room, at) return {tokens = room, part = 0, at = at} end
  function kernel.time_of(spec, cell) return cell.at end

  function kernel.advance(spec, cell, now)
    local back = cell.at - now
    if back > 0 and back <= CLOCK_STEP then return 0 end
    if back <= 0 then cell.tokens, cell.part = flowed(spec, cell.tokens, cell.part, -back) end
    cell.at = now
    return back > 0 and 1 or 0
  end
  function kernel.room(spec, cell) return cell.tokens end
  function kernel.take(spec, cell, cost) cell.tokens = cell.tokens - cost end
  function kernel.until_room(spec, cell, cost, now)
    if cell.tokens >= cost then return 0 end
    return min(cell.at - now + flow_time(spec, cost - cell.tokens, cell.part), MAX)
  end
  function kernel.intervals_to_full(spec) return ceil(spec.capacity / spec.refill) end

  function kernel.adopt(before, after, cell, mode, now)
    cell.tokens, cell.part = level_changed(before, after, cell.tokens, cell.part, mode)
  end
  return kernel
end
