# SPDX-License-Identifier: GPL-3.0-only
"""The medians as plain text and as a Markdown table."""
from .run import median
from .scenario import BASE

NOTE = "The load generator (wrk, one thread) takes one core of {cores}: compare CPU a request before requests/s."


def row(results, scenario, peer):
    """What one line shows, as text; '-' where there is nothing."""
    def figure(name, form, scale=1):
        value = median(results, scenario, peer, name)
        return "-" if value is None else format(value / scale, form)
    calls = median(results, scenario, peer, "redis_calls")
    return [figure("per_second", ",.0f"), figure("p50_us", ".2f", 1000), figure("p99_us", ".2f", 1000), figure("server_cpu_us", ".1f"),
            figure("redis_cpu_us", ".2f"), figure("redis_calls", ".3f"), f"{1 / calls:.1f}" if calls else "-",
            figure("server_mb", ".0f"), figure("redis_mb", ".0f")]


HEADS = ["requests/s", "p50 ms", "p99 ms", "CPU us", "Redis CPU us", "Redis calls", "batch", "MB", "Redis MB"]


def text(results, cores):
    lines = [NOTE.format(cores=cores), "CPU, Redis CPU and Redis calls are for one request; batch: requests in one call of Redis."]
    for scenario, peers in results.items():
        lines += ["", f"== {scenario}", f"{'server':<14}" + "".join(f"{head:>13}" for head in HEADS)]
        lines += [f"{peer:<14}" + "".join(f"{cell:>13}" for cell in row(results, scenario, peer)) for peer in peers]
    return "\n".join(lines)


def in_order(peers, order):
    return sorted(peers, key=lambda name: order.index(name) if name in order else len(order))


def markdown(document):
    """The base scenario of a saved run, for resources/help/performance.md."""
    results, titles = document["results"], document["peers"]
    lines = ["| server | threads | requests/s | p50 ms | p99 ms | the server's CPU a request, us | Redis', us | Redis calls a request |",
             "|---|---|---|---|---|---|---|---|"]
    for peer in in_order(results[BASE.name], list(titles)):
        title, threads = titles[peer]["title"], titles[peer]["threads"]
        lines.append(f"| {title} | {threads} | " + " | ".join(row(results, BASE.name, peer)[:6]) + " |")
    machine = document["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines += ["", f"{machine['date'][:10]}, {machine['cores']} cores ({machine['cpu']}), Linux {machine['kernel']}; {versions}. "
              f"Medians of {document['rounds']} rounds of {document['seconds']} s."]
    return "\n".join(lines)
