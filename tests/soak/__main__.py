"""`make soak`: every state of the model, many kills, seeds and examples; prints the figures."""

import argparse
import faulthandler
import sys
import tempfile
from pathlib import Path

import pytest

from tests.agent.test_pyz_on_pythons import pythons
from tests.alerts.test_delivery_kills import kill_rounds
from tests.postgres import own_connections, running_server
from tests.soak import cluster, protocol
from tests.stories.kills import run_rounds

# `make test` gives them a tenth as many examples or seeds
MANY_EXAMPLES = (
    "tests/collector/intake/test_kill.py",
    "tests/collector/intake/test_validate.py",
    "tests/collector/test_fold_replay.py",
    "tests/collector/test_foreign_fold.py",
    "tests/playbooks/test_library_runs.py",
    "tests/playbooks/test_on_devices.py",
    "tests/web/api/test_schemathesis.py",
)
# on every Python that is found here, and those of RONDA_PYTHONS
EVERY_PYTHON = "tests/agent/test_pyz_on_pythons.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--postgres-rounds", type=int, default=30)
    parser.add_argument("--cluster-rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--deliveries", type=int, default=200)
    parser.add_argument("--no-examples", action="store_true")
    parser.add_argument("--no-model", action="store_true")
    args = parser.parse_args()
    if not args.no_model and not protocol.prove():
        sys.exit("the protocol, or its model, is wrong")
    if not args.no_examples:
        examples()
    if args.deliveries:
        with tempfile.TemporaryDirectory(prefix="ronda-soak-") as folder:
            for name, count in kill_rounds(Path(folder), args.deliveries).items():
                print(f"{name:>14}  {count}", flush=True)
        print("no notice was lost; twice only where no answer was written down", flush=True)
    if args.rounds:
        kill(args.rounds, args.seed)
    if args.postgres_rounds:
        with running_server() as server, own_connections():
            kill(args.postgres_rounds, args.seed, server.migrated())
    if args.cluster_rounds:
        with tempfile.TemporaryDirectory(prefix="ronda-cluster-") as folder:
            cluster.say(cluster.run(Path(folder), args.cluster_rounds, args.seed))


def examples() -> None:
    """What `make test` looks at in a few examples, in many."""
    slow = ["-q", "-m", "slow", "--hypothesis-profile=soak"]
    failed = pytest.main([*slow, *MANY_EXAMPLES, EVERY_PYTHON])
    # this process does not end with its tests
    faulthandler.cancel_dump_traceback_later()
    if failed:
        sys.exit(int(failed))
    for python, found in pythons().items():
        print(f"the agent as one file: {python} {'.'.join(map(str, found))}", flush=True)
    print("whatever an agent sends is kept, rejected or refused", flush=True)
    print("the same journal gives the same history", flush=True)
    print("every playbook is done, or taken back; a killed centre does nothing twice", flush=True)


def kill(rounds: int, seed: int, database_url: str = "") -> None:
    """Rounds of kills under load, and their figures."""
    with tempfile.TemporaryDirectory(prefix="ronda-soak-") as folder:
        figures = run_rounds(Path(folder) / "var", rounds, seed, database_url, hard=True)
    for name, value in figures.items():
        print(f"{name:>14}  {value:g}")
    print("nothing called safe was lost, nothing is there twice", flush=True)
    print("each fault was one incident, told once to each; twice only where nobody answered")


if __name__ == "__main__":
    main()
