-- SPDX-License-Identifier: GPL-3.0-only
-- The peer nginx + Lua: one EVALSHA a request over kept connections. A cosocket and the few bytes of the Redis protocol
-- that this needs, without a general client between: the least that it can cost.
local limiter = {}
local tcp = ngx.socket.tcp

local function hex(bytes)
  return (bytes:gsub('.', function(c) return string.format('%02x', c:byte()) end))
end

local function bulk(text)
  return '$' .. #text .. '\r\n' .. text .. '\r\n'
end

-- setup{socket, script, capacity, refill, every}: every in ms. Once, before the workers start.
function limiter.setup(options)
  local file = assert(io.open(options.script))
  local script = file:read('*a')
  file:close()
  local limit = bulk(options.capacity) .. bulk(options.refill) .. bulk(options.every)
  limiter.address = 'unix:' .. options.socket
  limiter.by_sha = '*7\r\n' .. bulk('EVALSHA') .. bulk(hex(ngx.sha1_bin(script))) .. bulk('1')
  limiter.by_text = '*7\r\n' .. bulk('EVAL') .. bulk(script) .. bulk('1')
  limiter.limit = limit
end

local function call(connection, head, key)
  local sent, problem = connection:send({head, bulk(key), limiter.limit})
  if not sent then
    return nil, problem
  end
  return connection:receive()
end

-- take(key): tokens left, or -1 when the bucket is empty; nil and the problem when Redis cannot say.
function limiter.take(key)
  local connection = tcp()
  connection:settimeout(1000)
  local connected, problem = connection:connect(limiter.address, {pool = 'redis', pool_size = 2048})
  if not connected then
    return nil, problem
  end
  local line
  line, problem = call(connection, limiter.by_sha, key)
  if line and line:sub(1, 9) == '-NOSCRIPT' then
    line, problem = call(connection, limiter.by_text, key)
  end
  if not line then
    return nil, problem
  end
  connection:setkeepalive(60000)
  if line:byte() ~= 58 then -- ':'
    return nil, line
  end
  return tonumber(line:sub(2))
end

return limiter
