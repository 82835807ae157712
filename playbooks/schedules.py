"""Rows of playbooks that are run again and again."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection, Row, insert, select, update

from agent.strict import Refused
from collector import acts
from collector.inventory.places import AREA_CODE, SITE_CODE
from collector.schema import schedules

MOST = 200
_AT = re.compile(r"([01]\d|2[0-3])\.([0-5]\d)", re.ASCII)
_DAYS = re.compile(r"[1-7](,[1-7])*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`scope` is the code of a site or an area; `days` of the week (1 is Monday), "" for daily."""

    playbook: str
    params: Mapping[str, str]
    scope: str
    at: str
    zone: str
    by: str
    days: str = ""
    id: int = 0
    set_at: float = 0.0
    last_at: float | None = None
    last_run: int | None = None
    last_said: str = ""

    def check(self) -> None:
        """Refused names what cannot be."""
        if not (AREA_CODE.fullmatch(self.scope) or SITE_CODE.fullmatch(self.scope)):
            raise Refused("scope", f"expected a code of a site or area, got {self.scope[:60]!r}")
        if not _AT.fullmatch(self.at):
            raise Refused("at", f"expected a time such as 02.30, got {self.at[:20]!r}")
        if self.days and not _DAYS.fullmatch(self.days):
            raise Refused("days", f"expected days such as 1,3, got {self.days[:20]!r}")

    @property
    def trigger(self) -> CronTrigger:
        """When it is due, in its own zone."""
        hour, minute = self.at.split(".")
        # APScheduler counts from Monday as 0
        days = ",".join(str(int(day) - 1) for day in self.days.split(",") if day) or "*"
        zone = ZoneInfo(self.zone)
        return CronTrigger(day_of_week=days, hour=int(hour), minute=int(minute), timezone=zone)


def add(connection: Connection, schedule: Schedule, now: float) -> int:
    """Write one down; its number."""
    schedule.check()
    if len(standing(connection)) >= MOST:
        raise Refused("schedules", f"{MOST} stand: cancel some")
    row = {
        "playbook": schedule.playbook,
        "params": json.dumps(dict(schedule.params), sort_keys=True),
        "scope": schedule.scope,
        "at": schedule.at,
        "days": schedule.days,
        "zone": schedule.zone,
        "by": schedule.by,
        "set_at": now,
    }
    made = connection.execute(insert(schedules).values(row)).inserted_primary_key
    assert made is not None
    acts.record(connection, now, schedule.by, "schedule", f"schedule:{made[0]}", row)
    return int(made[0])


def cancel(connection: Connection, number: int, by: str, now: float) -> bool:
    """It is not begun any more; False when that is so already."""
    here = (schedules.c.id == number, schedules.c.cancelled_at.is_(None))
    if not connection.execute(update(schedules).where(*here).values(cancelled_at=now)).rowcount:
        return False
    acts.record(connection, now, by, "schedule_end", f"schedule:{number}")
    return True


def standing(connection: Connection) -> list[Schedule]:
    """Those that are not cancelled, by number."""
    query = select(schedules).where(schedules.c.cancelled_at.is_(None)).order_by(schedules.c.id)
    return [_schedule(row) for row in connection.execute(query)]


def claim(connection: Connection, number: int, at: float, before: float | None) -> bool:
    """It is due at this time; False where somebody else was first, or it was cancelled."""
    t = schedules.c
    same = t.last_at.is_(None) if before is None else t.last_at == before
    here = update(schedules).where(t.id == number, t.cancelled_at.is_(None), same)
    return connection.execute(here.values(last_at=at)).rowcount == 1


def told(connection: Connection, number: int, run: int | None, said: str) -> None:
    """This run was begun, or none for the reason said."""
    came = {"last_said": said, **({} if run is None else {"last_run": run})}
    connection.execute(update(schedules).where(schedules.c.id == number).values(came))


def _schedule(row: Row[Any]) -> Schedule:
    told = dict(row._mapping)
    del told["cancelled_at"]
    return Schedule(**{**told, "params": json.loads(row.params)})
