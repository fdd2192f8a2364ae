// SPDX-License-Identifier: GPL-3.0-only
// The peer express-rate-limit with rate-limit-redis, on Express and node-redis, as their documents show it.
'use strict'
const express = require('express')
const { rateLimit } = require('express-rate-limit')
const { RedisStore } = require('rate-limit-redis')
const { createClient } = require('redis')
const settings = require('./settings')

settings.serve(async () => {
  const client = createClient({ socket: { path: settings.redis } })
  await client.connect()
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(rateLimit({
    windowMs: settings.everyMs,
    limit: settings.capacity,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator: settings.keyOf,
    store: new RedisStore({ sendCommand: (...words) => client.sendCommand(words) })
  }))
  app.get('/', (request, response) => { response.type('json').send(settings.greeting) })
  app.listen(settings.port, '127.0.0.1', 4096)
})
