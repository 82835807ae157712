"""`make soak`: many rounds of kills; prints the figures of each."""

import argparse
import tempfile
from pathlib import Path

from tests.alerts.test_delivery_kills import kill_rounds
from tests.stories.kills import run_rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--deliveries", type=int, default=200)
    args = parser.parse_args()
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
