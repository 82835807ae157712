"""python -m tests.bench.citizens: 10,000 forms from one address, and what others wait meanwhile."""

import sys
import tempfile

from tests.web.public.flood import PAGES, at, flood, seeded, serving

POSTS = 10_000


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        settings = seeded(folder)
        with serving(settings):
            found = flood(settings, POSTS, rounds=200)
    told = sorted(found.answers.items())
    said = ", ".join(f"{count:,} x {status or 'line closed, sent again'}" for status, count in told)
    print(f"{found.posts:,} forms from one address in {found.took_s:.1f} s: {said}")
    print(f"reports that came of it: {found.tickets}")
    for path in PAGES:
        before, now = found.before[path], found.meanwhile[path]
        times = " / ".join(
            f"{at(some, share):.1f}" for some in (before, now) for share in (0.5, 0.95)
        )
        print(f"{path}: p50 / p95 before, p50 / p95 meanwhile, ms: {times} ({len(now)} pages)")
    return 0 if found.tickets == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
