"""`ronda rules`: are rule files in order, what does a centre run, do the tests of rules hold?"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.strict import Refused
from alerts import overrides
from alerts.overrides import Override
from alerts.rules import cases, testing
from alerts.rules.loading import Loaded, load
from alerts.rules.reading import Page, read_file
from alerts.rules.rule import Rule
from alerts.rules.testing import Outcome
from alerts.rules.thresholds import threshold_of
from collector.cli_common import (
    by_option,
    group,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
)
from collector.db import reading, writing
from collector.yaml_files import durations
from collector.yaml_files.problems import Problem

_HEADERS = ("rule", "subject", "severity", "for", "threshold", "overrides", "file")


def commands(subparsers: Any) -> None:
    """Add `ronda rules` to the commands."""
    inner = group(subparsers, "rules", "the rules that alerts come from")
    check = leaf(inner, "check", "are rule files in order?", _check)
    check.add_argument("files", nargs="+", metavar="FILE")
    leaf(inner, "list", "the rules a centre runs", _list)
    here = leaf(inner, "override", "another threshold, hold or none at a site or area", _override)
    here.add_argument("rule", metavar="RULE")
    here.add_argument("scope", metavar="SCOPE", help="the code of a site or an area")
    here.add_argument("--threshold", type=float, metavar="N")
    here.add_argument("--for", dest="hold", metavar="LENGTH", help="as rule files say it: 5m")
    here.add_argument("--off", action="store_true", help="it does not fire there")
    here.add_argument("--remove", action="store_true", help="as the file says again")
    by_option(here)
    test = leaf(inner, "test", "run tests of rules, in promtool's format", _test)
    test.add_argument("files", nargs="+", metavar="FILE")


def _override(args: argparse.Namespace) -> int:
    hold_s = None if args.hold is None else _length(args.hold)
    wanted = Override(args.rule, args.scope, args.threshold, hold_s, args.off)
    now, rules = time.time(), load(settings_of(args).data).rules
    with store_of(args) as store, writing(store) as connection:
        before = overrides.find(connection, args.rule, args.scope)
        if not args.remove:
            overrides.put(connection, rules, wanted, args.by, now, before)
        elif before is None:
            print(say(f"{args.rule} has no override at {args.scope}"), file=sys.stderr)
            return 1
        else:
            overrides.remove(connection, before, args.by, now)
    if args.json:
        print_json({"rule": args.rule, **overrides.as_json(wanted), "removed": args.remove})
    else:
        words = "as its file says again" if args.remove else "set"
        print(say(f"{args.rule} at {args.scope}: {words}"))
    return 0


def _length(text: str) -> float:
    try:
        return durations.read(text) / 1000.0
    except Refused as refused:
        raise Refused("for", refused.problem) from None


def _check(args: argparse.Namespace) -> int:
    missing = _missing(args.files)
    if missing:
        return missing
    pages = [read_file(Path(name)) for name in args.files]
    if args.json:
        print_json([_page_json(page) for page in pages])
    else:
        for page in pages:
            _say_page(page)
    return 1 if any(page.refused for page in pages) else 0


def _missing(names: Sequence[str]) -> int:
    """2, with a line for each, when a file is not there."""
    gone = [name for name in names if not Path(name).is_file()]
    for name in gone:
        print(say(f"{name}: there is no such file"), file=sys.stderr)
    return 2 if gone else 0


def _say_page(page: Page) -> None:
    for problem in page.problems:
        print(say(problem if problem.fatal else f"{problem} (warning)"))
    many = len(page.rules)
    told = "refused" if page.refused else f"{many} rule{'' if many == 1 else 's'} in order"
    print(say(f"{page.file}: {told}"))


def _page_json(page: Page) -> dict[str, Any]:
    return {
        "file": page.file,
        "ok": not page.refused,
        "groups": len(page.groups),
        "rules": len(page.rules),
        "problems": [_problem_json(problem) for problem in page.problems],
    }


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "group": problem.group,
        "rule": problem.rule,
        "reason": problem.reason,
        "refused": problem.fatal,
    }


def _list(args: argparse.Namespace) -> int:
    loaded = load(settings_of(args).data)
    with store_of(args) as store, reading(store) as connection:
        known = overrides.everything(connection)
    if args.json:
        print_json(as_json(loaded, known))
        return 0
    rows = [_row(rule, [one for one in known if one.rule == rule.name]) for rule in loaded.rules]
    print_table(_HEADERS, rows)
    for rule in loaded.replaced:
        print(say(f"{rule.file}:{rule.line}: {rule.name} is replaced by a rule of your own"))
    for problem in loaded.problems:
        print(say(problem), file=sys.stderr)
    return 0


def as_json(loaded: Loaded, known: Sequence[Override]) -> dict[str, Any]:
    """What `ronda rules list --json` prints."""
    return {
        "rules": [_rule_json(rule, known) for rule in loaded.rules],
        "replaced": [
            {"name": rule.name, "file": rule.file, "line": rule.line} for rule in loaded.replaced
        ],
        "problems": [_problem_json(problem) for problem in loaded.problems],
    }


def _rule_json(rule: Rule, known: Sequence[Override]) -> Mapping[str, Any]:
    found = None if rule.record else threshold_of(rule)
    return {
        "name": rule.name,
        "kind": "record" if rule.record else "alert",
        "subject": "" if rule.record else rule.subject,
        "severity": "" if rule.record else rule.severity,
        "expr": rule.expr,
        "for_s": rule.for_s,
        "keep_firing_for_s": rule.keep_firing_for_s,
        "threshold": None if found is None else found[2],
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
        "group": rule.group,
        "file": rule.file,
        "line": rule.line,
        "overrides": [overrides.as_json(one) for one in known if one.rule == rule.name],
    }


def _row(rule: Rule, known: Sequence[Override]) -> list[object]:
    file = f"{rule.file}:{rule.line}"
    if rule.record:
        return [rule.name, "-", "record", "-", "-", "-", file]
    found = threshold_of(rule)
    compared = "-" if found is None else f"{found[1]} {found[2]:g}"
    told = ", ".join(f"{one.scope}{' off' if one.off else ''}" for one in known) or "-"
    wait = durations.say(rule.for_s)
    return [rule.name, rule.subject, rule.severity, wait, compared, told, file]


def _test(args: argparse.Namespace) -> int:
    missing = _missing(args.files)
    if missing:
        return missing
    found = [testing.run(cases.read_file(Path(name))) for name in args.files]
    if args.json:
        print_json([_outcome_json(outcome) for outcome in found])
    else:
        for outcome in found:
            _say_outcome(outcome)
    if any(outcome.refused for outcome in found):
        return 2
    return 1 if any(outcome.failures for outcome in found) else 0


def _say_outcome(outcome: Outcome) -> None:
    for refused in outcome.refused:
        print(say(refused), file=sys.stderr)
    for failure in outcome.failures:
        print(say(failure))
    bad = len(outcome.failures)
    told = f"{bad} failure{'' if bad == 1 else 's'}" if bad else "passed"
    if outcome.refused:
        told = "could not all be tested" + (f", {told}" if bad else "")
    many = outcome.tests
    print(say(f"{outcome.file}: {many} test{'' if many == 1 else 's'}, {told}"))


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "ok": not outcome.failures and not outcome.refused,
        "tests": outcome.tests,
        "failures": [
            {
                "line": failure.line,
                "test": failure.test,
                "what": failure.what,
                "expected": failure.expected,
                "got": failure.got,
            }
            for failure in outcome.failures
        ],
        "refused": [str(refused) for refused in outcome.refused],
    }
