"""Reports by program: have one made, its figures, its forms; what is due of contracts."""

from functools import partial
from typing import Annotated, Any

from msgspec import Meta, Struct, convert

from collector.db import reading
from web.api import cursors, params
from web.api.problems import No
from web.api.shapes import Listed, Time, sliced
from web.api.table import Call, Endpoint, Reply, Schema
from web.context import centre
from web.reports import desk
from web.reports.editions import FORMS, Wanted
from web.tongue import LANGUAGES

_LONGEST_ISP = 100
Money = Annotated[int | None, Meta(description="rupiah; null: not for this role")]
Percent = Annotated[float | None, Meta(description="null: nothing is known")]


class CauseOf(Struct, frozen=True):
    """Seconds down by one cause."""

    cause: str
    seconds: int


class Sums(Struct, frozen=True):
    """What a thing came to; the five states add up to `period_s`."""

    period_s: int
    normal_s: int
    slow_s: int
    down_s: int
    unknown_s: int
    maintenance_s: int
    availability_percent: Percent
    outages: int
    mttr_s: int | None
    mtbf_s: int | None
    longest_s: int
    causes: tuple[CauseOf, ...]


class Summed(Sums, frozen=True, kw_only=True):
    """The same of one kecamatan, provider or village."""

    code: str
    name: str
    isp: str
    district: str


class Chained(Struct, frozen=True):
    """The newest record that was sealed; 0: there is none."""

    record: int
    link: str
    key: str


class IncidentSums(Struct, frozen=True):
    """How incidents stood against the time in which each is to be handled; times are medians."""

    count: int
    in_time: int
    late: int
    running: int
    in_time_percent: Percent
    detected_s: int | None
    acknowledged_s: int | None
    handled_s: int | None
    mended_s: int | None


class Issued(Struct, frozen=True):
    """A refund sheet, or with a number a supplement to it, as a sealed record."""

    record: int
    at: Time
    total_rp: int
    change_rp: int
    supplement: int


class RefundLine(Struct, frozen=True):
    """One line of a contract with its arithmetic."""

    site: str
    uplink: str
    counted_s: int
    rupiah: int
    arithmetic: str
    outages: int


class Refund(Struct, frozen=True):
    """One contract's month; not issued yet: as it would have been."""

    contract: str
    isp: str
    sites: tuple[str, ...]
    total_rp: int
    lines: tuple[RefundLine, ...]
    issued: tuple[Issued, ...]


class Earlier(Struct, frozen=True):
    """What became of an earlier month: seconds more or less than were told."""

    month: str
    records: int
    normal_s: int
    slow_s: int
    down_s: int
    unknown_s: int
    maintenance_s: int
    supplements: int | None
    rupiah: Money


class Figures(Struct, frozen=True):
    """The newest edition of a report; what its lists leave out is counted and in its forms."""

    month: str
    area: str
    isp: str
    place: str
    place_name: str
    as_of: Time
    known_until: Time
    head: Chained
    sealed_days: int
    unsealed_days: int
    villages_count: int
    total: Sums
    districts: tuple[Summed, ...]
    providers: tuple[Summed, ...]
    villages: tuple[Summed, ...]
    worst: Annotated[tuple[str, ...], Meta(description="codes of those that were down longest")]
    incidents: IncidentSums
    changes: tuple[Earlier, ...]
    refunds: tuple[Refund, ...]
    refunds_rp: Money
    contracts_outside: int | None
    left_out: dict[str, int]


class Making(Struct, frozen=True):
    """How far it is: waiting, a part of the work, made, failed or none."""

    state: str
    done: int
    of: int
    why: Annotated[str, Meta(description="why it failed, else empty")]


class NewReport(Struct, frozen=True, forbid_unknown_fields=True):
    """Which report is to be made; `area` empty: all that the token sees."""

    month: Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    area: Annotated[str, Meta(max_length=60)] = ""
    isp: Annotated[str, Meta(max_length=_LONGEST_ISP)] = ""
    language: Annotated[str, Meta(pattern=r"^(id|en)$")] = "id"


class Due(Struct, frozen=True):
    """One date, or one thing amiss, of a line. `days`: until then, null where it is no date."""

    what: str
    site: str
    uplink: str
    isp: str
    contract_no: str
    day: str
    days: int | None
    detail: str


def _figures(call: Call) -> Reply:
    figures = desk.look(_wanted(call)).figures
    if figures is None:
        raise No(404, "it is not made yet: POST /reports")
    return Reply(convert(desk.shown(figures), Figures))


def _progress(call: Call) -> Reply:
    return Reply(_state(_wanted(call)))


def _make(call: Call) -> Reply:
    body: NewReport = call.body
    wanted = desk.wanted({name: getattr(body, name) for name in body.__struct_fields__})
    if not desk.press().ask(wanted):
        raise No(409, "many reports are being made: ask again in a minute")
    return Reply(_state(wanted))


def _state(wanted: Wanted) -> Making:
    asked = desk.look(wanted)
    if asked.job is None:
        return Making("made" if asked.edition else "none", 0, 0, "")
    if asked.job.failed:
        return Making("failed", 0, 0, asked.job.failed)
    return Making(asked.job.part, asked.job.done, asked.job.of, "")


def _file(form: str) -> Any:
    def take(call: Call) -> Reply:
        edition = desk.look(_wanted(call)).edition
        path = edition.path(form) if edition else None
        if path is None:
            raise No(404, "it is not made yet: POST /reports")
        return Reply(path.read_bytes())

    return take


def _contracts(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found, _ = desk.warnings(connection)
    made = [
        Due(str(one.what), one.site, one.uplink, one.isp, one.contract_no, one.day, one.days,
            one.detail)
        for one in found
    ]  # fmt: skip
    return Reply(sliced(call, made, lambda one: one, lambda one: (one.site, one.uplink, one.what)))


def _wanted(call: Call) -> Wanted:
    return desk.wanted({"language": LANGUAGES[0], **call.query})


_ASKED = (
    params.shaped("month", "else the month that is over", r"20[0-9]{2}-(0[1-9]|1[0-2])",
                  "a month such as 2026-10"),
    params.shaped("area", "an area or a site; else all that the token sees",
                  r"[0-9]{2}(\.[0-9]{2}){0,2}(\.[0-9]{4}(-[A-Za-z0-9_-]{1,33})?)?",
                  "a code such as 35.10"),
    params.text("isp", "only lines of this provider"),
    params.choice("language", "of the paper and the workbook", LANGUAGES, "id"),
)  # fmt: skip
_DUE = (params.cursor(partial(cursors.words, 3)), params.LIMIT)
_BYTES = {
    form: Schema(f"Report{form.capitalize()}", {"type": "string", "contentMediaType": media})
    for form, (_, media) in FORMS.items()
}
_ROLES: dict[str, Any] = {"roles": desk.READS_MONEY}
ENDPOINTS = (
    Endpoint(
        "GET", "/reports", "showReport", "reports", "The figures of the newest edition of a month",
        _figures, gives=Figures, query=_ASKED, found=True,
    ),
    Endpoint(
        "POST", "/reports", "makeReport", "reports", "Have a report made, in every form of it",
        _make, takes=NewReport, gives=Making, status=202, found=True, conflicts=True,
    ),
    Endpoint(
        "GET", "/reports/progress", "showReportProgress", "reports", "How far it is", _progress,
        gives=Making, query=_ASKED, found=True,
    ),
    *(
        Endpoint(
            "GET", f"/reports/file.{form}", f"takeReport{form.capitalize()}", "reports",
            f"The newest edition as {form}", _file(form), gives=_BYTES[form], media=media,
            query=_ASKED, found=True, **({} if form == "csv" else _ROLES),
        )
        for form, (_, media) in FORMS.items()
    ),
    Endpoint(
        "GET", "/reports/contracts", "listContractsDue", "reports",
        "Bills, ends, promises not kept, terms missing", _contracts, gives=Listed[Due],
        query=_DUE, **_ROLES,
    ),
)  # fmt: skip
