"""The profile files: each can be used, says only what we have a name for, and a bad one is
refused with its place."""

from dataclasses import fields
from pathlib import Path

import pytest

from agent.probes.snmp import profile
from agent.probes.snmp.profile import Item, Match, Need, Profile
from agent.strict import Refused, build
from collector.intake.vocabulary import LABELS
from tests.each import for_each

GOOD = {"title": "x", "reading": [{"name": "ronda_device_cpu_ratio", "oid": "1.3.6.1"}]}


@for_each("name", profile.names())
def test_a_profile_can_be_used(name: str) -> None:
    for item in profile.items(name):
        assert set(item.labels) <= {*LABELS[item.name], "device"}, item
        needed = set(LABELS[item.name]) - {"device"} if "uplink" not in item.name else {"interface"}
        assert needed - {"pool", "ssid", "radio"} <= set(item.labels), item


@for_each("name", profile.names())
def test_a_profile_says_for_which_devices_it_is(name: str) -> None:
    found = profile.load(name)
    included = {n for other in profile.names() for n in _others(other)}
    assert found.title
    assert found.match or name in included or name == "generic"


def _others(name: str) -> tuple[str, ...]:
    found = profile.load(name)
    return (*found.include, *found.fallback)


BAD = {
    "an OID": ({"reading": [{**GOOD["reading"][0], "oid": "1.x"}]}, "reading[0].oid: not an OID"),
    "a name": ({"reading": [{"oid": "1.3.6"}]}, "reading[0].name: missing"),
    "a key": ({"colour": 1}, "colour: unknown key"),
    "a unit": (
        {"reading": [{**GOOD["reading"][0], "unit": "kW"}]},
        "reading[0].unit: 'kW' is not one of",
    ),
    "a way to combine": (
        {"reading": [{**GOOD["reading"][0], "combine": "guess"}]},
        "reading[0].combine: 'guess' is not one of",
    ),
    "a pattern": ({"match": [{"descr": "("}]}, "match[0].descr: not a pattern"),
    "a label": (
        {"reading": [{**GOOD["reading"][0], "labels": {"device": ["{devise}"]}}]},
        "reading[0].oid: not an OID: 'devise'",
    ),
}


@pytest.mark.parametrize(("change", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_profile_is_refused_with_its_place(change: dict[str, object], words: str) -> None:
    with pytest.raises(Refused) as refused:
        build(Profile, {**GOOD, **change})
    assert str(refused.value).startswith(words)


def test_a_device_is_added_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text(
        'title = "Mine"\n[[match]]\nobject_id = ["1.3.6.1.4.1.7"]\n[[reading]]\n'
        'name = "ronda_device_cpu_ratio"\noid = "1.3.6.1.4.1.7.1.0"\nscale = 0.01\n'
        'labels = { device = ["{device}"] }\n'
    )
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    assert profile.names() == ["mine"]
    assert [item.scale for item in profile.items("mine")] == [0.01]


def test_a_profile_that_is_not_there_is_refused_with_those_that_are() -> None:
    for far in ("../snmp/mikrotik", "x" * 300):
        with pytest.raises(Refused, match="is not one of airos, apc"):
            profile.items(far)
    with pytest.raises(Refused, match="profile: 'nix' is not one of airos, apc"):
        profile.items("nix")


DOCUMENT = (Path(__file__).parents[4] / "docs" / "agent.md").read_text()


@for_each("name", profile.names())
def test_a_profile_stands_in_the_table_of_the_document(name: str) -> None:
    table = DOCUMENT.partition("#### Profiles\n")[2].partition("\nA profile is a file")[0]
    assert f"`{name}`" in table


@pytest.mark.parametrize("kind", [Profile, Item, Match, Need], ids=lambda kind: kind.__name__)
def test_the_keys_of_a_profile_are_described(kind: type) -> None:
    told = DOCUMENT.partition("#### Profiles\n")[2].partition("\n## ")[0]
    assert [f.name for f in fields(kind) if f"`{f.name}`" not in told] == []
