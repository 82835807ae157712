"""Onto the router, in use with the certificate checked, and off it again without a trace."""

from pathlib import Path

import pytest
from sqlalchemy import update

from collector import authority, db
from collector.micro.model import Choices
from collector.micro.platforms import PLATFORMS
from collector.schema import agents as rows
from tests.agent.micro.routeros.centre import Centre
from tests.agent.micro.routeros.router import Router
from tests.agent.micro.routeros.village import BOTH, NEW, OLD, choices, installed, logged, village
from tests.playbooks.devices.routeros.box import SCHEDULER, SCRIPT
from tests.playbooks.devices.routeros.values import shown

pytestmark = pytest.mark.slow

CERTIFICATES = ["6.49.10", "7.1", "7.9", NEW]


@pytest.mark.parametrize("version", CERTIFICATES)
def test_the_centres_own_authority_is_trusted_and_looked_at(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version, tls=True) as (centre, router):
        assert len(centre.frames()) == 1
        assert router.trusted == [centre.ca]
        # the file was only on its way
        assert not router.items["file",]


def test_another_servers_certificate_gets_no_token_and_no_report(tmp_path: Path) -> None:
    other = authority.ensure_ca(tmp_path / "other", ["127.0.0.1"], 1.79e9)
    with Centre(tmp_path / "centre", tls=True).serving() as centre:
        router = Router(centre, OLD)
        installed(router, choices(centre, ca=other.ca_pem))
        router.advance(150)
        assert (centre.frames(), router.answers) == ([], [])
        assert len(router.globals["RondaQueue"]) == 3
        log = logged(router)
    assert len(log) == 1 and "the code is void" in log[0]


TRUST = {
    "6.49.10": (False, {}),
    "7.15.3": (False, {}),
    "7.19": (True, {"builtin-trust-anchors": "trusted"}),
}


@pytest.mark.parametrize("version", TRUST)
def test_public_authorities_are_believed_where_the_version_knows_them(
    tmp_path: Path, version: str
) -> None:
    believes, settings = TRUST[version]
    with Centre(tmp_path, tls=True).serving() as centre:
        router = Router(centre, version)
        printed = installed(router, choices(centre, ca=""))
    assert ("trusts nobody by itself" in printed) is not believes
    assert router.singles.get(("certificate", "settings"), {}) == settings


BARRED = {
    "home": ({"fetch", "scheduler"}, "fetch=yes scheduler=yes"),
    "the schedule": ({"scheduler"}, "scheduler=yes"),
    "a router that was flagged": ({"flagged"}, "flagged=no"),
}


@pytest.mark.parametrize(("barred", "wanted"), BARRED.values(), ids=BARRED)
def test_a_device_mode_that_bars_it_is_told_before_anything_is_changed(
    tmp_path: Path, barred: set[str], wanted: str
) -> None:
    with Centre(tmp_path).serving() as centre:
        router = Router(centre, NEW)
        router.barred = set(barred)
        printed, failed = router.run(PLATFORMS["routeros"].script(choices(centre)))
        assert failed and router.flash == []
        assert f"  /system device-mode update {wanted}\n" in printed
        assert "within 5 minutes press its reset or mode button once" in printed
        assert f"device-mode must allow: {wanted}" in printed
        router.barred.clear()
        assert "Ronda is installed" in installed(router, choices(centre))


@pytest.mark.parametrize("version", BOTH)
def test_nothing_is_written_to_flash_but_the_token_once(tmp_path: Path, version: str) -> None:
    with Centre(tmp_path).serving() as centre:
        router = Router(centre, version)
        installed(router, choices(centre))
        router.flash.clear()
        router.advance(600)
        assert len(centre.frames()) >= 9
    watch = ["tool/netwatch add"]
    assert router.flash == [*watch, "system/script remove", "system/script add"]


def test_the_same_script_again_does_no_harm(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        token = router.named(SCRIPT, "ronda-token")
        assert token is not None
        again = choices(centre, code=token["source"].split(" ")[1])
        before = {shown(item["name"]) for item in router.items[SCRIPT].values()}
        installed(router, again)
        router.advance(120)
        assert {shown(item["name"]) for item in router.items[SCRIPT].values()} == before
        assert len(router.items[SCHEDULER]) == 1
        assert sum(b"/enrol" in request[:30] for request in router.requests) == 1
        frames = centre.frames()
    assert [frame["n"] for frame in frames] == list(range(2, 2 + len(frames)))


@pytest.mark.parametrize("version", BOTH)
def test_what_an_earlier_script_left_in_memory_stops_no_report(
    tmp_path: Path, version: str
) -> None:
    with village(tmp_path, version) as (centre, router):
        router.advance(65)
        before = len(centre.frames())
        old = '{"boot"="b";"seq"=9;"due"=0;"busy"=0;"seen"="";"away"=false;"page"="right"}'
        assert not router.run(f":global RondaState; :set RondaState {old}")[1]
        router.advance(70)
        assert len(centre.frames()) > before
        assert not [line for line in logged(router) if "broke off" in line]


def test_a_new_code_brings_a_new_token(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        first = router.named(SCRIPT, "ronda-token")
        installed(router, choices(centre))
        router.advance(70)
        second = router.named(SCRIPT, "ronda-token")
        assert first is not None and second is not None
        assert first["source"] != second["source"] and len(centre.frames()) >= 2


def test_until_a_new_code_is_taken_the_old_token_is_used(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        installed(router, choices(centre, code="ABCD-EFGH-JKMN-PQRS"))
        router.advance(130)
        assert len(centre.frames()) >= 3
        assert sum("the code is void" in line for line in logged(router)) == 1
        # of another site it is not
        elsewhere = choices(centre, code="ABCD-EFGH-JKMN-PQRS", site="35.10.06.2006")
        installed(router, elsewhere)
        before = len(centre.frames())
        router.advance(130)
        assert len(centre.frames()) == before


def test_the_script_on_a_second_router_gets_no_token(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        token = router.named(SCRIPT, "ronda-token")
        assert token is not None
        other = Router(centre, OLD)
        other.singles["system", "routerboard"]["serial-number"] = "HE1"
        installed(other, choices(centre, code=token["source"].split(" ")[1]))
        other.advance(200)
        assert b" 403 " in other.answers[-1]
        log = logged(other)
    assert log == [
        "warning ronda: the centre is not reached, or the code is void: ask for a new script"
    ]


def test_somebody_who_has_to_approve_is_waited_for(tmp_path: Path) -> None:
    with Centre(tmp_path).serving() as centre:
        router = Router(centre, OLD)
        installed(router, choices(centre, code=centre.code(approval=True)))
        router.advance(150)
        assert logged(router) == [
            "warning ronda: somebody at the centre has to approve this router"
        ]
        with db.writing(centre.engine) as connection:
            connection.execute(update(rows).values(state="active"))
        router.advance(130)
        frames = centre.frames()
        log = logged(router)
    assert sorted(frame["n"] for frame in frames)[:3] == [2, 3, 4]
    assert log[1:] == [
        "info ronda: over: somebody at the centre has to approve this router",
        "info ronda: the centre takes the reports",
    ]


@pytest.mark.parametrize("version", BOTH)
def test_what_is_removed_leaves_nothing(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version, tls=True) as (_, router):
        own = router.add(SCRIPT, {"name": "mine", "source": ":put 1"})
        printed, failed = router.run("/system script run ronda-remove")
        assert (printed, failed) == ("", False)
        assert list(router.items[SCRIPT]) == [own.number]
        for path in (SCHEDULER, ("tool", "netwatch"), ("certificate",), ("file",)):
            assert not router.items[path]
        assert router.globals == {}


def test_a_script_with_fewer_rights_may_not_run_it(tmp_path: Path) -> None:
    """As netwatch's would be: the version of netwatch that runs scripts has four rights."""
    with village(tmp_path) as (_, router):
        router.add(
            SCRIPT,
            {
                "name": "few",
                "policy": "read,write,test,reboot",
                "source": "/system script run ronda",
            },
        )
        printed, failed = router.run("/system script run few")
    assert failed and "not enough permissions" in printed


def test_the_rights_of_the_schedule_are_enough_and_all_are_needed(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        (item,) = router.items[SCHEDULER].values()
        item["policy"] = "read,write,policy,test"
        router.advance(130)
        assert len(centre.frames()) == 1
        assert any("not enough permissions" in line for line in logged(router))


def test_every_step_names_what_the_script_has() -> None:
    bare = Choices("35.10.06.2005", "Benculuk", "https://noc.example.go.id", "A" * 19, 60)
    steps, script = PLATFORMS["routeros"].steps(bare), PLATFORMS["routeros"].script(bare)
    for line in (*steps.install, *steps.remove):
        assert f"#   {line}\n" in script
    assert '$ /log print where message~"ronda"' in steps.install
    assert "$ /system script run ronda-remove" in steps.remove
    assert '/system script add name="ronda-remove"' in script
