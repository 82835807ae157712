"""Recipes for RouterOS run in its own language: they read, act, and take back what they changed."""

import copy
from typing import Any

import pytest

from playbooks import outcomes, quoting
from playbooks.model import Command, Phase, Platform, Recipe
from playbooks.session import Output
from tests.playbooks import samples
from tests.playbooks.books import books
from tests.playbooks.devices.routeros.box import Box

RECIPES = {
    name: book.recipes[Platform.ROUTEROS]
    for name, book in books().items()
    if Platform.ROUTEROS in book.recipes
}
VERSIONS = ("7.15.3", "6.49.10")
GUARDED = [name for name, recipe in RECIPES.items() if recipe.undo]
HERE = {"hotspot": "hs1", "dhcp": "dhcp-hs", "profile": "kantor", "port": "ether5"}
# what is not put back, and need not be
FORGOTTEN = {("ip", "dns", "cache"), ("ip", "dhcp-server", "lease")}


class Router:
    """A router with what a run knows of it; `values` grow by what is kept."""

    def __init__(self, name: str, version: str, **given: str) -> None:
        book = books()[name]
        self.box = Box(version)
        self.box.names |= {"noc.example.go.id": "192.0.2.1", "id.pool.ntp.org": "192.0.2.2"}
        self.values = {**samples.values(book), **HERE, **given}

    def run(self, command: Command) -> str:
        """Why a command failed, "" where it did not."""
        text = quoting.filled(Platform.ROUTEROS, command.text, self.values)
        printed, failed = self.box.run(text)
        why = outcomes.why_failed(command, Output(printed, None if failed else 0, 0.1))
        if not why and command.keep is not None:
            self.values[command.keep.name] = outcomes.kept(command.keep, printed)
        return why

    def all(self, recipe: Recipe, *phases: Phase) -> list[str]:
        """What failed of these phases."""
        steps = [step for phase, steps in recipe.phases() if phase in phases for step in steps]
        return [why for step in steps if isinstance(step, Command) and (why := self.run(step))]

    def configuration(self) -> dict[Any, Any]:
        """All menus; off and not set at all are the same."""
        items = {
            path: [tidy(item) for item in found.values()]
            for path, found in self.box.items.items()
            if path not in FORGOTTEN
        }
        return {**items, **{path: tidy(item) for path, item in self.box.singles.items()}}


def tidy(item: dict[str, Any]) -> dict[str, str]:
    unset = (None, False, "", "0.0.0.0")
    return {key: str(value) for key, value in copy.deepcopy(item).items() if value not in unset}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", GUARDED)
def test_what_was_changed_is_proved_and_can_be_taken_back_twice(name: str, version: str) -> None:
    router, recipe = Router(name, version), RECIPES[name]
    assert router.all(recipe, Phase.PRECHECK, Phase.SNAPSHOT) == []
    before = router.configuration()
    assert router.all(recipe, Phase.DO) == []
    router.box.advance(20)
    assert router.all(recipe, Phase.VERIFY) == []
    for _ in range(2):
        assert router.all(recipe, Phase.UNDO) == []
        router.box.advance(20)
        assert router.configuration() == before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", GUARDED)
def test_an_undo_finds_its_way_where_nothing_was_done(name: str, version: str) -> None:
    router, recipe = Router(name, version), RECIPES[name]
    assert router.all(recipe, Phase.PRECHECK, Phase.SNAPSHOT) == []
    before = router.configuration()
    assert router.all(recipe, Phase.UNDO) == []
    assert router.configuration() == before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["diagnosa-jalur", "kumpulkan-bukti", "ukur-kecepatan"])
def test_what_only_reads_changes_nothing(name: str, version: str) -> None:
    router = Router(name, version)
    before = router.configuration()
    assert router.all(RECIPES[name], Phase.DO) == []
    assert router.configuration() == before


CHANGED = [
    ("perbaiki-dns", "/ip dns", "servers", "1.1.1.1,8.8.8.8"),
    ("bersihkan-sewa-dhcp", '/ip dhcp-server get [find name="dhcp-hs"]', "lease-time", "30m"),
    ("pindah-jalur", '/ip route get [find comment="ISP2"]', "distance", "1"),
    ("setel-waktu", "/system clock", "time-zone-name", "Asia/Jakarta"),
    ("tutup-layanan", '/ip service get [find name="winbox"]', "address", "192.0.2.0/24"),
    ("tutup-layanan", '/ip service get [find name="ssh"]', "address", "192.0.2.0/24"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "where", "key", "value"), CHANGED, ids=lambda text: str(text))
def test_the_act_is_what_it_says(name: str, where: str, key: str, value: str, version: str) -> None:
    router, recipe = Router(name, version), RECIPES[name]
    router.all(recipe, Phase.PRECHECK, Phase.SNAPSHOT, Phase.DO)
    router.box.advance(20)
    printed, failed = router.box.run(f":put [{where}{'' if 'get' in where else ' get'} {key}]")
    assert (printed.strip().replace(";", ","), failed) == (value, False)


@pytest.mark.parametrize("driver", ["wireless", "wifi"])
def test_a_password_of_any_letters_is_set_and_nothing_of_it_stays_elsewhere(driver: str) -> None:
    password = 'a "b" $c \\d [e] ;f?'
    router = Router("ganti-sandi-wifi", "7.15.3", driver=driver, password=password)
    recipe = RECIPES["ganti-sandi-wifi"]
    assert router.all(recipe, Phase.PRECHECK, Phase.DO, Phase.PERSIST) == []
    menu = {"wireless": "wireless security-profiles", "wifi": "wifi security"}[driver]
    key = {"wireless": "wpa2-pre-shared-key", "wifi": "passphrase"}[driver]
    printed, _ = router.box.run(f':put [/interface {menu} get [find name="kantor"] {key}]')
    assert printed == f"{password}\n"
    assert password not in map(str, router.box.globals.values())
    printed, _ = router.box.run(f':put [:len [/interface {menu} find name~"ronda"]]')
    assert printed == "0\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_password_of_a_hotspot_user_is_set_and_can_be_taken_back(version: str) -> None:
    password = 'a "b" $c \\d [e] ;f?'
    router = Router("ganti-sandi-wifi", version, driver="hotspot", password=password)
    recipe, before = RECIPES["ganti-sandi-wifi"], router.configuration()
    assert router.all(recipe, Phase.PRECHECK, Phase.DO) == []
    shown = ':put [/ip hotspot user get [find name="warga"] password]'
    assert router.box.run(shown)[0] == f"{password}\n"
    assert router.all(recipe, Phase.UNDO) == [] and router.configuration() == before
    assert router.all(recipe, Phase.DO, Phase.PERSIST) == []
    assert router.box.run(shown)[0] == f"{password}\n"
    assert router.box.run(":put [:len [/ip hotspot user find]]")[0] == "1\n"
    assert router.all(recipe, Phase.UNDO) == []
    assert router.box.run(shown)[0] == f"{password}\n"


def test_ssh_is_left_open_where_that_is_asked_for() -> None:
    router = Router("tutup-layanan", "7.15.3", ssh="no")
    assert router.all(RECIPES["tutup-layanan"], Phase.PRECHECK, Phase.SNAPSHOT, Phase.DO) == []
    assert router.box.run(':put [/ip service get [find name="ssh"] address]')[0] == "\n"


REFUSED = [
    ("ganti-sandi-wifi", {"driver": "hotspot", "guest": "none"}, "got: profiles 0"),
    ("mulai-ulang-hotspot", {"hotspot": "none"}, "there is no hotspot of this name"),
    ("perbarui-alamat-wan", {"wan": "ether4"}, "no DHCP client and no PPPoE client is switched on"),
    ("nyalakan-ulang-ap", {"port": "ether1"}, "this port leads to the provider"),
    ("pindah-jalur", {"to": "ISP3"}, "there is not one route of this comment to go to"),
    ("batasi-pemakai", {"client": "10.99.0.2"}, "this is the router itself"),
    ("ganti-sandi-wifi", {"password": "short"}, "a password has 8 to 63 characters"),
    ("ganti-sandi-wifi", {"profile": "none"}, "expected 'profiles 1', got: profiles 0"),
    ("bersihkan-sewa-dhcp", {"dhcp": "none"}, "there is no such DHCP server"),
]


@pytest.mark.parametrize(("name", "given", "why"), REFUSED, ids=lambda text: str(text))
def test_a_device_that_it_is_not_for_is_left_alone(
    name: str, given: dict[str, str], why: str
) -> None:
    router = Router(name, "7.15.3", **given)
    before = router.configuration()
    told = router.all(RECIPES[name], Phase.PRECHECK)
    assert any(why in one for one in told), told
    assert router.configuration() == before
