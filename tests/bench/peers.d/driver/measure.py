# SPDX-License-Identifier: GPL-3.0-only
"""One round of one peer in one scenario: start, warm up, measure, check, stop."""
import re
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from . import load
from .peer import GREETING, Launch
from .process import Child
from .redis import Redis


class NotAMeasurement(Exception):
    """The server did not do what it should have; its figures would mean nothing."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def one_round(peer, scenario, build, seconds, usual_per_second):
    """The figures as a dictionary; rates in 1/s, times in us, CPU in us a request, memory in MB."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-peers-")))
        redis = Redis(folder) if peer.redis else None
        if redis:
            stack.callback(redis.stop)
        limit = scenario.limit(usual_per_second, peer.shortest_ms)
        launch = Launch(folder, build, free_port(), redis and redis.path, limit, scenario.keys > 0, peer.threads)
        command, environment = peer.start(launch)
        server = Child(command, folder, "server", environment)
        stack.callback(server.stop)
        url = wait_until_answering(peer, server, launch)
        warm_up(url, scenario)
        figures = measure(url, scenario, server, redis, seconds)
        check_counts(scenario, limit, figures)
        server.stop()
        stall = re.search(r"longest stall of the window (\S+)", server.out.read_text())
        if stall:
            figures["stall_ms"] = float(stall[1])
        return figures


def wait_until_answering(peer, server, launch):
    deadline = time.monotonic() + 20
    problem = "it is not ready after 20 s"
    while time.monotonic() < deadline and server.alive():
        said = re.search(r"^listening on (\S+)", server.out.read_text(), re.M) if peer.says_where else None
        url = said[1] if said else None if peer.says_where else f"http://127.0.0.1:{launch.port}"
        try:
            if url:
                check_greeting(launch.limit, *load.get(url))
                return url + "/"
        except OSError as error:
            problem = str(error)
        time.sleep(0.05)
    raise NotAMeasurement(f"{problem}\n{server.complaint()}")


def check_greeting(limit, status, body):
    if status != 200 or GREETING not in body:
        raise NotAMeasurement(f"the first answer is {status} {body[:200]!r}")


def warm_up(url, scenario):
    """A second, or what 100,000 keys take. Where refusals may come, every status is read."""
    may_refuse = scenario.mode != "pass"
    ran = load.wrk(url, scenario, 3 if scenario.keys > 1 else 1, count=may_refuse)
    if may_refuse and (ran["other"] or (scenario.mode == "refuse" and not ran["refused"])):
        raise NotAMeasurement(f"in the warm-up {ran['admitted']} were 2xx, {ran['refused']} 429, {ran['other']} something else")


def measure(url, scenario, server, redis, seconds):
    children = [("server", server)] + ([("redis", redis)] if redis else [])
    calls = redis.calls() if redis else 0
    before = {name: child.cpu_seconds() for name, child in children}
    with load.Sampler(url) as sampler:
        ran = load.wrk(url, scenario, seconds)
    check_sample(scenario, sampler)
    n = max(1, ran["requests"])
    figures = {"requests": ran["requests"], "failed": ran["failed"], "socket_errors": ran["socket_errors"], "wall_s": ran["wall"],
               "per_second": n / (ran["us"] / 1e6), "p50_us": ran["p50"], "p99_us": ran["p99"]}
    for name, child in children:
        if not child.alive():
            raise NotAMeasurement(f"the {name} has ended: {child.complaint()}")
        figures[f"{name}_cpu_us"] = (child.cpu_seconds() - before[name]) * 1e6 / n
        figures[f"{name}_mb"] = child.resident_mb()
    if redis:
        figures["redis_calls"] = (redis.calls() - calls) / n
    return figures


def check_sample(scenario, sampler):
    expected = {"pass": {200}, "refuse": {429}, "half": {200, 429}}[scenario.mode]
    if sampler.problems or set(sampler.statuses) != expected:
        raise NotAMeasurement(f"a sample has the statuses {dict(sampler.statuses)}; {sampler.problems[:3]}")


def check_counts(scenario, limit, figures):
    requests, failed = figures["requests"], figures["failed"]
    admitted = requests - failed
    if not requests or figures["socket_errors"]:
        raise NotAMeasurement(f"{requests} answers and {figures['socket_errors']} socket errors")
    if scenario.mode == "pass" and failed:
        raise NotAMeasurement(f"{failed} of {requests} answers were not 2xx")
    if scenario.mode == "refuse" and admitted > 0:
        raise NotAMeasurement(f"{admitted} of {requests} were admitted by an empty bucket")
    if scenario.mode == "half":
        most = limit.most(figures["wall_s"])
        if not failed or not admitted or admitted > most:
            raise NotAMeasurement(f"{admitted} of {requests} were admitted; the limit permits {most}")
