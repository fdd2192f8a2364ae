# SPDX-License-Identifier: GPL-3.0-only
"""wrk against one address, and one plain request."""
import http.client
import json
import os
import subprocess
import time
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "wrk" / "load.lua"


def wrk(url, scenario, seconds, count=False):
    """What wrk/load.lua prints, and "wall": seconds from before its start until after its end. count: by status, slower."""
    environment = os.environ | {"PEERS_KEYS": str(scenario.keys), "PEERS_CLOSE": str(int(not scenario.keep_alive)), "PEERS_COUNT": str(int(count))}
    begin = time.monotonic()
    ran = subprocess.run(["setpriv", "--pdeathsig", "KILL", "--", "wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "--latency", "-s", SCRIPT, url],
                         env=environment, capture_output=True, text=True, timeout=seconds + 60)
    if ran.returncode:
        raise RuntimeError("wrk: " + (ran.stderr or ran.stdout).strip())
    return json.loads(ran.stdout.strip().splitlines()[-1]) | {"wall": time.monotonic() - begin}


def get(url):
    """Status and body of one request."""
    connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=2)
    try:
        connection.request("GET", "/", headers={"X-Api-Key": "1"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
