-- SPDX-License-Identifier: GPL-3.0-only
-- leaky-bucket: a queue of at most `capacity` tokens that leave one by one, `refill` of them evenly every interval.
-- Needs even_flow.lua.
kernels['leaky-bucket'] = function()
  local kernel = {fields = {'queued', 'part', 'at'}}

  function kernel.read(spec, queued, part, at)
    if queued > spec.capacity or part >= spec.every or (queued == 0 and part > 0) then return nil end
    return {queued = queued, part = part, at = at}
  end
  function kernel.numbers(cell) return cell.queued, cell.part, cell.at end
  function kernel.with(spec, room, at) return {queued = spec.capacity - room, part = 0, at = at} end
  function kernel.time_of(spec, cell) return cell.at end

  -- What is free in the queue grows as the queue drains.
  function kernel.advance(spec, cell, now)
    local back = cell.at - now
    if back > 0 and back <= CLOCK_STEP then return 0 end
    if back <= 0 then
      local free
      free, cell.part = flowed(spec, spec.capacity - cell.queued, cell.part, -back)
      cell.queued = spec.capacity - free
    end
    cell.at = now
    return back > 0 and 1 or 0
  end
  function kernel.room(spec, cell) return spec.capacity - cell.queued end
  function kernel.take(spec, cell, cost) cell.queued = cell.queued + cost end
  function kernel.until_room(spec, cell, cost, now)
    local missing = cost - (spec.capacity - cell.queued)
    if missing <= 0 then return 0 end
    return min(cell.at - now + flow_time(spec, missing, cell.part), MAX)
  end
  function kernel.intervals_to_full(spec) return ceil(spec.capacity / spec.refill) end

  function kernel.adopt(before, after, cell, mode, now)
    local free
    free, cell.part = level_changed(before, after, before.capacity - cell.queued, cell.part, mode)
    cell.queued = after.capacity - free
  end
  return kernel
end
