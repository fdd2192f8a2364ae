# SPDX-License-Identifier: GPL-3.0-only
"""What is asked of a server in one measurement, and the limit that it has then."""
from dataclasses import dataclass, replace
from itertools import product

MODES = ("pass", "refuse", "half")
CONNECTIONS = (1, 64, 256, 1000)
KEYS = (0, 1, 100_000)
TWENTY_DAYS_MS = 20 * 86_400_000  # longer than a run, shorter than the 2^31 ms that Node and HAProxy can wait


@dataclass(frozen=True)
class Limit:
    """`refill` tokens each `every_ms`, at most `capacity`."""
    capacity: int
    refill: int
    every_ms: int

    def most(self, seconds):
        """The most that may be admitted in a stretch of time, by a bucket or by fixed windows."""
        return self.capacity + self.refill * (int(seconds * 1000 / self.every_ms) + 1)


@dataclass(frozen=True)
class Scenario:
    """keys: 0 = one bucket for all and no header; else so many values of X-Api-Key, a bucket for each."""
    mode: str = "pass"
    connections: int = 64
    keys: int = 0
    keep_alive: bool = True

    @property
    def name(self):
        keys = "" if not self.keys else f" {self.keys} keys" if self.keys > 1 else " 1 of many keys"
        return f"{self.mode} c{self.connections}{keys}{'' if self.keep_alive else ' close'}"

    def limit(self, usual_per_second, every_ms):
        """usual_per_second: what the server admits when nothing is refused; `half` admits half of it, anew each `every_ms`."""
        if self.mode == "pass":
            return Limit(10**9, 10**9, 60_000)  # by the minute, as most limits are
        if self.mode == "refuse":
            return Limit(1, 1, TWENTY_DAYS_MS)
        half = max(1, int(usual_per_second / 2 * every_ms / 1000))
        return Limit(half, half, every_ms)


BASE = Scenario()
# Beside the base scenario, for Weir, nginx + Lua and the bare server.
EXTRA = (
    replace(BASE, connections=1),
    replace(BASE, connections=256),
    replace(BASE, connections=1000),
    replace(BASE, mode="refuse"),
    replace(BASE, mode="half"),
    replace(BASE, keys=1),
    replace(BASE, keys=100_000),
    replace(BASE, keep_alive=False),
)


def everything():
    """Every combination; refused keys are left out, for each would be admitted once first."""
    for mode, connections, keys, keep_alive in product(MODES, CONNECTIONS, KEYS, (True, False)):
        if mode == "pass" or keys == 0:
            yield Scenario(mode, connections, keys, keep_alive)
