# SPDX-License-Identifier: GPL-3.0-only
"""What was measured on what: versions of all programs, kernel, cores, date."""
import datetime
import json
import os
import platform
import re
import subprocess
from pathlib import Path

from .peer import PEERS

PROGRAMS = {"nginx": ["nginx", "-v"], "HAProxy": ["haproxy", "-v"], "Redis": ["redis-server", "--version"], "Valkey": ["valkey-server", "--version"], "Node": ["node", "--version"],
            "wrk": ["wrk", "-v"]}
PACKAGES = {"Qt": "libqt6httpserver6", "nginx Lua module": "libnginx-mod-http-lua", "FastAPI": "python3-fastapi", "uvicorn": "python3-uvicorn"}


def said(command):
    """What a program prints, or nothing when it is not there."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    return ran.stdout + ran.stderr


def version_in(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else None


def node_versions():
    lock = PEERS / "node" / "package-lock.json"
    if not lock.exists():
        return {}
    packages = json.loads(lock.read_text())["packages"]
    return {name: packages[f"node_modules/{name}"]["version"] for name in packages[""]["dependencies"]}


def cpu_model():
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found[1].strip() if found else platform.machine()


def machine(build):
    versions = {"Weir": version_in(said([build / "weir", "--version"]))}
    versions |= {name: version_in(said(command)) for name, command in PROGRAMS.items()}
    versions |= {name: version_in(said(["dpkg-query", "-W", "-f", "${Version}", package])) for name, package in PACKAGES.items()}
    commit = said(["git", "-C", PEERS, "describe", "--always", "--dirty"]).strip()
    return {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "kernel": ".".join(platform.release().split(".")[:2]),
            "cores": os.cpu_count(), "cpu": cpu_model(), "commit": commit,
            "versions": {name: version for name, version in (versions | node_versions()).items() if version}}
