"""A report as pages and programs read it: plain figures, bounded, in no language. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from collector.availability import State
from collector.evidence.clocks import kept_share
from collector.evidence.forms import percent
from collector.evidence.moments import iso
from collector.evidence.report import Row
from collector.evidence.tally import STATES, Tally
from web.reports import digest
from web.reports.monthly import Monthly

# of each list; what is beyond is counted and stands whole in the files
MOST_VILLAGES, MOST_SHEETS, MOST_CORRECTIONS, MOST_LATE = 2000, 500, 200, 100


def figures(told: Monthly) -> dict[str, Any]:
    """What `figures.json` of an edition holds."""
    report, order = told.report, told.report.order
    villages = sorted(digest.rows(report, "site"), key=lambda row: row.code)
    return {
        "month": order.period.month or None,
        "area": order.area,
        "isp": order.isp,
        "place": told.area,
        "place_name": told.names.get(told.area, "") or told.site(told.area),
        "as_of": iso(report.as_of),
        "known_until": iso(report.known_until),
        "head": {"record": report.head.number, "link": report.head.link, "key": report.head.key},
        "sealed_days": report.sealed_days,
        "unsealed_days": report.unsealed_days,
        "villages_count": len(told.sites),
        "total": sums(digest.total(report)),
        "districts": [_row(row) for row in digest.districts(report)],
        "providers": [_row(row) for row in digest.providers(report)],
        "villages": [_row(row) for row in villages[:MOST_VILLAGES]],
        "worst": [row.code for row in digest.worst(report)],
        "incidents": _incidents(told),
        "changes": _changes(told),
        "refunds": [_refund(claim) for claim in told.claims[:MOST_SHEETS]],
        "refunds_rp": sum(int(claim.told["total_rp"]) for claim in told.claims),
        "contracts_outside": told.outside,
        "corrections": _corrections(told),
        "lines": _lines(told),
        "wifi": _wifi(told),
        "left_out": {
            "villages": max(0, len(villages) - MOST_VILLAGES),
            "refunds": max(0, len(told.claims) - MOST_SHEETS),
            "corrections": max(0, len(report.corrected) - MOST_CORRECTIONS),
            "outages": report.events_left_out,
        },
    }


def sums(one: Tally) -> dict[str, Any]:
    """What a thing came to; the five states add up to `period_s`."""
    return {
        "period_s": one.period_s,
        **{f"{state}_s": one.seconds[state] for state in STATES},
        "known_percent": _percent(digest.known(one)),
        "availability_percent": _percent(one.share(*digest.UP)),
        "outages": one.outages,
        "mttr_s": one.mttr_s,
        "mtbf_s": one.mtbf_s,
        "longest_s": one.longest_s,
        "causes": [{"cause": c.cause, "seconds": c.seconds} for c in digest.causes(one)],
    }


def _row(row: Row) -> dict[str, Any]:
    named = {"code": row.code, "name": row.name or row.code, "isp": row.isp}
    return {**named, "district": row.district, **sums(row.tally)}


def _percent(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(percent(ratio))


def _incidents(told: Monthly) -> dict[str, Any]:
    one = digest.sop(told.report)
    return {
        "count": one.count,
        "in_time": one.in_time,
        "late": one.late,
        "running": one.running,
        "in_time_percent": _percent(kept_share(each.clocks for each in told.report.handled)),
        "detected_s": one.detected_s,
        "acknowledged_s": one.acknowledged_s,
        "handled_s": one.handled_s,
        "mended_s": one.mended_s,
    }


def _changes(told: Monthly) -> list[dict[str, Any]]:
    return [
        {
            "month": name,
            "records": one.records,
            **{f"{state}_s": one.seconds[state] for state in STATES},
            "supplements": one.supplements,
            "rupiah": one.rupiah,
        }
        for name, one in digest.earlier(told.report).items()
    ]


def _refund(claim: Any) -> dict[str, Any]:
    told: Mapping[str, Any] = claim.told
    return {
        "contract": claim.contract,
        "isp": str(told["isp"]),
        "sites": list(told["sites"]),
        "total_rp": int(told["total_rp"]),
        "lines": [
            {
                "site": line["site"],
                "uplink": line["uplink"],
                "counted_s": line["counted_s"],
                "rupiah": line["rupiah"],
                "arithmetic": line["arithmetic"],
                "outages": len(line["events"]),
            }
            for line in told["lines"]
        ],
        "issued": [
            {
                "record": each.number,
                "at": iso(each.sealed_at),
                "total_rp": int(each.told["total_rp"]),
                "change_rp": int(each.told["change_rp"]),
                "supplement": int(each.told["supplement"]),
            }
            for each in claim.issued
        ],
    }


def _corrections(told: Monthly) -> list[dict[str, Any]]:
    return [
        {
            "site": each.site,
            "name": told.site(each.site),
            "begin": iso(each.spell.begin),
            "seconds": each.spell.seconds,
            "was": (each.spell.said.cause if each.spell.said else "") or "unknown",
            "is": each.spell.cause or "unknown",
            "by": each.by,
            "why": each.why,
        }
        for each in told.report.corrected[:MOST_CORRECTIONS]
    ]


def _lines(told: Monthly) -> list[dict[str, Any]]:
    """Percent of each line, which the calendar holds beside what was promised."""
    return [
        {"site": row.site, "name": row.name, "availability_percent": float(100 * share)}
        for row in digest.rows(told.report, "uplink")[:MOST_VILLAGES]
        if (share := row.tally.share(State.NORMAL, State.SLOW)) is not None
    ]


def _wifi(told: Monthly) -> dict[str, Any]:
    used: Sequence[Any] = told.wifi
    known = [each.gb for each in used if each.gb is not None]
    most = sorted(used, key=lambda each: (-each.person_hours, each.site))[: digest.WORST]
    return {
        "villages": len(used),
        "person_hours": sum(each.person_hours for each in used),
        "gb": sum(known) if known else None,
        "most": [
            {
                "site": each.site,
                "name": told.site(each.site),
                "mean": each.mean,
                "peak": each.peak,
                "peak_at": iso(each.peak_at),
                "person_hours": each.person_hours,
                "gb": each.gb,
            }
            for each in most
        ],
    }
