// SPDX-License-Identifier: GPL-3.0-only
// What the driver hands to each of these servers by the environment, and one process or several on one port.
'use strict'
const cluster = require('node:cluster')

const number = (name) => Number(process.env[name])

module.exports = {
  port: number('PEER_PORT'),
  redis: process.env.PEER_REDIS, // path of the socket
  capacity: number('PEER_CAPACITY'), // requests in a window
  everyMs: number('PEER_EVERY_MS'),
  greeting: process.env.PEER_GREETING,
  keyOf: process.env.PEER_KEYED === '1' ? (request) => request.headers['x-api-key'] || 'none' : () => 'global',

  // serve(start): start in this process, or in PEER_PROCESSES children.
  serve (start) {
    const processes = number('PEER_PROCESSES')
    if (processes > 1 && cluster.isPrimary) {
      for (let i = 0; i < processes; i++) cluster.fork()
      process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.kill('SIGKILL'); process.exit(0) })
      return
    }
    start().catch((error) => { console.error(error); process.exit(1) })
  }
}
