"""`make soak`: many rounds of kills and many examples; prints the figures of each."""

import argparse
import sys
import tempfile
from pathlib import Path

import pytest

from tests.alerts.test_delivery_kills import kill_rounds
from tests.stories.kills import run_rounds

# `make test` gives them a tenth as many examples
MANY_EXAMPLES = ("tests/collector/intake/test_validate.py",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--deliveries", type=int, default=200)
    parser.add_argument("--no-examples", action="store_true")
    args = parser.parse_args()
    if not args.no_examples:
        failed = pytest.main(["-q", "-m", "slow", "--hypothesis-profile=soak", *MANY_EXAMPLES])
        if failed:
            sys.exit(int(failed))
        print("whatever an agent sends is kept, rejected or refused", flush=True)
    if args.deliveries:
        with tempfile.TemporaryDirectory(prefix="ronda-soak-") as folder:
            for name, count in kill_rounds(Path(folder), args.deliveries).items():
                print(f"{name:>14}  {count}", flush=True)
        print("no notice was lost; twice only where no answer was written down", flush=True)
    if not args.rounds:
        return
    with tempfile.TemporaryDirectory(prefix="ronda-soak-") as folder:
        figures = run_rounds(Path(folder) / "var", args.rounds, args.seed)
    for name, value in figures.items():
        print(f"{name:>14}  {value:g}")
    print("nothing called safe was lost, nothing is there twice")


if __name__ == "__main__":
    main()
