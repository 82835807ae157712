"""Configurations are taken whole, or refused with the place at fault."""

from pathlib import Path

import pytest

from agent import config
from agent.config import Config, read, read_toml
from agent.probes.known import Known
from agent.strict import Refused
from tests.each import for_each

BAD = sorted((Path(__file__).parent / "data").glob("bad-*.toml"))
MARK = "# refused: "


@for_each("file", BAD, ids=lambda f: f.stem)
def test_a_bad_file_is_refused_with_its_place(file: Path) -> None:
    text = file.read_text()
    expected = text[text.index(MARK) + len(MARK) :].removesuffix("\n")
    with pytest.raises(Refused) as refused:
        read_toml(text)
    if file.stem == "bad-not-toml":
        # the rest of the words are the parser's
        assert str(refused.value).startswith(expected)
    else:
        assert str(refused.value) == expected


def test_there_are_refusals_to_test() -> None:
    assert len(BAD) >= 20


def test_too_many_checks_are_refused() -> None:
    checks = [{"name": f"c{i}", "kind": "link"} for i in range(513)]
    with pytest.raises(Refused, match="checks: 513 checks, 512 at most"):
        read({"checks": checks})


def test_a_full_configuration_is_understood() -> None:
    made = read_toml(
        """
        site = "35.10.06.2005"
        profile = "hemat"
        check_every_s = 300
        bytes_per_day = 5_000_000
        ingest = ["https://centre:8090"]
        [[checks]]
        name = "gateway"
        kind = "ping"
        host = "gateway"
        uplink = "main"
        every_s = 30
        [[checks]]
        name = "host"
        kind = "host"
        """
    )
    assert (made.plan.check_every_s, made.plan.report_every_s) == (300, 60)
    gateway, host = made.checks
    assert (gateway.name, gateway.kind, gateway.uplink, gateway.every_s) == (
        "gateway", "ping", "main", 30,
    )  # fmt: skip
    assert (host.uplink, host.every_s) == (None, None)


def test_null_means_not_said() -> None:
    made = read({"checks": [{"name": "a", "kind": "link", "every_s": None, "uplink": None}]})
    assert (made.checks[0].every_s, made.checks[0].uplink) == (None, None)


def test_a_known_check_asks_the_collector_unless_told_otherwise() -> None:
    def known(**more: str) -> Known:
        made: Config = read({"checks": [{"name": "k", "kind": "known", **more}]}, centre=CENTRE)
        probe = made.checks[0].probe
        assert isinstance(probe, Known)
        return probe

    assert known().url == CENTRE["url"]
    assert known(url="http://other.example/known").url == "http://other.example/known"


CENTRE = {"url": "https://centre:8090/known"}


def test_without_any_configuration_this_machine_and_its_way_out_are_watched() -> None:
    assert [c.kind for c in config.default().checks] == ["link", "host", "ping", "dns"]


def test_a_check_is_known_by_site_and_name() -> None:
    entry = {"name": "luar OpenSID", "kind": "ping", "host": "desa.example"}
    sites = [{"site": "35.10.06.2005"}, {"site": "35.10.06.2006"}, {}]
    made = read({"checks": [entry | site for site in sites]})
    assert len({check.key for check in made.checks}) == 3
    with pytest.raises(Refused, match="'luar OpenSID' is used twice"):
        read({"checks": [entry | sites[0], entry | sites[0]]})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"off_limits": ["10.0.0.0/99"]}, r"off_limits\[0\]: '10.0.0.0/99' does not appear"),
        ({"allowed": ["here"]}, r"allowed\[0\]: 'here' does not appear"),
        (
            {"checks": [{"name": "x", "kind": "link", "fenced": 1}]},
            r"checks\[0\].fenced: expected true or false, got 1",
        ),
    ],
)
def test_a_fence_that_is_none_is_refused(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        read(table)
