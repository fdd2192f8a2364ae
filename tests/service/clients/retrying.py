# SPDX-License-Identifier: GPL-3.0-only
"""Clients of Python, set up to try again as their documentation says; arguments and output as of retrying.mjs."""
import http.client
import sys
import threading
import time
import urllib.parse


def urllib3():
    import urllib3 as library
    retry = library.Retry(total=5, status_forcelist=[429], allowed_methods=None, raise_on_status=False)
    return lambda url, method, body: library.PoolManager(retries=retry).request(method, url, body=body)


def requests():
    import requests as library
    from urllib3 import Retry
    retry = Retry(total=5, status_forcelist=[429], allowed_methods=None, raise_on_status=False)

    def ask(url, method, body):
        with library.Session() as session:
            session.mount("http://", library.adapters.HTTPAdapter(max_retries=retry))
            session.request(method, url, data=body)
    return ask


def httpx():
    import httpx as library
    import tenacity

    def wait(state):
        return int(state.outcome.result().headers.get("Retry-After", 1))

    def ask(url, method, body):
        with library.Client() as client:
            tenacity.Retrying(retry=tenacity.retry_if_result(lambda answer: answer.status_code == 429), wait=wait,
                              stop=tenacity.stop_after_attempt(6))(lambda: client.request(method, url, content=body))
    return ask


def by_hand():
    def ask(url, method, body):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        while True:
            connection.request(method, f"{parts.path}?{parts.query}", body=body)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 429 or answer.headers["Retry-After"] is None:
                return
            time.sleep(int(answer.headers["Retry-After"]))
    return ask


CLIENTS = {"urllib3": urllib3, "requests": requests, "httpx, tenacity": httpx, "http.client": by_hand}


def attempt(name, ask, url, method, body):
    try:
        ask(url, method, body)
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the test wants to know
        print(f"{name}: {url}: {error!r}", flush=True)


def main():
    threads = []
    for argument in sys.argv[1:]:
        name, _, urls = argument.partition("=")
        try:
            ask = CLIENTS[name]()
        except ImportError as error:
            print(f"absent: {name}: {error}", flush=True)
            continue
        for each in urls.split(","):
            url, method, size = each.split(" ")
            body = b"x" * int(size) if method == "POST" else None
            threads.append(threading.Thread(target=attempt, args=(name, ask, url, method, body), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
