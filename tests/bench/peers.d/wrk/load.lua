-- SPDX-License-Identifier: GPL-3.0-only
-- For wrk -t1: the keys, the count of statuses when PEERS_COUNT is set, and the figures as one line of JSON at the end.
local keys = tonumber(os.getenv('PEERS_KEYS') or '0')
local close = os.getenv('PEERS_CLOSE') == '1'

local thread
function setup(started)
  thread = started
end

-- With keys: a prepared request for each, in an order that jumps about.
if keys > 0 then
  local prepared, at = {}, 0
  function init()
    for i = 1, keys do
      prepared[i] = wrk.format(nil, nil, {['Host'] = wrk.headers['Host'], ['X-Api-Key'] = tostring(i), ['Connection'] = close and 'close' or nil})
    end
  end
  function request()
    at = (at + 7919) % keys
    return prepared[at + 1]
  end
elseif close then
  wrk.headers['Connection'] = 'close'
end

-- Reading every answer in Lua slows wrk down: only for the warm-up.
if os.getenv('PEERS_COUNT') == '1' then
  admitted, refused, other = 0, 0, 0
  function response(status)
    if status >= 200 and status < 300 then
      admitted = admitted + 1
    elseif status == 429 then
      refused = refused + 1
    else
      other = other + 1
    end
  end
end

-- Latencies in us, the duration in us; `failed` is every status from 400 on.
function done(summary, latency)
  local counts = {thread:get('admitted') or -1, thread:get('refused') or -1, thread:get('other') or -1}
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"us":%d,"failed":%d,"socket_errors":%d,"p50":%d,"p99":%d,"admitted":%d,"refused":%d,"other":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), counts[1], counts[2], counts[3]))
end
