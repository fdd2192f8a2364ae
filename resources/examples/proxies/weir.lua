-- SPDX-License-Identifier: GPL-3.0-only
-- The action "weir" for HAProxy: asks Weir about the request, and leaves its answer in txn.weir_status and so on.
local weir = "http://127.0.0.1:8001/v1/authorize"
local most_wait_ms = 1000

-- What the connection is about, and what only a proxy may say, is not copied from the client.
local own = {
    ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true, ["expect"] = true, ["host"] = true,
    ["upgrade"] = true, ["te"] = true, ["trailer"] = true, ["keep-alive"] = true, ["forwarded"] = true,
    ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true, ["x-forwarded-host"] = true, ["x-forwarded-proto"] = true,
    ["x-forwarded-for"] = true, ["x-weir-deny-status"] = true,
}

local function first(headers, name)
    local values = headers and headers[name]
    return values and values[0] or ""
end

core.register_action("weir", { "http-req" }, function(txn)
    local fields = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        if not own[name] then
            fields[name] = {}
            for _, value in pairs(values) do
                table.insert(fields[name], value)
            end
        end
    end
    fields["x-forwarded-method"] = { txn.sf:method() }
    fields["x-forwarded-uri"] = { txn.sf:pathq() }
    fields["x-forwarded-for"] = { txn.sf:src() }
    local answer = core.httpclient():get{ url = weir, headers = fields, timeout = most_wait_ms }
    txn:set_var("txn.weir_status", answer and answer.status or 0)
    txn:set_var("txn.weir_retry", first(answer and answer.headers, "retry-after"))
    txn:set_var("txn.weir_limit", first(answer and answer.headers, "ratelimit"))
    txn:set_var("txn.weir_policy", first(answer and answer.headers, "ratelimit-policy"))
    txn:set_var("txn.weir_body", answer and answer.body or "")
end)
