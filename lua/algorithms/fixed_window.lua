-- SPDX-License-Identifier: GPL-3.0-only
-- fixed-window: `capacity` in each interval; `refill` is not used.
kernels['fixed-window'] = function()
  local kernel = {fields = {'window', 'used'}}

  function kernel.read(spec, window, used)
    if used > spec.capacity or window > floor(MAX / spec.every) - 2 then return nil end
    return {window = window, used = used}
  end
  function kernel.numbers(cell) return cell.window, cell.used end
  function kernel.with(spec, room, at) return {window = floor(at / spec.every), used = spec.capacity - room} end
  function kernel.time_of(spec, cell) return cell.window * spec.every end

  function kernel.advance(spec, cell, now)
    local current = floor(now / spec.every)
    if current > cell.window then
      cell.window, cell.used = current, 0
    elseif current < cell.window and cell.window * spec.every - now > CLOCK_STEP then
      cell.window = current
      return 1
    end
    return 0
  end
  function kernel.room(spec, cell) return spec.capacity - cell.used end
  function kernel.take(spec, cell, cost) cell.used = cell.used + cost end
  function kernel.until_room(spec, cell, cost, now)
    if spec.capacity - cell.used >= cost then return 0 end
    return (cell.window + 1) * spec.every - now
  end
  function kernel.intervals_to_full(spec) return 1 end

  function kernel.adopt(before, after, cell, mode, now)
    if after.every ~= before.every then
      cell.window = floor(max(now, cell.window * before.every) / after.every)
    end
    cell.used = after.capacity - level_after_change(before.capacity - cell.used, before.capacity, after.capacity, mode)
  end
  return kernel
end
