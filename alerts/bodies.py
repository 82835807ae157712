"""What stands in the body of a notice about its reader and places, and is read again later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alerts.notices import Notice, Way
from alerts.scenery import Around
from collector.inventory import Contact


def each_once(told: Iterable[Notice]) -> Iterator[tuple[Notice, Mapping[str, Any]]]:
    """Notices with their bodies, one for each person: what was handed on to a next way is one."""
    seen: dict[str, list[tuple[Way, ...]]] = {}
    for notice in told:
        before = seen.setdefault(notice.person, [])
        if not any(ways[-len(notice.ways) :] == notice.ways for ways in before):
            before.append(notice.ways)
            yield notice, json.loads(notice.body)


def reader(contact: Contact) -> dict[str, str]:
    """Whom it is for; also for who tells them more of it later."""
    return {
        "person": contact.name,
        "scope": contact.scope,
        "role": contact.role,
        "language": contact.language,
    }


def sites_of(body: Mapping[str, Any]) -> list[str]:
    place = body.get("site") or {}
    return list(body.get("sites") or filter(None, [place.get("code")]))


def place(around: Around | None) -> dict[str, str]:
    if around is None:
        return {"code": "", "name": "", "district": "", "regency": ""}
    site = around.site
    return {
        "code": site.code,
        "name": site.name,
        "district": site.district,
        "regency": site.regency,
    }
