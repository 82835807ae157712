"""Which columns hold times, by whose clock, and what becomes of each when ours is set back?

A new column of this kind is named here, or the test of this file says that it is missing. The fold
brings its columns each in its own way (collector/ahead.py, memories, blocks), the alerts floor all
alike.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Column

from collector import schema


class Time(StrEnum):
    """What a time is to a clock of the centre that was set back."""

    FOLD = "our time as the fold has it: the fold brings what lies ahead to now"
    ALERTS = "our time as the alerts floor has it: alerts/ahead.py does the same"
    WRITTEN = "when somebody did something, as our clock stood: a record, nothing waits for it"
    SAID = "from when or until when something holds: it stays as it was said"
    WAITED = "until when something waits; nobody brings it, so it may wait for as long as it says"
    SAMPLED = "the time of numbers, which they keep"
    ELSEWHERE = "by another clock, or put right by what comes next from there"


# by table, the names of columns
_TIMES: Mapping[Time, Mapping[str, str]] = {
    Time.FOLD: {
        "states": "since until",
        "checks": "since",
        "verdicts": "at",
        "spools": "first_seen began",
        "packed": "until",
    },
    Time.ALERTS: {
        "alarms": "since active_at fired_at",
        "incidents": "down_since opened_at acknowledged_at handled_at resolved_at paused_at"
        " ticket_at told_at",
        "members": "bad_at joined_at good_at",
        "incident_log": "at",
        "notices": "next_try created_at sent_at",
        "citizen_reports": "at raised_at handled_at over_at answered_at",
        "foreign_alerts": "heard_at ended_at",
    },
    Time.WRITTEN: {
        "outlets": "begun_at dropped_at",
        "aliases": "at",
        "imports": "at applied_at undone_at",
        "acts": "at",
        "erasures": "at",
        "agents": "enrolled_at config_told_at",
        "codes": "issued_at used_at",
        "passwords": "set_at",
        "photos": "at",
        "mutes": "lifted_at",
        "windows": "cancelled_at",
        "trials": "asked_at confirmed_at",
        "users": "created_at signed_in_at",
        "second_steps": "begun_at confirmed_at",
        "signins": "began",
        "signin_links": "used_at",
        "api_tokens": "created_at revoked_at",
        "followers": "asked_at confirmed_at",
        "webhooks": "created_at",
        "notes": "at",
        "note_texts": "at",
        "hosts": "strange_at set_at",
        "runs": "asked_at approved_at ended_at",
        "run_hosts": "began_at ended_at",
        "run_steps": "began_at ended_at",
        # no time ahead keeps a schedule waiting: playbooks/timetable.py
        "schedules": "set_at last_at cancelled_at",
        "automatics": "since off_at",
        "seals": "sealed_at",
        "exemptions": "at withdrawn_at",
        "saved_views": "saved_at",
        "walls": "created_at revoked_at",
        "centres": "created_at",
        "citizen_contacts": "at",
        "alertmanager_alerts": "starts_at",
    },
    Time.SAID: {
        "agents": "old_token_until",
        "codes": "expires_at",
        "incidents": "snoozed_until",
        "mutes": "begins ends",
        "signin_links": "expires_at",
        "api_tokens": "expires_at",
        "runs": "not_before",
        "run_hosts": "guard_until",
        "exemptions": "begins ends",
    },
    Time.WAITED: {
        "users": "locked_until",
        "stays": "again_at",
    },
    Time.SAMPLED: {
        "blocks": "hour",
        "days": "day",
        "day_pieces": "day",
        "rollups": "day",
        "stays": "day",
        "foreign_blocks": "day",
    },
    Time.ELSEWHERE: {
        "outlets": "reached told_at",
        "spools": "began_up",
        "anchors": "up base",
        "foreign_alerts": "starts_at",
    },
}
# what is a number, though it looks like a time
NO_TIMES: Mapping[str, str] = {
    "areas": "lat lon",
    "sites": "lat lon bytes_per_day",
    "uplinks": "mbps sla fee_rp quota_gb bill_day",
    "memories": "clock_skew_s",
    "states": "confidence",
    "alarms": "value",
    "overrides": "threshold for_s",
    "incidents": "confidence paused_s",
    "automatics": "a_day",
}


def columns(kind: Time) -> Iterator[Column[Any]]:
    """All of one kind, in both databases."""
    return named(_TIMES[kind])


def named(told: Mapping[str, str]) -> Iterator[Column[Any]]:
    """The columns of a table like those above."""
    tables = {**schema.metadata.tables, **schema.history.tables}
    for table, names in told.items():
        for name in names.split():
            yield tables[table].c[name]
