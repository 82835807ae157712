"""`ronda simulate`: a fleet that is not there, over real sockets, to see what the centre does."""

import argparse
import sys
import time
from pathlib import Path

from agent.strict import Refused
from collector.cli_common import leaf, print_json, print_table, settings_of, store_of
from collector.secret import load_secret
from collector.settings import Settings
from collector.simulate.catalogue import MAX_SERIES
from collector.simulate.geography import DEFAULT_SEED
from collector.simulate.scenario import Scenario, load_scenario


def commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `simulate`."""
    help = "send the reports of simulated villages to a centre and measure it"
    parser = leaf(subparsers, "simulate", help, _simulate)
    add = parser.add_argument
    add("--ingest", metavar="URL", help="where agents report to (default: this data folder's)")
    add("--sites", metavar="N", type=int, required=True)
    add("--interval", metavar="S", type=int, default=60, help="seconds between reports of a site")
    add("--duration", metavar="S", type=float, default=60.0, help="0: only --history")
    add("--series", metavar="N", type=int, default=60, help="numbers in a report (default 60)")
    add("--seed", metavar="K", type=int, default=DEFAULT_SEED)
    add("--scenario", metavar="FILE", help="what befalls the villages, as TOML")
    add("--history", metavar="DAYS", type=float, default=0.0, help="first fill the past")


def _simulate(args: argparse.Namespace) -> int:
    # numpy and uvloop cost half a second: the other commands do without
    import uvloop

    from collector.simulate.enrolment import enrol
    from collector.simulate.run import Plan, run

    _check(args)
    settings = settings_of(args, new=True)
    scenario = load_scenario(Path(args.scenario)) if args.scenario else Scenario()
    plan = Plan(
        url=args.ingest or settings.reports_to,
        interval_s=args.interval,
        duration_s=args.duration,
        series=args.series,
        seed=args.seed,
        scenario=scenario,
        history_days=args.history,
        data=settings.folder,
        cafile=_own_ca(settings),
        backlog_per_s=settings.backlog_per_s,
        beacons=settings.beacons,
    )
    with store_of(args, new=True) as store:
        secret = load_secret(settings.folder)
        fleet = enrol(store, secret, args.sites, args.seed, args.interval, time.time())
    figures = uvloop.run(run(plan, fleet, time.time))
    for line in figures.remarks():
        print(line, file=sys.stderr)
    data = figures.as_json()
    if args.json:
        print_json(data)
    else:
        print_table(["figure", "value"], [list(pair) for pair in data.items()])
    return 0 if figures.reports_acked else 1


def _check(args: argparse.Namespace) -> None:
    for name, lowest, highest in (
        ("interval", 1, 3600),
        ("duration", 0, 366 * 86_400),
        ("series", 1, MAX_SERIES),
        ("seed", 0, 10**9),
        ("history", 0, 366),
    ):
        if not lowest <= getattr(args, name) <= highest:
            raise Refused(f"--{name}", f"must be {lowest} to {highest}")
    if not args.duration and not args.history:
        raise Refused("--duration", "must be more than 0 without --history")


def _own_ca(settings: Settings) -> str:
    """The centre's own certificate is trusted, where it has one."""
    return settings.cert
