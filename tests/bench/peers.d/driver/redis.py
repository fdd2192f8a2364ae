# SPDX-License-Identifier: GPL-3.0-only
"""A private redis-server on a Unix socket that keeps nothing on disk."""
import shutil
import socket
import time

from .process import Child

SCRIPT_CALLS = ("evalsha", "eval", "fcall")
NOT_WORK = ("info", "config", "command", "client", "hello", "ping", "script", "select", "subscribe", "auth")


class Redis(Child):
    def __init__(self, folder):
        self.path = folder / "redis.sock"
        super().__init__([shutil.which("redis-server") or "valkey-server", "--port", "0", "--unixsocket", self.path, "--unixsocketperm", "700", "--save", "",
                          "--appendonly", "no", "--dir", folder], folder, "redis")
        deadline = time.monotonic() + 10
        while not self.path.exists():
            if not self.alive() or time.monotonic() > deadline:
                raise RuntimeError("redis-server does not start: " + self.complaint())
            time.sleep(0.02)

    def command(self, *words):
        """The raw reply to one command, for replies that are one bulk string."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            link.connect(str(self.path))
            link.sendall(("*%d\r\n" % len(words) + "".join("$%d\r\n%s\r\n" % (len(w), w) for w in words)).encode())
            stream = link.makefile("rb")
            length = int(stream.readline()[1:])
            return stream.read(length).decode()

    def calls(self):
        """Calls by clients so far: of scripts where there are any (INFO counts what a script calls as well), else of all."""
        counts = {}
        for line in self.command("INFO", "commandstats").splitlines():
            if line.startswith("cmdstat_"):
                name, _, fields = line.removeprefix("cmdstat_").partition(":")
                counts[name] = int(fields.split(",")[0].removeprefix("calls="))
        scripts = sum(counts.get(name, 0) for name in SCRIPT_CALLS)
        return scripts or sum(n for name, n in counts.items() if name.split("|")[0] not in NOT_WORK)
