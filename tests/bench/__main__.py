"""`make bench`: every figure that stands in docs/performance.md, one bench after the other."""

import argparse
import subprocess
import sys
import time

# each is a module of its own that prints its figures, with a peer or a floor of the same run
BENCHES = (
    "ingest",
    "newcomers",
    "journal",
    "journal_load",
    "series",
    "series_rest",
    "backlog",
    "fold_country",
    "query",
    "rules",
    "beside",
    "beacons",
    "messages",
    "overview",
    "query_peers",
    "foreign",
    "centre",
    "console",
    "public",
    "citizens",
    "lag",
    "playbooks",
    "evidence",
    "agent_footprint",
    "micro_footprint",
    "peers_ingest",
    "connections",
    "cut",
    # the country is among these: they want a machine of their own for two hours
    "restart",
    "growth",
    "country",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    only = parser.parse_args().only or list(BENCHES)
    unknown = [name for name in only if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    failed = []
    for name in only:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False)
        print(f"   ({time.monotonic() - began:.0f} s)", flush=True)
        if done.returncode != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
