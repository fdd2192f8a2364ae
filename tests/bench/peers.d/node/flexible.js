// SPDX-License-Identifier: GPL-3.0-only
// The peer rate-limiter-flexible with ioredis, on Node's own HTTP server: nothing between that could slow it down.
'use strict'
const http = require('node:http')
const { Redis } = require('ioredis')
const { RateLimiterRedis, RateLimiterRes } = require('rate-limiter-flexible')
const settings = require('./settings')

settings.serve(async () => {
  const limiter = new RateLimiterRedis({
    storeClient: new Redis({ path: settings.redis, enableAutoPipelining: true }),
    points: settings.capacity,
    duration: settings.everyMs / 1000, // s; it knows whole ones only
    inMemoryBlockOnConsumed: settings.capacity + 1
  })
  const admittedHead = { 'Content-Type': 'application/json', 'Content-Length': settings.greeting.length }
  const refusal = '{"title":"Too Many Requests","status":429}'
  const server = http.createServer((request, response) => {
    limiter.consume(settings.keyOf(request)).then(() => {
      response.writeHead(200, admittedHead).end(settings.greeting)
    }, (reason) => {
      if (reason instanceof RateLimiterRes) {
        response.writeHead(429, {
          'Content-Type': 'application/problem+json',
          'Content-Length': refusal.length,
          'Retry-After': Math.ceil(reason.msBeforeNext / 1000)
        }).end(refusal)
      } else {
        response.writeHead(503).end(String(reason))
      }
    })
  })
  server.keepAliveTimeout = 300000
  server.listen(settings.port, '127.0.0.1', 4096)
})
