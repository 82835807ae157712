"""`ronda sites`: how every site stands, one site in full, codes to enrol with."""

import argparse
import time
from dataclasses import asdict
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import agents, cli_script, db, inventory, states
from collector.cli_common import (
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
    there,
)
from collector.config import as_started
from collector.configured import as_json, configured
from collector.inventory.exporting import export, spread
from collector.inventory.kinds import KINDS
from collector.inventory.store import rows_of, terms, with_lines
from collector.settings import Settings
from collector.standing import Standing, standings
from collector.usage import usage

_MANY = 5


def commands(subparsers: Any, show_all: argparse.ArgumentParser) -> None:
    """Add what only sites have, beside import and list."""
    show_all.add_argument("--area", default="", metavar="CODE", help="of one area only")
    show = leaf(subparsers, "show", "everything about one site", _show)
    show.add_argument("code", metavar="CODE")
    codes = leaf(subparsers, "codes", "codes to enrol with, for sites without an agent", _codes)
    codes.add_argument("--site", metavar="CODE", help="for this site, whether it has one or not")
    codes.add_argument("--days", type=float, metavar="N", help="how long they are good")
    cli_script.commands(subparsers)


def listing(args: argparse.Namespace) -> int:
    """All sites, worst first."""
    settings, now = settings_of(args), time.time()
    with store_of(args) as store, db.reading(store) as connection:
        if args.csv:
            print(export(connection, "sites"), end="")
            return 0
        found = standings(connection, area=args.area)
    heard = _last_reports(settings)
    rows = [one.as_json(_heard(heard, one), now) for one in found]
    if args.json:
        print_json(rows)
        return 0
    headers = ("state", "code", "name", "district", "isp", "since", "cause", "report", "bad checks")
    lines = [_line(one, row) for one, row in zip(found, rows, strict=True)]
    print_table(headers, lines, home_zone(args))
    return 0


def _line(one: Standing, row: dict[str, Any]) -> list[object]:
    site = one.site
    state = one.state if site.lifecycle == "active" else site.lifecycle
    age_s = row["last_report_age_s"]
    age = "never" if age_s is None else f"{age_s:.0f} s ago"
    names = [check.name for check in one.checks if check.verdict == "bad"]
    bad = ", ".join(names[:_MANY]) + (" ..." if len(names) > _MANY else "")
    return [
        state,
        site.code,
        site.name,
        row["district"],
        site.isp,
        row["since"],
        one.cause,
        age,
        bad,
    ]


def _show(args: argparse.Namespace) -> int:
    settings, now = settings_of(args), time.time()
    with store_of(args) as store, db.reading(store) as connection:
        found = standings(connection, code=args.code)
        if not found:
            raise Refused(args.code, "no such site")
        one = found[0]
        row = one.as_json(_heard(_last_reports(settings), one), now)
        row |= _details(connection, one)
        started = as_started(connection, settings)
        row["configuration"] = as_json(configured(connection, args.code, started))
    if args.json:
        print_json(row)
        return 0
    told, zone = row.pop("configuration"), home_zone(args)
    _print(row, zone)
    _print({f"configuration {key}": value for key, value in told.items()}, zone)
    return 0


def _print(row: dict[str, Any], zone: tzinfo) -> None:
    for key, value in row.items():
        for entry in value if isinstance(value, list) else [value]:
            if entry not in ("", None):
                print(say(f"{key:18} {_short(entry, zone)}"))


def _details(connection: Connection, one: Standing) -> dict[str, Any]:
    site = one.site
    tables = {name: KINDS[name].table for name in ("uplinks", "devices", "services")}
    mine = {
        name: rows_of(connection, table, table.c.site == site.code)
        for name, table in tables.items()
    }
    contacts = [asdict(person) for person in inventory.contacts_for(connection, site)]
    known = agents.list_agents(connection, site.code)
    now = next(iter(states.current(connection, [site.code])), None)
    (whole,) = with_lines([site], terms(connection, [site.code]))
    return {
        "reason": one.reason,
        "confidence": now.confidence if now is not None and now.cause else None,
        "evidence": [] if now is None else list(now.evidence),
        "corrected": None if now is None or now.word is None else asdict(now.word),
        "lat": site.lat,
        "lon": site.lon,
        "power_feeder": site.power_feeder,
        "hours": site.hours,
        "time_zone": str(inventory.zone(site.code)),
        "profile": site.profile,
        "report_every_s": site.report_every_s,
        "labels": inventory.labels(whole, inventory.area_names(connection)),
        **mine,
        "services": [spread(row) for row in mine["services"]],
        "contacts": contacts,
        "bytes": [one.as_json() for one in usage(connection, [site.code])],
        "agents": [
            {**agent, **{key: iso(agent[key]) for key in ("enrolled_at", "config_told_at")}}
            for agent in known
        ],
    }


def _short(entry: object, zone: tzinfo) -> object:
    if not isinstance(entry, dict):
        return there(entry, zone)
    given = ((key, value) for key, value in entry.items() if value not in ("", None, {}))
    return ", ".join(f"{key} {there(value, zone)}" for key, value in given if key != "site")


def _codes(args: argparse.Namespace) -> int:
    from collector.authority import code_suffix

    settings, now = settings_of(args), time.time()
    days = settings.code_days if args.days is None else args.days
    if not 0 < days <= 365:
        raise Refused("--days", f"must be more than 0 and at most 365, got {days:g}")
    with store_of(args) as store, db.writing(store) as connection:
        wanted = [args.site] if args.site else _without_agent(connection)
        suffix = code_suffix(settings)
        rows = [
            {
                "site": site,
                "code": agents.issue_code(connection, site, now, days, settings.approval) + suffix,
                "expires_at": iso(now + days * agents.DAY_S),
            }
            for site in wanted
        ]
    if args.json:
        print_json(rows)
    else:
        told = [list(row.values()) for row in rows]
        print_table(("site", "code", "expires_at"), told, home_zone(args))
    return 0


def _without_agent(connection: Connection) -> list[str]:
    served = {a["site"] for a in agents.list_agents(connection) if a["state"] != "revoked"}
    active = inventory.sites(connection, lifecycle="active")
    return [site.code for site in active if site.code not in served]


def _last_reports(settings: Settings) -> list[float]:
    # numpy is half of the start of a command, and few need it
    from collector.series.window_reader import WindowReader

    found: list[float] = WindowReader(settings.window).last_reports().tolist()
    return found


def _heard(heard: list[float], one: Standing) -> float | None:
    row = one.site.row
    return heard[row] if row < len(heard) and heard[row] > 0 else None
