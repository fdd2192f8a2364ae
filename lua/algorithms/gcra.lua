-- SPDX-License-Identifier: GPL-3.0-only
-- gcra: a token costs every / refill of time; `tat` (and part / refill us) is when all that was taken is paid for.
-- Needs even_flow.lua.
local MAX_BURST = 3162240000000000 -- 100 years: with it `tat` stays below 2^53 until the year 2154

kernels['gcra'] = function()
  local kernel = {fields = {'tat', 'part', 'at'}}

  -- What is not yet paid for: whole tokens, and rest / every of one.
  local function debt_of(spec, cell)
    if cell.tat < cell.at then return 0, 0 end
    local tokens, rest = scaled(cell.tat - cell.at, spec.refill, spec.every)
    rest = rest + cell.part
    return tokens + floor(rest / spec.every), rest % spec.every
  end
  -- The time that `tokens` and rest / refill us cost.
  local function time_of_tokens(spec, tokens, rest)
    local time, more = scaled(spec.every, tokens, spec.refill)
    rest = rest + more
    return time + floor(rest / spec.refill), rest % spec.refill
  end
  local function level_of(spec, cell)
    local tokens, rest = debt_of(spec, cell)
    if rest == 0 then return spec.capacity - tokens, 0 end
    return spec.capacity - tokens - 1, spec.every - rest
  end
  local function set_level(spec, cell, level, part)
    local tokens, rest = spec.capacity - level, 0
    if part > 0 then tokens, rest = tokens - 1, spec.every - part end
    local time
    time, cell.part = time_of_tokens(spec, tokens, rest)
    cell.tat = cell.at + time
  end

  function kernel.accepts(spec) return floor(spec.capacity / spec.refill) < MAX_BURST / spec.every end
  function kernel.read(spec, tat, part, at)
    if part >= spec.refill then return nil end
    local cell = {tat = tat, part = part, at = at}
    if level_of(spec, cell) < 0 then return nil end
    return cell
  end
  function kernel.numbers(cell) return cell.tat, cell.part, cell.at end
  function kernel.with(spec, room, at)
    local cell = {at = at}
    set_level(spec, cell, room, 0)
    return cell
  end
  function kernel.time_of(spec, cell) return cell.at end

  function kernel.advance(spec, cell, now)
    local back = cell.at - now
    if back > 0 and back <= CLOCK_STEP then return 0 end
    if back > 0 then -- the debt stays what it is
      if cell.tat >= cell.at then cell.tat = cell.tat - back else cell.tat, cell.part = now, 0 end
    end
    cell.at = now
    return back > 0 and 1 or 0
  end
  function kernel.room(spec, cell) return (level_of(spec, cell)) end
  function kernel.take(spec, cell, cost)
    if cell.tat < cell.at then cell.tat, cell.part = cell.at, 0 end
    local time
    time, cell.part = time_of_tokens(spec, cost, cell.part)
    cell.tat = cell.tat + time
  end
  function kernel.until_room(spec, cell, cost, now)
    -- The debt may be as large as what a burst of all other tokens costs.
    local allowed, rest = scaled(spec.every, spec.capacity - cost, spec.refill)
    local moment = cell.tat - allowed
    if cell.part > rest then moment = moment + 1 end
    if moment <= cell.at then return 0 end
    return min(moment - now, MAX)
  end
  function kernel.intervals_to_full(spec) return ceil(spec.capacity / spec.refill) end

  function kernel.adopt(before, after, cell, mode, now)
    local level, part = level_of(before, cell)
    level, part = level_changed(before, after, level, part, mode)
    set_level(after, cell, level, part)
  end
  return kernel
end
