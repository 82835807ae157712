"""Where a row of services counts: the nearest of a name, also to switch it off."""

import pytest

from collector.granted import Granted
from collector.inventory import Catalogue, Service, Site, Watched
from collector.inventory.applying import from_outside
from collector.inventory.probes import checks_of

CODE = "35.10.06.2005"


def site(code: str = CODE, isp: str = "Telkom|Orbit", profile: str = "fiber") -> Site:
    return Site(code, 0, "B", "", "", None, None, isp, "", "", "24h", 60, "active", profile)


def row(place: str, target: str = "http://a/", **more: str) -> Service:
    kept = {"name": "app", "scope": "desa", "owner": "", "depends_on": "", "kind": "http"}
    return Service(site=place, target=target, **{**kept, **more})


@pytest.mark.parametrize(
    ("places", "counts"),
    [
        ([""], ""),
        (["", "profile:fiber"], "profile:fiber"),
        (["profile:fiber", "isp:Orbit"], "isp:Orbit"),
        (["isp:Orbit", "isp:Telkom"], "isp:Telkom"),
        (["isp:Telkom", "35"], "35"),
        (["35", "35.10"], "35.10"),
        (["35.10", "35.10.06"], "35.10.06"),
        (["35.10.06", CODE], CODE),
        (["35.11", "profile:hemat", "isp:Biznet", "35.10.06.2006"], None),
    ],
    ids=["every", "profile", "reserve", "main", "province", "regency", "district", "own", "others"],
)
def test_the_nearest_row_counts(places: list[str], counts: str | None) -> None:
    found = Catalogue([row(place) for place in places]).of(site())
    assert (found["app"].site if found else None) == counts


def test_a_row_without_a_target_switches_the_check_off() -> None:
    found = Catalogue([row("35.10"), row(CODE, target="")]).of(site())
    assert checks_of(found["app"]) == []


def test_what_a_row_depends_on_is_said_by_the_nearest_that_says_it() -> None:
    rows = [row("35.10", depends_on="portal"), row(CODE)]
    assert Catalogue(rows).depends_on("app", site()) == "portal"


def test_central_services_and_public_names_are_looked_at_where_they_say() -> None:
    rows = [
        row("", name="siak", scope="kabupaten"),
        row("", name="mail", scope="pusat", vantage="35.10.01.1001"),
        row(CODE, public="https://b.desa.id/"),
    ]
    catalogue, watched = Catalogue(rows), Watched("00.00.00.0001")
    assert [one.name for one in catalogue.watched_at("00.00.00.0001", watched)] == ["siak"]
    assert [one.name for one in catalogue.watched_at("35.10.01.1001", watched)] == ["mail"]
    assert [one.site for one in catalogue.seen_from("00.00.00.0001", watched)] == [CODE]
    assert catalogue.of(site()).keys() == {"app"}


def test_from_outside_only_what_is_everybodys_counts() -> None:
    settings = {"address": "10.0.0.2", "verify_certificate": "false", "timeout_s": "5"}
    inside = row(CODE, kind="opensid", public="https://b.desa.id/")
    outside = from_outside(
        Service(**{**{f: getattr(inside, f) for f in inside.__slots__}, "settings": settings})
    )
    (check,) = checks_of(outside)
    assert check == {
        "name": "luar app",
        "kind": "opensid",
        "url": "https://b.desa.id/",
        "timeout_s": 5.0,
        "gambling": False,
    }


@pytest.mark.parametrize(
    ("scopes", "code", "may"),
    [
        ((), "35.10.01.1001", True),
        ((), CODE, False),
        ((CODE,), CODE, True),
        (("35.10",), CODE, True),
        (("35.10",), "35.11.06.2005", False),
        (("35.1",), CODE, False),
        ((CODE,), f"{CODE}-2", True),
        ((f"{CODE}-2",), CODE, False),
        (("*",), "81.01.01.2001", True),
    ],
)
def test_an_agent_speaks_for_what_it_was_granted(
    scopes: tuple[str, ...], code: str, may: bool
) -> None:
    assert (code in Granted("35.10.01.1001", frozenset(scopes))) is may
