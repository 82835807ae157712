"""python -m tests.promqltest [--left-out] FILE...: exit 0 when every case that counts passes."""

import argparse
import sys
from pathlib import Path

from tests.promqltest.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.promqltest")
    parser.add_argument("--left-out", action="store_true", help="list what is left out, and why")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    args = parser.parse_args()
    passed = failed = left_out = 0
    for path in args.files:
        try:
            outcome = run(path)
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        passed, failed = passed + outcome.passed, failed + len(outcome.failed)
        left_out += len(outcome.left_out)
        print(f"{outcome.name}: {outcome.passed} passed, {len(outcome.failed)} failed")
        for line, query, why in outcome.failed:
            print(f"  FAILED {outcome.name}:{line}: {query}\n    {why}")
        for line, query, why in outcome.left_out if args.left_out else []:
            print(f"  left out {outcome.name}:{line}: {query} ({why})")
    share = 100 * passed / max(passed + failed, 1)
    print(f"{passed} of {passed + failed} cases passed ({share:.1f} %), {left_out} left out")
    return 1 if failed else 0


sys.exit(main())
