"""Which terms of a line held when: those of its row by now, and those that were sealed before.

A line gets its next contract while the last month of the one before has no sheet yet; so terms are
sealed by the day they were seen. Pure, but for what reads them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from collector.evidence import record, seals, sources
from collector.evidence.moments import ONE_DAY, Period
from collector.evidence.sheets import Contract
from collector.evidence.terms import Terms, from_json, read, runs

Seen = tuple[str, Terms | None]
"""A day, and what held from then on by the inventory; None: the line was gone."""
_Day = tuple[str, Mapping[str, Terms], Sequence[str]]
_EVER = ("0000-00-00", "9999-99-99")


def contracts(connection: Connection, period: Period, today: date) -> list[Contract]:
    """Every contract that held within a period, with its lines as they held then; by key."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in sources.uplink_rows(connection):
        rows.setdefault(row["site"], []).append(row)
    former = seals.former_codes(connection)
    newest = {old: code for code, mine in former.items() for old in mine}
    sealed: dict[str, list[_Day]] = {}
    for code, day, said in seals.told(connection, record.TERMS):
        here = newest.get(code, code)
        known = {each["uplink"]: replace(from_json(each), site=here) for each in said["terms"]}
        sealed.setdefault(here, []).append((day, known, said["unread"]))
    found: dict[str, list[Terms]] = {}
    for site in sorted({*rows, *sealed}):
        for told in _lines(sealed.get(site, []), rows.get(site, []), today):
            mine = [one for one in held(told) if runs(one, period) and not _empty(one)]
            for number, each in enumerate(mine, 1):
                key = _key(each, mine[number:])
                found.setdefault(key, []).append(each)
    return [Contract(key, mine[0].isp, tuple(mine)) for key, mine in sorted(found.items())]


def of_site(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a record of a site's terms tells: those of its lines that can be read, and the names of
    the others, for that something is missing ends no contract."""
    known = _readable(rows)
    unread = sorted(row["name"] for row in rows if row["name"] not in known)
    return {"terms": [known[name].as_json() for name in sorted(known)], "unread": unread}


def sealed_now(
    connection: Connection, codes: Sequence[str], day: str
) -> Iterator[tuple[str, dict[str, Any], int | None]]:
    """Of these sites, those whose terms are others than were sealed last: what is to be told, and
    the record of the same day that it replaces."""
    former = seals.former_codes(connection)
    rows: dict[str, list[Mapping[str, Any]]] = {code: [] for code in codes}
    for row in sources.uplink_rows(connection, codes):
        rows[row["site"]].append(row)
    names = {code: [code, *former.get(code, ())] for code in codes}
    sealed = seals.ever(connection, record.TERMS, [one for mine in names.values() for one in mine])
    for code, mine in names.items():
        if not rows[code] and sealed.isdisjoint(mine):
            continue
        known = seals.known(connection, record.TERMS, mine, *_EVER) if sealed & {*mine} else {}
        last = known[max(known)] if known else None
        told = of_site(rows[code])
        was = None if last is None else last.told
        new = record.digest(record.spelled(told)) != was if last else bool(told["terms"])
        if new:
            yield code, told, known[day].number if day in known else None


def held(seen: Sequence[Seen]) -> list[Terms]:
    """The terms of one line in the order they held, each with its first and last day.

    Another number, else another provider, is another contract, and so is a later beginning than
    was told; whatever else is changed was written wrong before.
    """
    made: list[Terms] = []
    gone = True
    for day, told in seen:
        if told is None:
            if made and not gone:
                made[-1] = _closed(made[-1], day)
        elif gone or not made:
            made.append(told if told.begins or not made else replace(told, begins=day))
        elif _another(made[-1], told, day):
            begins = told.begins or day
            made[-1] = _closed(made[-1], begins)
            made.append(replace(told, begins=begins))
        else:
            made[-1] = replace(told, begins=told.begins or made[-1].begins)
        gone = told is None
    return made


def _another(last: Terms, told: Terms, day: str) -> bool:
    if last.contract_no and told.contract_no:
        other = last.contract_no != told.contract_no
    else:
        other = last.isp.casefold() != told.isp.casefold()
    later = told.begins > last.begins and (bool(last.begins) or told.begins > day)
    return other or later


def _closed(last: Terms, before: str) -> Terms:
    end = (date.fromisoformat(before) - ONE_DAY).isoformat()
    return replace(last, ends=min(last.ends or end, end))


def _key(one: Terms, later: Sequence[Terms]) -> str:
    if one.contract_no:
        return f"{one.isp}/{one.contract_no}"
    # another provider on the same line, and neither has a number
    of = [f"{one.isp}"] if any(not each.contract_no for each in later) else []
    return "/".join([one.site, one.uplink, *of])


def _empty(one: Terms) -> bool:
    return bool(one.begins and one.ends) and one.ends < one.begins


def _lines(
    sealed: Sequence[_Day], rows: Sequence[Mapping[str, Any]], today: date
) -> Iterator[list[Seen]]:
    """What was seen of each line of a site."""
    now = _readable(rows)
    unread = [row["name"] for row in rows if row["name"] not in now]
    days = [*sealed, (today.isoformat(), now, unread)]
    for name in sorted({name for _, known, _ in days for name in known}):
        yield [(day, known.get(name)) for day, known, unread in days if name not in unread]


def _readable(rows: Iterable[Mapping[str, Any]]) -> dict[str, Terms]:
    found = {}
    for row in rows:
        try:
            found[row["name"]] = read(row)
        except ValueError:
            # the calendar tells what is missing
            continue
    return found
