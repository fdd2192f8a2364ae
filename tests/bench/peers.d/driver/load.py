# SPDX-License-Identifier: GPL-3.0-only
"""wrk against one address, and plain requests beside it."""
import http.client
import json
import os
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "wrk" / "load.lua"


def wrk(url, scenario, seconds, count=False):
    """What wrk/load.lua prints, and "wall": seconds from before its start until after its end. count: by status, slower."""
    environment = os.environ | {"PEERS_KEYS": str(scenario.keys), "PEERS_CLOSE": str(int(not scenario.keep_alive)), "PEERS_COUNT": str(int(count))}
    begin = time.monotonic()
    ran = subprocess.run(["setpriv", "--pdeathsig", "KILL", "--", "wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", SCRIPT, url],
                         env=environment, capture_output=True, text=True, timeout=seconds + 60)
    if ran.returncode:
        raise RuntimeError("wrk: " + (ran.stderr or ran.stdout).strip())
    return json.loads(ran.stdout.strip().splitlines()[-1]) | {"wall": time.monotonic() - begin}


def ask(connection):
    """Status, body, and who decided when it was not the store."""
    connection.request("GET", "/", headers={"X-Api-Key": "1"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.getheader("Weir-Decided-By")


def connect(url):
    return http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=10)


def get(url):
    """Status and body of one request."""
    with closing(connect(url)) as connection:
        return ask(connection)[:2]


class Sampler(threading.Thread):
    """wrk only tells how many statuses were below 400. This asks 50 times a second beside it and keeps what it was told."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.statuses, self.problems = url, Counter(), []
        self.over = threading.Event()

    def run(self):
        with closing(connect(self.url)) as connection:
            while not self.over.wait(0.02):
                try:
                    status, _, decided_by = ask(connection)
                    self.statuses[status] += 1
                    if decided_by:
                        self.problems.append(f"decided by {decided_by}, not by the store")
                except (OSError, http.client.HTTPException) as error:
                    self.problems.append(repr(error))
                    connection.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()
