"""Where another system's Alertmanager posts its webhook (version 4): its alerts come in here."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sqlalchemy import Connection

from alerts.alertmanager import foreign, taken
from alerts.alertmanager.foreign import Foreign, Place, Told, Why
from alerts.alertmanager.taken import What
from collector import inventory
from collector.db import meta_get, meta_set, reading, writing
from collector.inventory.recodes import alias
from web.api.problems import No, Wrong
from web.api.table import Call, Endpoint, Reply
from web.context import centre, now, scope
from web.health import FOREIGN

LARGEST_BODY = 1 << 20
# requests, of all tokens and of one: a storm is told in many groups at once
MOST_ON_THE_WAY = (64, 32)
ROLES = ("village", "technician", "noc", "admin")
PATH = "/alertmanager"
# in table meta: what was refused last, for who looks after the centre
REFUSED = "foreign_refused"
_MOST_ALERTS = 1000
_MOST_TOLD = 20
# rows in one transaction: others write meanwhile
_AT_ONCE = 50
_ACTIVE = "active"
_Words = Annotated[dict[str, str], Meta(max_length=64)]


class ForeignAlert(Struct, rename="camel"):
    """One alert; what else Alertmanager tells of it is not needed."""

    status: Literal["firing", "resolved"]
    labels: _Words
    annotations: _Words = {}
    starts_at: str = ""
    ends_at: str = ""


class AlertmanagerNews(Struct, rename="camel"):
    """What Alertmanager's webhook tells of one group."""

    version: Literal["4"]
    alerts: Annotated[list[ForeignAlert], Meta(max_length=_MOST_ALERTS)]
    truncated_alerts: Annotated[int, Meta(ge=0)] = 0


class Refusal(Struct, frozen=True):
    """One alert that was not taken."""

    alert: str
    why: str


class HeardAlerts(Struct, frozen=True):
    """How many were new, known, over, over without a beginning, our own; which were refused."""

    taken: int
    repeated: int
    ended: int
    unheard: int
    own: int
    refused: list[Refusal]
    refused_in_all: int


def _hear(call: Call) -> Reply:
    news: AlertmanagerNews = call.body
    at = now()
    with reading(centre().store) as connection:
        mine = meta_get(connection, "centre")
        judged = [_judged(connection, one, mine, at) for one in news.alerts]
    became: Counter[str] = Counter(_written([f for f in judged if isinstance(f, Foreign)], at))
    refused = [
        Refusal(foreign.one_line(one.labels.get("alertname", ""), 80), str(why))
        for one, why in zip(news.alerts, judged, strict=True)
        if isinstance(why, Why) and why is not Why.OWN
    ] + [Refusal("", str(Why.FULL))] * became.pop(What.FULL, 0)
    taken_any = bool(became)
    became.update(own=sum(why is Why.OWN for why in judged), refused=len(refused))
    for was, count in became.items():
        FOREIGN.labels(was).inc(count)
    if refused:
        _remember(refused, at)
        if not taken_any:
            # a status that its log shows: nobody reads the answer to what was taken
            wrong = [Wrong(one.alert or "alerts", one.why) for one in refused[:_MOST_TOLD]]
            raise No(422, f"none was taken: {refused[0].why}", *wrong)
    return Reply(_told(became, refused))


def _told(became: Counter[str], refused: Sequence[Refusal]) -> HeardAlerts:
    return HeardAlerts(
        became[What.TAKEN],
        became[What.REPEATED],
        became[What.ENDED],
        became[What.UNHEARD],
        became["own"],
        list(refused[:_MOST_TOLD]),
        len(refused),
    )


def _judged(connection: Connection, one: ForeignAlert, mine: str, at: float) -> Foreign | Why:
    told = Told(one.status, one.labels, one.annotations, moment(one.starts_at), moment(one.ends_at))

    def find(code: str) -> Place | None:
        site = inventory.site(connection, alias(connection, code) or code)
        if site is None or site.lifecycle != _ACTIVE or not scope().sees(site.code):
            return None
        return Place(site.code, site.name)

    return foreign.judge(told, mine, find, scope().everything, at)


def _written(found: Sequence[Foreign], at: float) -> Iterator[What]:
    for begin in range(0, len(found), _AT_ONCE):
        with writing(centre().store) as connection:
            yield from [taken.take(connection, o, at) for o in found[begin : begin + _AT_ONCE]]


def _remember(refusals: Sequence[Refusal], at: float) -> None:
    told = [f"{one.alert}: {one.why}" for one in refusals[:_MOST_TOLD]]
    with writing(centre().store) as connection:
        row = {"at": at, "count": len(refusals), "told": told}
        meta_set(connection, REFUSED, json.dumps(row, ensure_ascii=False))


def moment(text: str) -> float:
    """Epoch seconds; 0 where it is no time, or the year 1, which stands for none."""
    try:
        return max(datetime.fromisoformat(text).timestamp(), 0.0)
    except (ValueError, OverflowError, OSError):
        return 0.0


ENDPOINTS = (
    Endpoint(
        "POST", PATH, "hearAlertmanager", "incidents", do=_hear,
        about="Alerts of another system, as its Alertmanager's webhook tells them",
        gives=HeardAlerts, takes=AlertmanagerNews, roles=ROLES,
    ),
)  # fmt: skip
