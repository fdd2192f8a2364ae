# SPDX-License-Identifier: GPL-3.0-only
"""What the project demands of itself: ratios of the medians of one run."""
from dataclasses import dataclass

from .run import median
from .scenario import BASE, EXTRA

ONE, _, _, REFUSE, _, ONE_KEY, MANY_KEYS, _ = (s.name for s in EXTRA)
BASE = BASE.name
NODE = ("express", "fastify", "flexible")


@dataclass(frozen=True)
class Demand:
    """value is None where a part was not measured."""
    text: str
    value: float | None
    sign: str
    bound: float

    @property
    def met(self):
        if self.value is None:
            return None
        return {">=": self.value >= self.bound, "<=": self.value <= self.bound, "<": self.value < self.bound}[self.sign]

    def line(self):
        value = "-" if self.value is None else f"{self.value:.2f}"
        verdict = {None: "not measured", True: "pass", False: "FAIL"}[self.met]
        return f"{self.text:<76} {value:>9} {self.sign:>2} {self.bound:<5g} {verdict}"


def quotient(a, b):
    return a / b if a is not None and b else None


class Figures:
    def __init__(self, results):
        self.results = results

    def get(self, peer, figure="per_second", scenario=BASE):
        return median(self.results, scenario, peer, figure)

    def best(self, *families):
        """The peer of these families with the most requests/s, whatever its number of threads."""
        names = [n for n in self.results.get(BASE, {}) if n.rpartition("-")[0] in families]
        return max(names, key=self.get, default="")

    def cpu(self, peer):
        server, redis = self.get(peer, "server_cpu_us"), self.get(peer, "redis_cpu_us")
        return None if server is None else server + (redis or 0)

    def worst_stall(self):
        stalls = [r["stall_ms"] for some in self.results.values() for r in some.get("panel-2", []) if "stall_ms" in r]
        return max(stalls, default=None)


def demands(results):
    f = Figures(results)
    lua = f.best("lua")

    def rates(a, b, scenario=BASE, other=BASE):
        return quotient(f.get(a, scenario=scenario), f.get(b, scenario=other))

    return [
        Demand("Weir 2 threads / nginx + Lua + Redis, its better of 1 and 2 workers", rates("weir-2", lua), ">=", 1.6),
        Demand("Weir 1 thread / nginx + Lua + Redis, 1 worker", rates("weir-1", "lua-1"), ">=", 1.4),
        Demand("CPU a request with Redis', Weir 1 thread / nginx + Lua 1 worker", quotient(f.cpu("weir-1"), f.cpu("lua-1")), "<=", 0.5),
        Demand("Weir 2 threads / the best limiter of Node", rates("weir-2", f.best(*NODE)), ">=", 3.0),
        Demand("Weir 2 threads / the study", rates("weir-2", "study-1"), ">=", 30),
        Demand("Weir 1 thread / bare QHttpServer 1 thread", rates("weir-1", "bare-1"), ">=", 0.93),
        Demand("Weir 2 threads / bare QHttpServer 2 threads", rates("weir-2", "bare-2"), ">=", 0.93),
        Demand("Weir 2 threads / nginx limit_req in memory, its better", rates("weir-2", f.best("limit_req")), ">=", 0.65),
        Demand("p99 in ms, Weir 1 thread, 64 connections", quotient(f.get("weir-1", "p99_us"), 1000), "<", 1),
        Demand("p99 in ms, Weir 2 threads, 64 connections", quotient(f.get("weir-2", "p99_us"), 1000), "<", 1),
        Demand("p99, Weir 1 thread / nginx + Lua 1 worker", quotient(f.get("weir-1", "p99_us"), f.get("lua-1", "p99_us")), "<", 1),
        Demand("p99, Weir 2 threads / nginx + Lua, its better", quotient(f.get("weir-2", "p99_us"), f.get(lua, "p99_us")), "<", 1),
        Demand("Weir 2 threads, all refused / all admitted", rates("weir-2", "weir-2", REFUSE), ">=", 1.0),
        Demand("Weir 2 threads, 100,000 keys / one of them", rates("weir-2", "weir-2", MANY_KEYS, ONE_KEY), ">=", 0.8),
        Demand("CPU of Redis a request, Weir 1 thread / one EVALSHA each (nginx + Lua)",
               quotient(f.get("weir-1", "redis_cpu_us"), f.get("lua-1", "redis_cpu_us")), "<", 0.25),
        Demand("p50 of one connection, Weir 1 thread / nginx + Lua 1 worker",
               quotient(f.get("weir-1", "p50_us", ONE), f.get("lua-1", "p50_us", ONE)), "<=", 1.1),
        Demand("Weir 2 threads, panel open / without", rates("panel-2", "weir-2"), ">=", 0.92),
        Demand("longest stall of the window, ms", f.worst_stall(), "<", 33),
    ]
