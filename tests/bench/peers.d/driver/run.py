# SPDX-License-Identifier: GPL-3.0-only
"""All measurements of a run, in rounds, and their medians."""
import statistics
import sys

from .measure import NotAMeasurement, one_round
from .scenario import BASE, EXTRA, everything

EXTRA_FAMILIES = ("weir", "lua", "bare")


def plan(peers, full):
    """Pairs of scenario and peers, in the order in which they are measured: `half` needs the figures of BASE."""
    if full:
        rest = [(s, peers) for s in everything() if s != BASE]
    else:
        rest = [(s, [p for p in peers if p.family in EXTRA_FAMILIES]) for s in EXTRA]
    able = ((scenario, [p for p in some if p.can(scenario)]) for scenario, some in [(BASE, peers), *rest])
    return [(scenario, some) for scenario, some in able if some]


def estimated_minutes(planned, rounds, seconds):
    return sum(len(some) for _, some in planned) * rounds * (seconds + 2.5) / 60


def rotated(items, by):
    by %= len(items)
    return items[by:] + items[:by]


class Run:
    """results: by scenario name and peer name, a list of rounds; faults: what was not a measurement and why."""

    def __init__(self, build, rounds, seconds):
        self.build, self.rounds, self.seconds = build, rounds, seconds
        self.results, self.faults = {}, []

    def all(self, planned):
        # Round by round through all of them: a slow minute of the machine must not fall to one scenario alone.
        for number in range(self.rounds):
            for scenario, peers in planned:
                for peer in rotated(peers, number * max(1, len(peers) // self.rounds)):
                    self.round(scenario, peer, number)

    def round(self, scenario, peer, number):
        print(f"\r{scenario.name}, round {number + 1}: {peer.name:<16}", end="", file=sys.stderr, flush=True)
        usual = self.median(BASE.name, peer.name, "per_second")
        try:
            if scenario.mode == "half" and not usual:
                raise NotAMeasurement("half of what? It was not measured without refusals")
            figures = one_round(peer, scenario, self.build, self.seconds, usual)
        except (NotAMeasurement, RuntimeError, OSError) as problem:
            self.faults.append(f"{peer.name}, {scenario.name}, round {number + 1}: {problem}")
            print(f"\nnot a measurement: {self.faults[-1]}", file=sys.stderr)
            return
        self.results.setdefault(scenario.name, {}).setdefault(peer.name, []).append(figures)

    def median(self, scenario, peer, figure):
        return median(self.results, scenario, peer, figure)


def median(results, scenario, peer, figure):
    """None where it was not measured."""
    values = [r[figure] for r in results.get(scenario, {}).get(peer, []) if figure in r]
    return statistics.median(values) if values else None
