# SPDX-License-Identifier: GPL-3.0-only
"""How each server is started. What a peer is configured with lies in the folder of its name beside this one."""
import os
import pwd
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

PEERS = Path(__file__).parent.parent
GREETING = '{"message":"Congrats, your request was succesfull!"}'  # spelled as in the study


@dataclass(frozen=True)
class Launch:
    """What a start needs to know. port is free, or was a moment ago; redis is None without one."""
    folder: Path
    build: Path
    port: int
    redis: Path | None
    limit: object
    keyed: bool
    threads: int


@dataclass(frozen=True)
class Peer:
    """start: command and environment. says_where: prints "listening on URL" and takes any port."""
    name: str
    title: str
    family: str
    threads: int
    start: Callable[[Launch], tuple[list, dict]]
    needs: Callable[[Path], bool]
    redis: bool = False
    limits: bool = True
    keys: bool = True
    says_where: bool = False
    shortest_ms: int = 100  # interval or window

    def can(self, scenario):
        """A bare server of Qt 6.4 does not honour Connection: close; the study has one bucket."""
        if not self.limits:
            return scenario.mode == "pass" and not scenario.keys and scenario.keep_alive
        return self.keys or not scenario.keys


def filled(source, launch, **more):
    """A configuration file in the folder of this start, made of a template with @{name} in it."""
    limit = launch.limit
    user = pwd.getpwuid(os.geteuid()).pw_name
    values = {"folder": launch.folder, "port": launch.port, "redis": launch.redis, "threads": launch.threads, "user": user,
              "source": (PEERS / source).parent, "capacity": limit.capacity, "every": limit.every_ms, "refill": limit.refill,
              "greeting": GREETING, "greeting_bytes": len(GREETING), **more}
    text = re.sub(r"@\{(\w+)\}", lambda found: str(values[found[1]]), (PEERS / source).read_text())
    path = launch.folder / Path(source).name
    path.write_text(text)
    return path


def nginx(source):
    def start(launch):
        # limit_req knows whole requests a second or a minute, at least one a minute.
        limit = launch.limit
        per_second = limit.refill * 1000 // limit.every_ms
        rate = f"{min(per_second, 10**6)}r/s" if per_second else "1r/m"
        config = filled(source, launch, lua_key="ngx.var.http_x_api_key" if launch.keyed else "'global'",
                        nginx_key="$http_x_api_key" if launch.keyed else "global", nginx_rate=rate, nginx_burst=min(limit.capacity, 10**6))
        return ["nginx", "-p", launch.folder, "-e", "stderr", "-c", config], {}
    return start


def haproxy(launch):
    config = filled("haproxy/stick_table.cfg", launch, haproxy_key="req.hdr(X-Api-Key)" if launch.keyed else "str(global)")
    return ["haproxy", "-db", "-f", config], {}


def weir_limit(launch):
    """One limit for all by options; one for each key by a file."""
    limit = launch.limit
    if not launch.keyed:
        return ["--capacity", limit.capacity, "--refill", limit.refill, "--every", f"{limit.every_ms}ms"]
    config = launch.folder / "weir.toml"
    config.write_text(f'[[limit]]\nname = "per-key"\nkey = ["header:X-Api-Key"]\n'
                      f'capacity = {limit.capacity}\nrefill = {limit.refill}\nevery = "{limit.every_ms}ms"\n')
    return ["--config", config]


def weir(*command):
    def start(launch):
        return [launch.build / "weir", *command, "--threads", launch.threads, "--listen", "127.0.0.1:0", "--data-dir", launch.folder / "data",
                "--redis", f"unix:{launch.redis}", *weir_limit(launch)], {"QT_QPA_PLATFORM": "offscreen", "WEIR_STALL_PROBE": "1"}
    return start


def bare(launch):
    return [launch.build / "bare_server", launch.threads], {}


def by_environment(launch):
    """For the peers that are programs of ours: the settings, by names that begin with PEER_."""
    values = {"PORT": launch.port, "REDIS": launch.redis, "CAPACITY": launch.limit.capacity, "EVERY_MS": launch.limit.every_ms,
              "GREETING": GREETING, "KEYED": int(launch.keyed), "PROCESSES": launch.threads}
    return {f"PEER_{name}": str(value) for name, value in values.items()}


def node_folder(build):
    """Where ./dev bench installs the packages and copies the servers to."""
    return build.parent / "bench" / "node"


def node(script):
    def start(launch):
        return ["node", node_folder(launch.build) / script], by_environment(launch) | {"NODE_ENV": "production"}
    return start


def study(launch):
    # Debian's own Python: its packages are not another's.
    return ["/usr/bin/python3", "-m", "uvicorn", "--app-dir", PEERS / "study", "app:app", "--host", "127.0.0.1", "--port", launch.port,
            "--no-access-log", "--log-level", "warning", "--backlog", "4096"], by_environment(launch) | {"PYTHONDONTWRITEBYTECODE": "1"}


def program(name):
    return lambda build: shutil.which(name) is not None


def built(name):
    return lambda build: (build / name).exists()


def lua_module(build):
    return shutil.which("nginx") is not None and Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists()


def node_modules(build):
    return shutil.which("node") is not None and (node_folder(build) / "installed.json").exists()


def python_modules(build):
    return all(Path("/usr/lib/python3/dist-packages", name).exists() for name in ("fastapi", "uvicorn", "redis"))


def all_peers():
    """In the order of the table; each name ends in its number of threads, workers or processes."""
    peers = []
    for n in (1, 2):
        peers.append(Peer(f"weir-{n}", "Weir", "weir", n, weir("serve"), built("weir"), redis=True, says_where=True))
    peers.append(Peer("lease-2", "Weir, --lease 1000", "lease", 2, weir("serve", "--lease", 1000), built("weir"), redis=True, says_where=True))
    peers.append(Peer("panel-2", "Weir, panel open", "panel", 2, weir(), built("weir"), redis=True, says_where=True))
    for n in (1, 2):
        peers.append(Peer(f"bare-{n}", "bare QHttpServer, no limit", "bare", n, bare, built("bare_server"), limits=False, says_where=True))
    for n in (1, 2):
        peers.append(Peer(f"lua-{n}", "nginx + Lua + Redis", "lua", n, nginx("nginx/lua.conf"), lua_module, redis=True))
    for n in (1, 2):
        peers.append(Peer(f"limit_req-{n}", "nginx limit_req, in memory", "limit_req", n, nginx("nginx/limit_req.conf"), program("nginx")))
    for n in (1, 2):
        peers.append(Peer(f"haproxy-{n}", "HAProxy stick table, in memory", "haproxy", n, haproxy, program("haproxy")))
    # Node's servers are run as one process, as their documents do; the fastest also as two.
    peers += [
        Peer("express-1", "express-rate-limit + Redis", "node", 1, node("express.js"), node_modules, redis=True),
        Peer("fastify-1", "@fastify/rate-limit + Redis", "node", 1, node("fastify.js"), node_modules, redis=True),
    ]
    for n in (1, 2):
        peers.append(Peer(f"flexible-{n}", "rate-limiter-flexible + Redis", "node", n, node("flexible.js"), node_modules, redis=True, shortest_ms=1000))
    peers.append(Peer("study-1", "the study: FastAPI + Redis", "study", 1, study, python_modules, redis=True, keys=False))
    return peers
