"""`ronda agents`: who reports for which site; let in, shut out, ask something of one."""

import argparse
import time
from typing import Any

from agent.strict import Refused
from collector import acts, agent_acts, agents, db
from collector.cli_common import group, home_zone, iso, leaf, print_json, print_table, store_of
from collector.intake.orders import KINDS, ask

_BY = "command line"


def commands(subparsers: Any) -> None:
    """Add `agents ...`."""
    inner = group(subparsers, "agents", "who reports for which site")
    show = leaf(inner, "list", "all agents, or those of one site", _list)
    show.add_argument("--site", metavar="CODE")
    for name, help, run in (
        ("approve", "let an agent in that waits", _approve),
        ("revoke", "end an agent: its token is void at once", _revoke),
    ):
        leaf(inner, name, help, run).add_argument("agent", type=int, metavar="ID")
    words = "for whom an agent may speak besides its own site: nobody else without a PLACE"
    give = leaf(inner, "grant", words, _grant)
    give.add_argument("agent", type=int, metavar="ID")
    help = "code of a site or of an area, or * for every site"
    give.add_argument("scopes", nargs="*", metavar="PLACE", help=help)
    order = leaf(inner, "ask", "have an agent do something with its next report", _ask)
    order.add_argument("agent", type=int, metavar="ID")
    order.add_argument("do", nargs="+", metavar="WHAT", help=", ".join(KINDS))


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.reading(store) as connection:
        found = agents.list_agents(connection, args.site)
    times = ("enrolled_at", "config_told_at")
    rows = [{**row, **{key: iso(row[key]) for key in times}} for row in found]
    if args.json:
        print_json(rows)
        return 0
    headers = ("id", "site", "name", "release", "state", "enrolled_at", "grants", "config_error")
    told = [
        {
            **row,
            "release": f"{row['release']} script".strip() if row["script"] else row["release"],
            "grants": " ".join(row["grants"]),
        }
        for row in rows
    ]
    print_table(headers, [[row[key] for key in headers] for row in told], home_zone(args))
    return 0


def _approve(args: argparse.Namespace) -> int:
    now = time.time()
    with store_of(args) as store, db.writing(store) as connection:
        if not agents.approve(connection, args.agent, now):
            raise Refused("agent", f"no agent {args.agent} waits")
        known = agents.find_agent(connection, args.agent)
        site = "" if known is None else known.site
        acts.record(connection, now, _BY, "approve", site, {"agent": args.agent})
    return 0


def _revoke(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.writing(store) as connection:
        agent_acts.revoke(connection, args.agent, time.time(), _BY)
    return 0


def _grant(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.writing(store) as connection:
        agent_acts.grant(connection, args.agent, args.scopes, time.time(), _BY)
    return 0


def _ask(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.writing(store) as connection:
        ask(connection, args.agent, args.do, time.time(), _BY)
    return 0
