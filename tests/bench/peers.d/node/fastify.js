// SPDX-License-Identifier: GPL-3.0-only
// The peer @fastify/rate-limit with ioredis.
'use strict'
const { Redis } = require('ioredis')
const fastify = require('fastify')
const settings = require('./settings')

settings.serve(async () => {
  const redis = new Redis({ path: settings.redis, enableAutoPipelining: true })
  const app = fastify({ logger: false, keepAliveTimeout: 300000 })
  await app.register(require('@fastify/rate-limit'), {
    max: settings.capacity,
    timeWindow: settings.everyMs,
    keyGenerator: settings.keyOf,
    redis
  })
  app.get('/', (request, reply) => { reply.type('application/json').send(settings.greeting) })
  await app.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 })
})
