# SPDX-License-Identifier: GPL-3.0-only
# What the benchmarks share: a folder to work in, one server at a time, medians. Sourced, not run.
set -euo pipefail
work=$(mktemp -d)
server=
cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
endless=(--capacity 1000000000 --refill 1000000000 --every 1s)

# start_server COMMAND...: sets $server and $url once it listens.
start_server() {
  rm -f "$work/out" # of the one before: its address must not be taken for this one's
  XDG_CONFIG_HOME=$work/config "$@" >"$work/out" 2>"$work/err" &
  server=$!
  for _ in $(seq 1000); do grep -qs '^listening' "$work/out" && break; sleep 0.05; done
  url=$(awk '/^listening/{print $3; exit}' "$work/out")
}

stop_server() { kill "$server"; wait "$server" || true; server=; }

# load NAME SECONDS: wrk against $url; appends requests/s to $work/NAME
load() {
  wrk -t1 -c64 -d1 "$url/" >/dev/null # warm
  wrk -t1 -c64 "-d$2" --latency "$url/" >"$work/wrk"
  if grep -q 'Non-2xx\|Socket errors' "$work/wrk"; then
    echo "$1: not a measurement, some answers were not 200:" >&2; cat "$work/wrk" >&2; exit 1
  fi
  awk '/Requests\/sec/{print $2}' "$work/wrk" >>"$work/$1"
}

median() { sort -g "$1" | awk '{a[NR]=$1} END{print a[int((NR+1)/2)]}'; }
ratio() { awk -v a="$(median "$work/$1")" -v b="$(median "$work/$2")" -v n="$1/$2" 'BEGIN{printf "%s %.3f\n", n, a/b}'; }
