"""Is ingest well? One word for monitors, numbers for Prometheus."""

import contextlib
import ipaddress
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from collector import api_tokens, release
from collector.agents import digest
from collector.evidence.moments import iso
from collector.intake.auth import token_in
from collector.intake.beacons import lost
from collector.intake.body import Given, Problem, Reply, reply_json
from collector.intake.desk import Desk
from collector.intake.heard import WAS

MAX_LAG_S = 30.0
# how long it is told that the clock was set back
TOLD_S = 86400.0


def healthz(desk: Desk) -> Reply:
    """200 and "ok", or 503 and why."""
    lag_s = desk.centre.lag_s(desk.clock())
    why = _troubles(desk, lag_s)
    told: dict[str, Any] = {
        "status": "failing" if why else "ok",
        "why": why,
        "version": release.number(),
        "database": desk.centre.database,
        "fold_lag_s": None if desk.centre.fold_at is None else round(lag_s, 3),
        "journal": "full" if desk.commit.full else desk.commit.trouble or "ok",
        "agents": len(desk.tokens),
        "clock": _clock(desk),
        # for a device that woke up in 1970 and cannot judge our certificate yet
        "time": round(desk.clock()),
    }
    return reply_json(told, 503 if why else 200)


def _clock(desk: Desk) -> str:
    """Whether it was set back lately; that is no trouble any more."""
    if desk.set_back_at is None or desk.clock() - desk.set_back_at[0] > TOLD_S:
        return "ok"
    at, by_s = desk.set_back_at
    return f"was set back by {by_s:.0f} s at {iso(at)}"


def _troubles(desk: Desk, lag_s: float) -> list[str]:
    found = []
    if desk.centre.database != "ok":
        found.append(f"database: {desk.centre.database}")
    if lag_s > MAX_LAG_S:
        found.append(f"the fold is {lag_s:.0f} s behind")
    if desk.commit.full:
        found.append("disk full")
    elif desk.commit.trouble:
        found.append(desk.commit.trouble)
    return found


class _Figures(Collector):
    """Reads the desk when it is asked; nothing is counted twice."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        desk = self._desk
        requests = CounterMetricFamily(
            "ronda_ingest_requests", "Requests answered.", labels=("path", "status")
        )
        for (path, status), count in sorted(desk.requests.items()):
            requests.add_metric((path, str(status)), count)
        yield requests
        counts, commit = desk.reports.counts, desk.commit
        heard = desk.heard
        beacons = CounterMetricFamily(
            "ronda_ingest_beacons", "Packets at the UDP port, by what they were.", labels=("was",)
        )
        for was in (*WAS, "heard"):
            beacons.add_metric((was,), heard.counts[was])
        yield beacons
        for name, words, number in (
            ("beacon_echoes", "Beacons answered.", heard.counts["echo"]),
            ("beacons_lost", "Packets the kernel had no room for.", lost(desk.settings.ingest)),
            ("entries_kept", "Frames and findings kept.", counts.kept),
            ("entries_rejected", "Frames and findings rejected.", counts.rejected),
            ("two_agents", "Reports refused because two agents share a token.", counts.clashes),
            ("words_left_out", "Changes of what agents know.", desk.fickle.left_out.total()),
            ("peers_untold", "Words to other ingests that could not be said.", desk.peers.untold),
            ("journal_bytes", "Payload written to the journal.", commit.written_bytes),
            ("journal_torn_bytes", "Cut from the journal at the start.", desk.writer.torn_bytes),
            ("journal_skipped_records", "Damaged places passed at the start.", desk.skipped),
        ):
            yield CounterMetricFamily(f"ronda_ingest_{name}", words, value=number)
        for name, words, level in (
            ("journal_waiting", "Entries that wait for the disk.", commit.waiting),
            ("journal_end", "Position after the last durable record.", desk.writer.end),
            ("fold_lag_seconds", "How far the fold is behind.", desk.centre.lag_s(desk.clock())),
            ("agents", "Agents that may report.", len(desk.tokens)),
            ("beacon_agents", "Agents heard by beacon, none missed.", len(heard)),
        ):
            yield GaugeMetricFamily(f"ronda_ingest_{name}", words, value=level)


def metrics(desk: Desk) -> Reply:
    registry = CollectorRegistry()
    registry.register(_Figures(desk))
    return Reply(200, generate_latest(registry), [("content-type", CONTENT_TYPE_LATEST)])


async def may_see_metrics(desk: Desk, client: str, headers: Given) -> None:
    """Anybody on this machine, others with an API token; Problem 401 for the rest."""
    forwarded = headers.get("x-forwarded-for") or headers.get("forwarded")
    if _is_loopback(client) and not forwarded:
        return
    token = token_in(headers.get("authorization"))
    if token is not None:
        held = await desk.read(lambda db: api_tokens.holding(db, digest(token), desk.clock()))
        # one's own for an area is none for the figures of the whole centre
        if held is not None and not (held.owner and held.area):
            return
    raise Problem(401, "a token is needed")


def address_of(client: str, headers: Given, proxies: tuple[str, ...] = ()) -> str:
    """The address a request came from; what a listed proxy says is believed."""
    host = client.rpartition(":")[0].strip("[]")
    forwarded = headers.get("x-forwarded-for")
    if forwarded and host in proxies:
        return forwarded.rpartition(",")[2].strip()[:64]
    return host


def _is_loopback(client: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(client.rpartition(":")[0].strip("[]")).is_loopback
    return False
