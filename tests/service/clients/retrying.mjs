// SPDX-License-Identifier: GPL-3.0-only
// Clients of Node, set up to try again as their documentation says. Arguments: NAME=URL,URL,... for each; a URL ends in its method and
// the size of its body: "http://127.0.0.1:1/w59?c=got POST 1024". What goes wrong otherwise than by a refusal is a line of output.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const mostTries = 1000; // of what has no bound of its own

// A loop as people write it; the wait goes through setTimeout, as everything in JavaScript does.
async function byHand(ask) {
  for (let i = 0; i < mostTries; ++i) {
    const { status, retryAfter } = await ask();
    if (status !== 429 || retryAfter === undefined) return;
    await sleep(Number(retryAfter) * 1000);
  }
}

const clients = {
  async got() {
    const { default: got } = await import('got');
    const agent = { http: new http.Agent({ keepAlive: true }) };
    return ({ url, method, body }) => got(url, {
      method, body, agent, retry: { limit: 5, methods: ['GET', 'HEAD', 'POST'] } });
  },
  async 'axios-retry'() {
    const { default: axios } = await import('axios');
    const { default: axiosRetry } = await import('axios-retry');
    const client = axios.create({ httpAgent: new http.Agent({ keepAlive: true }) });
    axiosRetry(client, { retries: 5, retryDelay: axiosRetry.exponentialDelay,
      retryCondition: (error) => error.response?.status === 429 });
    return ({ url, method, body }) => client.request({ url, method, data: body });
  },
  async ky() {
    const { default: ky } = await import('ky');
    return ({ url, method, body }) => ky(url, {
      method, body, timeout: false, retry: { limit: 5, methods: ['get', 'head', 'post'] } });
  },
  async undici() {
    const { Agent, RetryAgent, request } = await import('undici');
    const dispatcher = new RetryAgent(new Agent(), { methods: ['GET', 'HEAD', 'POST'] });
    return async ({ url, method, body }) => {
      const answer = await request(url, { method, body, dispatcher });
      await answer.body.dump();
    };
  },
  async 'fetch of Node'() {
    return ({ url, method, body }) => byHand(async () => {
      const answer = await fetch(url, { method, body });
      await answer.text();
      return { status: answer.status, retryAfter: answer.headers.get('retry-after') ?? undefined };
    });
  },
  async 'http.Agent'() {
    const agent = new http.Agent({ keepAlive: true });
    return ({ url, method, body }) => byHand(() => new Promise((resolve, reject) => {
      const request = http.request(url, { method, agent }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode, retryAfter: answer.headers['retry-after'] }));
      });
      request.on('error', reject);
      request.end(body);
    }));
  },
};

process.removeAllListeners('warning'); // a wait that does not fit is told there, and it is the attempts that count
for (const argument of process.argv.slice(2)) {
  const at = argument.indexOf('=');
  const name = argument.slice(0, at);
  clients[name]().then((ask) => {
    for (const each of argument.slice(at + 1).split(',')) {
      const [url, method, size] = each.split(' ');
      const body = method === 'POST' ? 'x'.repeat(Number(size)) : undefined;
      ask({ url, method, body }).catch((error) => {
        const status = error.response?.status ?? error.response?.statusCode ?? error.statusCode;
        if (status === undefined) console.log(`${name}: ${url}: ${error}`);
      });
    }
  }, (error) => console.log(`absent: ${name}: ${error.code ?? error}`));
}
