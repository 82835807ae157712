"""The text for /import: whole on every version, plain in what it uses, whatever names hold."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from collector.micro import routeros_settings
from collector.micro.model import Choices
from collector.micro.platforms import PLATFORMS
from collector.reasons import say
from tests.agent.micro.routeros.router import Menus, numbers
from tests.agent.micro.routeros.strict import complaints, takes
from tests.amounts import times
from tests.each import for_each
from tests.playbooks.devices.routeros.box import Box
from tests.playbooks.devices.routeros.parsing import Parser
from tests.playbooks.devices.routeros.scanning import Fault

ROUTEROS = PLATFORMS["routeros"]
SITE = "35.10.06.2005"
VERSIONS = ["6.49.10", "7.1", "7.9", "7.13", "7.20"]
# scripts that speak of menus of a package: with which one, since when
OF_PACKAGES = {
    "ronda-wifi": ("wifi", (7, 13)),
    "ronda-wave2": ("wave2", (7, 1)),
    "ronda-wireless": ("wireless", (6,)),
    "ronda-capsman": ("capsman", (6,)),
    **dict.fromkeys(("ronda-netwatch", "ronda-watch", "ronda-watched"), ("advanced-tools", (6,))),
}
EVERY_PACKAGE = {"wifi", "wave2", "wireless", "capsman", "advanced-tools"}
CHECKS: list[dict[str, Any]] = [
    {"name": "gateway", "kind": "ping", "host": "gateway"},
    {"name": "1.1.1.1", "kind": "ping", "host": "1.1.1.1", "uplink": "main"},
    {"name": "sideka", "kind": "http", "url": "https://192.168.1.5/a?b=c,d"},
    {"name": "nas", "kind": "tcp", "host": "nas.desa.lan", "port": 445},
    {"name": "dns", "kind": "dns", "query": "noc.example.go.id"},
    *({"name": kind, "kind": kind} for kind in ("known", "host", "link", "wifi")),
]
CHOICES = Choices(SITE, "Benculuk", "https://noc.example.go.id", "ABCD-EFGH-JKMN-PQRS", 60, CHECKS)


def scripts(choices: Choices = CHOICES) -> dict[str, str]:
    found = {file.path: file.text for file in ROUTEROS.files(choices)}
    return {path.rpartition(" ")[2]: text for path, text in found.items() if path.startswith("/")}


def menus(version: str, *packages: str) -> Menus:
    return Menus(numbers(version), set(packages))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ca", ["", "-----BEGIN CERTIFICATE-----\nAAA=\n"], ids=["", "own ca"])
def test_every_version_reads_the_whole_import(version: str, ca: str) -> None:
    text = ROUTEROS.script(replace(CHOICES, ca=ca))
    assert Parser(text, menus(version)).parsed()
    assert text.isascii() and "\r" not in text and "\t" not in text
    assert max(map(len, text.splitlines())) < 1000


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_reads_every_script_but_those_of_packages(version: str) -> None:
    ours = scripts()
    bare, full = menus(version), menus(version, *EVERY_PACKAGE)
    for name, text in ours.items():
        package, since = OF_PACKAGES.get(name, ("", (6,)))
        known = full if numbers(version) >= since else bare
        if package and (package != "advanced-tools" or numbers(version) < (7,)):
            with pytest.raises(Fault, match="bad command name"):
                Parser(text, bare).parsed()
        if not package or known is full:
            assert [name, *complaints(text, known, ours)] == [name]


def test_what_is_read_only_when_it_runs_is_read_by_who_has_it() -> None:
    texts = re.findall(r'\[:parse "((?:[^"\\]|\\.)*)"', "".join(scripts().values()))
    texts += re.findall(r'\[:parse "((?:[^"\\]|\\.)*)"', ROUTEROS.script(replace(CHOICES, ca="x")))
    texts += re.findall(r'\[:parse "((?:[^"\\]|\\.)*)"', ROUTEROS.script(CHOICES))
    found = {re.sub(r"\\(.)", r"\1", text) for text in texts}
    assert len(found) >= 5
    for text in found:
        assert Parser(text, menus("7.20")).parsed()


REFUSED = {
    "a command of later versions": (":onerror e in={:put 1} do={:put 2}", "bad command name"),
    "json of later versions": (":put [:serialize to=json value=1]", "bad command name"),
    "what we do not use": (":execute script={:put 1}", ":execute is not among"),
    "a loop that may count down": (":for i from=0 to=2 do={:put $i}", ":for counts down"),
    "a variable in a string": (':local a 1; :put "x $a"', "a variable inside a string"),
    "a variable of nobody": (":put $a", "$a is not declared"),
    "a value given, changed": ("# Takes a.\n:set a 2", ":set a: not a variable"),
    "a global that was not declared": (":set RondaState 2", ":set RondaState"),
    "return out of what catches": (":do {:return 1} on-error={}", ":return within"),
    "an empty array in braces": (":local a {}", "{} is no array"),
    "a variable called as a property": (
        ":local server 1; :put [/ip dhcp-server lease find where server=$server]",
        "read as the property server",
    ),
    "find from a place": (':put [:find "aba" "a" 1]', ":find from a place"),
    "a script that is not there": (
        ":local f [:parse [/system script get ronda-nix source]]",
        "no script ronda-nix",
    ),
    "a call that lacks a value": (
        ":local f [:parse [/system script get ronda-label source]]; [$f]",
        "$f is given [], takes ['raw']",
    ),
    "a menu of later versions": ("/interface wifi print", "bad command name"),
    "a parameter of later versions": ("/tool netwatch add host=1.1.1.1 port=80", "expected end"),
    "a parameter that fetch lacks": ('/tool fetch url="http://a" dst-path=b', "expected end"),
}


@for_each(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_the_reader_refuses(text: str, why: str) -> None:
    (first, *_) = complaints(text, menus("6.49.10", "wireless", "advanced-tools"), scripts())
    assert why in first


def test_each_script_says_first_what_it_is() -> None:
    for name, text in scripts().items():
        assert text.startswith("# ") and text.endswith("\n"), name
        assert len(text.splitlines()) <= 70, name


def test_no_fetch_writes_a_file_and_each_over_tls_looks_at_the_certificate() -> None:
    for name, text in scripts().items():
        for fetch in re.findall(r"/tool fetch(?:[^\n]*\\\n)*[^\n]*", text):
            assert "output=user as-value" in fetch or "keep-result=no" in fetch, name
            closed = "check-certificate=yes-without-crl" in fetch
            assert closed or name == "ronda-page", name
    plain = scripts(replace(CHOICES, url="http://10.0.0.1:8090"))
    assert "check-certificate" not in plain["ronda-send"] + plain["ronda-enrol"]


def test_a_schedule_has_every_right_of_what_it_runs() -> None:
    policies = set(re.findall(r"policy=(\S+)", ROUTEROS.script(CHOICES)))
    # the second is of what only holds the token
    assert policies == {"ftp,read,write,policy,test", "read"}


def test_netwatch_wakes_nothing() -> None:
    """What it runs is *sys, with other globals and few rights."""
    assert "-script=" not in ROUTEROS.script(CHOICES)


def test_every_reason_is_known_in_indonesian() -> None:
    said = re.findall(r'"(?:bad|unknown):([^"]+)"', "".join(scripts().values()))
    said += [why for why in re.findall(r'"(?:why|lost)"="([^"]+)"', scripts()["ronda-settings"])]
    assert len(said) >= 8
    assert [reason for reason in said if say(reason, "id") == reason] == []


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1)


@pytest.mark.slow
@hypothesis_settings(max_examples=times(25), deadline=None)
@given(NAMES, NAMES)
def test_whatever_names_hold_arrives_in_the_settings(name: str, host: str) -> None:
    check = {"name": name, "kind": "dns", "query": host, "uplink": name}
    made = settings(replace(CHOICES, checks=[check], wan=name))
    (told,) = made["checks"]
    assert (told["name"], told["host"], told["line"]) == (
        said(name),
        said(host),
        f"check.{said(name)}=",
    )
    assert (made["wan"], made["uplinks"]) == (said(name), [said(name)])


def settings(choices: Choices) -> dict[str, Any]:
    """As the router has them, from the import on."""
    box = Box("6.49.10")
    script = ROUTEROS.script(choices)
    (line,) = re.findall(r'(?s)/system script add name="ronda-settings".*?(?=\n/system)', script)
    _, failed = box.run(line)
    assert not failed
    read = (
        ":global Out; :local f [:parse [/system script get ronda-settings source]]; :set Out [$f]"
    )
    assert box.run(read) == ("", False)
    found: dict[str, Any] = box.globals["Out"]
    return found


def said(text: str) -> str:
    """As the bytes that RouterOS has it in."""
    return text.encode().decode("latin-1")


def test_no_checks_are_an_empty_array() -> None:
    assert settings(replace(CHOICES, checks=[]))["checks"] == []
    assert takes(scripts()["ronda-send"]) == {"chosen", "record", "waited"}


WATCHES = {
    "near": ({"kind": "ping", "host": "192.168.1.5"}, "host=192.168.1.5 interval=10s timeout=2s"),
    "far, three a report": ({"kind": "ping", "host": "8.8.8.8"}, "host=8.8.8.8 interval=20s"),
    "a name": ({"kind": "ping", "host": "noc.example.go.id"}, ""),
    "the gateway": ({"kind": "ping", "host": "gateway"}, ""),
    "a port": (
        {"kind": "tcp", "host": "192.168.1.9", "port": 445},
        "host=192.168.1.9 type=tcp-conn port=445 interval=10s",
    ),
    "a port of a name": (
        {"kind": "tcp", "host": 'n"x', "port": 1},
        'host=[:resolve "n\\"x"] type=tcp-conn port=1 interval=60s',
    ),
    "a page": ({"kind": "http", "url": "http://192.168.1.5/"}, ""),
}


@pytest.mark.parametrize(("check", "watch"), WATCHES.values(), ids=WATCHES)
def test_netwatch_is_told_what_it_can_look_at(check: dict[str, Any], watch: str) -> None:
    (told,) = settings(replace(CHOICES, checks=[{"name": "x", **check}]))["checks"]
    assert watch in told["watch"]
    assert bool(watch) == told["watch"].startswith("/tool netwatch add ")


def test_routers_of_one_district_do_not_come_all_at_once() -> None:
    codes = [f"35.10.06.20{number:02}" for number in range(40)]
    texts = [routeros_settings.settings(replace(CHOICES, site=code)) for code in codes]
    spread = [int(text.partition('"spread"=')[2].partition(";")[0]) for text in texts]
    assert len(set(spread)) > 15 and max(spread) < 30
    assert routeros_settings.MOST_WAITING == 360
