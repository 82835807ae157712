"""Two looks at one service, and central services: what is whose child, and what the cause is."""

import pytest

from alerts.ailments import Ailment
from alerts.causes import of_one, vantage_points
from alerts.kinship import Kinship
from collector.inventory import Service, Site, Watched
from collector.states import CheckState

HERE, CENTRE = "35.10.06.2005", "00.00.00.0001"


def check(name: str, verdict: str) -> CheckState:
    return CheckState(HERE, name, "opensid", verdict, "", 0.0, True, 1)


def ailing(name: str, reason: str = "", site: str = HERE) -> Ailment:
    return Ailment(
        "k", site, "service", "critical", name, 0.0, 0.0, check=name, kind="opensid", reason=reason
    )


@pytest.mark.parametrize(
    ("bad", "reason", "others", "cause", "line"),
    [
        ("luar app", "no answer from b.desa.id:443", {"app": "good"}, "isp", "not from outside"),
        ("luar app", "certificate expired 3 days ago", {"app": "good"}, "app", "is refused"),
        ("luar app", "the name b.desa.id is not found", {"app": "good"}, "dns", "not found"),
        ("app", "HTTP 500", {"luar app": "bad"}, "app", "does not work either"),
        ("app", "HTTP 500", {"luar app": "good"}, "device", "from outside and not in its own"),
        ("app", "HTTP 500", {}, "app", "this service does not"),
        ("luar app", "HTTP 500", {}, "app", "this service does not"),
    ],
    ids=["line", "certificate", "name", "both", "inside only", "one look", "no look inside"],
)
def test_the_difference_names_the_cause(
    bad: str, reason: str, others: dict[str, str], cause: str, line: str
) -> None:
    beside = [check(bad, "bad"), *(check(name, verdict) for name, verdict in others.items())]
    guess = of_one(ailing(bad, reason), None, beside, "")
    assert guess.cause == cause and any(line in each for each in guess.evidence)


def test_one_look_is_no_comparison() -> None:
    assert vantage_points("app", [check("app", "bad")]) == ("", "")
    assert vantage_points("", []) == ("", "")


def site(code: str) -> Site:
    return Site(code, 0, code, "", "", None, None, "", "", "", "24h", 60, "active", "fiber")


def service(name: str, place: str = "", scope: str = "desa", depends_on: str = "") -> Service:
    return Service(name, place, scope, "", depends_on, "http", "http://a/")


def test_villages_of_an_area_are_children_of_the_central_service() -> None:
    rows = [service("SIAK", scope="kabupaten"), service("surat", "35.10", depends_on="SIAK")]
    sites = [site(CENTRE), site(HERE), site("35.11.01.2001")]
    kinship = Kinship(sites, rows, Watched(CENTRE))
    (parent,) = kinship.fault(ailing("surat")).parents
    assert parent.called == "SIAK" and kinship.census[parent] == 1
    assert kinship.fault(ailing("SIAK", site=CENTRE)).own == parent
    assert kinship.fault(ailing("luar surat")).parents == (parent,)
    assert kinship.where("SIAK", HERE) == CENTRE
    assert kinship.depends_on("surat", "35.11.01.2001") == ""


def test_a_villages_own_check_of_the_same_name_is_not_the_central_one() -> None:
    rows = [
        service("Siskeudes", scope="pusat"),
        service("Siskeudes", HERE, depends_on=""),
        service("kas", "", depends_on="Siskeudes"),
    ]
    kinship = Kinship([site(CENTRE), site(HERE)], rows, Watched(CENTRE))
    assert kinship.fault(ailing("Siskeudes")).own is None
    assert kinship.fault(ailing("Siskeudes", site=CENTRE)).own is not None
