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
    says_where: bool = False

    def can(self, scenario):
        """Qt 6.4's server does not honour Connection: close."""
        return self.limits or (scenario.mode == "pass" and not scenario.keys and scenario.keep_alive)


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


def program(name):
    return lambda build: shutil.which(name) is not None


def built(name):
    return lambda build: (build / name).exists()


def lua_module(build):
    return shutil.which("nginx") is not None and Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists()


def all_peers():
    """In the order of the table; each name ends in its number of threads, workers or processes."""
    peers = []
    for n in (1, 2):
        peers.append(Peer(f"weir-{n}", "Weir", "weir", n, weir("serve"), built("weir"), redis=True, says_where=True))
    peers.append(Peer("panel-2", "Weir, panel open", "panel", 2, weir(), built("weir"), redis=True, says_where=True))
    for n in (1, 2):
        peers.append(Peer(f"bare-{n}", "bare QHttpServer, no limit", "bare", n, bare, built("bare_server"), limits=False, says_where=True))
    for n in (1, 2):
        peers.append(Peer(f"lua-{n}", "nginx + Lua + Redis", "lua", n, nginx("nginx/lua.conf"), lua_module, redis=True))
    for n in (1, 2):
        peers.append(Peer(f"limit_req-{n}", "nginx limit_req, in memory", "limit_req", n, nginx("nginx/limit_req.conf"), program("nginx")))
    for n in (1, 2):
        peers.append(Peer(f"haproxy-{n}", "HAProxy stick table, in memory", "haproxy", n, haproxy, program("haproxy")))
    return peers
