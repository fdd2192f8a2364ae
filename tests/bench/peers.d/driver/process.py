# SPDX-License-Identifier: GPL-3.0-only
"""Processes that end when they should: each is stopped by its pid, and dies with this program."""
import os
import signal
import subprocess
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Child:
    """One server and what it starts. Its output goes to files in `folder`."""

    def __init__(self, command, folder, name, environment=None):
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        with open(self.out, "w") as out, open(self.err, "w") as err:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)],
                stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
                env=os.environ | {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_RUNTIME_DIR": str(folder)} | (environment or {}))
        self.pid = self.process.pid

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)  # its own session: what it started and left behind
        except ProcessLookupError:
            pass
        self.process.wait()

    def complaint(self):
        return (self.err.read_text(errors="replace") + self.out.read_text(errors="replace"))[-2000:].strip()

    def cpu_seconds(self):
        """User and system time of it and its descendants, with all their threads; 10 ms is the unit."""
        return sum(sum(map(int, stat_fields(pid)[11:13])) for pid in self.tree()) / TICKS

    def resident_mb(self):
        return sum(resident_kb(pid) for pid in self.tree()) / 1024

    def tree(self):
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                todo += map(int, children.read_text().split())
        return found


def stat_fields(pid):
    """/proc/PID/stat from the field after the name on: 11 and 12 are utime and stime."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def resident_kb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0
