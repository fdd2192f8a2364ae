-- SPDX-License-Identifier: GPL-3.0-only
-- sliding-counter: what was taken in this interval, and of the one before as much as still lies within one interval if
-- it was taken evenly, rounded up; `refill` is not used.
kernels['sliding-counter'] = function()
  local kernel = {fields = {'at', 'previous', 'current'}}

  local function counted(spec, cell)
    local share, rest = scaled(spec.every - cell.at % spec.every, cell.previous, spec.every)
    if rest > 0 then return share + 1 end
    return share
  end
  -- How far into an interval, at the earliest, no more than `most` counts of `previous`; `every`: not in it.
  local function elapsed_until(spec, previous, most)
    if most >= previous then return 0 end
    return spec.every - scaled(spec.every, most, previous)
  end

  function kernel.read(spec, at, previous, current)
    if previous > MAX_CAPACITY then return nil end -- it may be of a larger capacity than this one
    local cell = {at = at, previous = previous, current = current}
    if current > spec.capacity or kernel.room(spec, cell) < 0 then return nil end
    return cell
  end
  function kernel.numbers(cell) return cell.at, cell.previous, cell.current end
  function kernel.with(spec, room, at) return {at = at, previous = 0, current = spec.capacity - room} end
  function kernel.time_of(spec, cell) return cell.at end

  function kernel.advance(spec, cell, now)
    local back = cell.at - now
    if back > 0 and back <= CLOCK_STEP then return 0 end
    if back > 0 then
      -- How much of the previous interval counts would be another share now.
      cell.current, cell.previous = cell.current + counted(spec, cell), 0
    else
      local passed = floor(now / spec.every) - floor(cell.at / spec.every)
      if passed == 1 then
        cell.previous, cell.current = cell.current, 0
      elseif passed > 1 then
        cell.previous, cell.current = 0, 0
      end
    end
    cell.at = now
    return back > 0 and 1 or 0
  end
  function kernel.room(spec, cell) return spec.capacity - cell.current - counted(spec, cell) end
  function kernel.take(spec, cell, cost) cell.current = cell.current + cost end
  function kernel.until_room(spec, cell, cost, now)
    if kernel.room(spec, cell) >= cost then return 0 end
    local begin, most = cell.at - cell.at % spec.every, spec.capacity - cost - cell.current
    if most >= 0 then
      local elapsed = elapsed_until(spec, cell.previous, most)
      if elapsed < spec.every then return begin + elapsed - now end
    end
    -- In the next interval the current one is the previous one; in the one after that nothing counts.
    return begin + spec.every + elapsed_until(spec, cell.current, spec.capacity - cost) - now
  end
  function kernel.intervals_to_full(spec) return 2 end

  function kernel.adopt(before, after, cell, mode, now)
    local room = level_after_change(kernel.room(before, cell), before.capacity, after.capacity, mode)
    local used, of_previous = after.capacity - room, counted(before, cell)
    if after.every == before.every and of_previous <= used then
      cell.current = used - of_previous
    else
      cell.previous, cell.current = 0, used
    end
  end
  return kernel
end
