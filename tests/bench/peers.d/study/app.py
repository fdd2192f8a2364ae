# SPDX-License-Identifier: GPL-3.0-only
"""The study: a FastAPI middleware that runs a script in Redis before each request; a task that fills the bucket.

The study fills it from Celery beat; here a task in the same process does. Its 429 reached clients as 500: here it is 429.
"""
import asyncio
import os

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from redis import asyncio as redis

TAKE = """
local tokens = tonumber(redis.call('GET', KEYS[1]) or '0')
if tokens <= 0 then return 0 end
redis.call('DECR', KEYS[1])
return 1
"""
CAPACITY = int(os.environ["PEER_CAPACITY"])
EVERY_S = int(os.environ["PEER_EVERY_MS"]) / 1000

app = FastAPI()
store = redis.Redis(unix_socket_path=os.environ["PEER_REDIS"])
take = store.register_script(TAKE)


async def refill():
    while True:
        await store.set("tokens", CAPACITY)
        await asyncio.sleep(EVERY_S)


@app.on_event("startup")
async def begin():
    app.state.refill = asyncio.create_task(refill())


@app.middleware("http")
async def limit(request, call_next):
    if not await take(keys=["tokens"]):
        return JSONResponse({"title": "Too Many Requests", "status": 429}, status_code=429)
    return await call_next(request)


@app.get("/")
async def greet():
    return {"message": "Congrats, your request was succesfull!"}
