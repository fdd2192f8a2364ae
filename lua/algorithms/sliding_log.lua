-- SPDX-License-Identifier: GPL-3.0-only
-- sliding-log: `capacity` in any stretch of one interval, by remembering what was taken when; `refill` is not used.
--
-- The field `log` has 9 bytes for each moment at which tokens were taken, oldest first: its time (us, 7 bytes, the
-- highest first) and how many (2 bytes). A call looks at the records that have expired, at the first that has not, and
-- at the newest, so it costs as many steps as expire, though the whole field is read and written: at most 36 KiB. Only
-- the time until there is room for a large cost, and a clock that goes back, take a step a record: once a call, however
-- many requests ask. What a call takes is not in the text before its end, `fresh`, for to change that copies all of it.
kernels['sliding-log'] = function()
  local kernel = {fields = {'used', 'at'}}
  local pack, unpack, RECORD, SIZE, MOST = struct.pack, struct.unpack, '>I7I2', 9, 4096

  function kernel.accepts(spec) return spec.capacity <= MOST end
  function kernel.read(spec, used, at, log)
    if not log or #log % SIZE ~= 0 then return nil end
    local records = #log / SIZE
    if used > spec.capacity or records > used or (records == 0 and used > 0) then return nil end
    if records > 0 then
      local first, tokens = unpack(RECORD, log, 1)
      local last, more = unpack(RECORD, log, #log - SIZE + 1)
      if first > last or last > at or tokens < 1 or more < 1
         or (records == 1 and tokens ~= used) or (records == 2 and tokens + more ~= used)
         or (records > 2 and tokens + more + records - 2 > used) then
        return nil
      end
    end
    return {used = used, at = at, log = log, fresh = 0}
  end
  -- What was taken now becomes a record, or a part of the newest one.
  local function settled(cell)
    local log, at, fresh = cell.log, cell.at, cell.fresh
    if fresh == 0 then return log end
    if log ~= '' then
      local last, tokens = unpack(RECORD, log, #log - SIZE + 1)
      if last == at then log, fresh = string.sub(log, 1, -SIZE - 1), fresh + tokens end
    end
    cell.log, cell.fresh, cell.sums = log .. pack(RECORD, at, fresh), 0, nil
    return cell.log
  end
  kernel.log = settled
  function kernel.numbers(cell) return cell.used, cell.at end
  function kernel.take(spec, cell, cost) cell.used, cell.fresh = cell.used + cost, cell.fresh + cost end
  function kernel.with(spec, room, at)
    local cell = {used = 0, at = at, log = '', fresh = 0}
    kernel.take(spec, cell, spec.capacity - room)
    return cell
  end
  -- Without the log all that counts is dated at `at`: later than it was taken, so nothing comes back too early.
  function kernel.restore(spec, used, at)
    if used > spec.capacity then return nil end
    return kernel.with(spec, spec.capacity - used, at)
  end
  function kernel.time_of(spec, cell) return cell.at end

  -- All records as long ago as before; nil: they are broken.
  local function moved_back(cell, by)
    local moved, before, log = {}, 0, settled(cell)
    for position = 1, #log, SIZE do
      local time, tokens = unpack(RECORD, log, position)
      if time < before or time > cell.at then return nil end
      before = time
      moved[#moved + 1] = pack(RECORD, max(0, time - by), tokens)
    end
    return table.concat(moved)
  end
  -- nil: the log is broken.
  function kernel.advance(spec, cell, now)
    local back = cell.at - now
    if back > 0 and back <= CLOCK_STEP then return 0 end
    if back > 0 then
      local log = moved_back(cell, back)
      if not log then return nil end
      cell.log, cell.at, cell.sums = log, now, nil
      return 1
    end
    local log, used, position, before = settled(cell), cell.used, 1, 0
    while position <= #log do
      local time, tokens, next_position = unpack(RECORD, log, position)
      if time < before or time > cell.at or tokens < 1 then return nil end
      if time + spec.every > now then break end
      before, used, position = time, used - tokens, next_position
    end
    local records = (#log - position + 1) / SIZE
    if records > used or (records == 0 and used > 0) then return nil end
    if position > 1 then cell.log, cell.used, cell.sums = string.sub(log, position), used, nil end
    cell.at = now
    return 0
  end
  function kernel.room(spec, cell) return spec.capacity - cell.used end
  function kernel.until_room(spec, cell, cost, now)
    local missing = cost - (spec.capacity - cell.used)
    if missing <= 0 then return 0 end
    local log = cell.log
    if missing == cell.used then -- all of it, the newest too
      return (cell.fresh > 0 and cell.at or unpack(RECORD, log, #log - SIZE + 1)) + spec.every - now
    end
    -- The sums of the first records, as many as have been needed.
    local sums = cell.sums or {}
    local count = #sums
    local sum = sums[count] or 0
    cell.sums = sums
    while sum < missing and count * SIZE < #log do
      local _, tokens = unpack(RECORD, log, count * SIZE + 1)
      count, sum = count + 1, sum + tokens
      sums[count] = sum
    end
    if sum < missing and cell.fresh > 0 then return cell.at + spec.every - now end
    local first, last = 1, count -- the first record with which there is room is one of these
    while first < last do
      local middle = floor((first + last) / 2)
      if sums[middle] < missing then first = middle + 1 else last = middle end
    end
    return unpack(RECORD, log, (first - 1) * SIZE + 1) + spec.every - now
  end
  function kernel.intervals_to_full(spec) return 1 end

  -- Drop the oldest `tokens`.
  local function drop_oldest(cell, count)
    local log, position = settled(cell), 1
    cell.used, cell.sums = cell.used - count, nil
    while count > 0 do
      local time, tokens, next_position = unpack(RECORD, log, position)
      if tokens > count then
        cell.log = pack(RECORD, time, tokens - count) .. string.sub(log, next_position)
        return
      end
      count, position = count - tokens, next_position
    end
    cell.log = string.sub(log, position)
  end
  function kernel.adopt(before, after, cell, mode, now)
    local room = level_after_change(before.capacity - cell.used, before.capacity, after.capacity, mode)
    local used = after.capacity - room
    if after.every ~= before.every then
      cell.used, cell.log, cell.fresh, cell.sums = 0, '', 0, nil -- all that counts becomes one record of now
    else
      drop_oldest(cell, max(0, cell.used - used))
    end
    kernel.take(after, cell, used - cell.used)
  end
  return kernel
end
