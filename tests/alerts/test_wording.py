"""Which template tells of what, by cause, by how it is gone, by how wide it is."""

from dataclasses import fields, replace
from typing import Any

import pytest

from alerts.ailments import Ailment
from alerts.incidents import Incident
from alerts.message import render
from alerts.wording import choose, gone, wide
from tests.alerts.test_message import FACTS, NINE

NOTHING: dict[str, Any] = dict.fromkeys((field.name for field in fields(Incident)), "")
SITE = Ailment("site:1", "1", "uplink", "critical", "Benculuk", NINE, NINE, kind="silent")
APP = Ailment("App|1", "1", "service", "critical", "sideka", NINE, NINE, check="sideka")
LINE = replace(APP, subject="uplink", check="", told={"message": "slow"})
BILL = replace(LINE, told={"message": "suspended"})
ALONE = Incident(**NOTHING | {"id": 12, "members": 1})
POP = replace(ALONE, parent_kind="upstream", parent="POP", members=3)
SERVER = replace(POP, parent_kind="service", parent="portal")
OWN = replace(SERVER, parent="mysql@35.10.12.2004")


@pytest.mark.parametrize(
    ("row", "ailment", "template"),
    [
        pytest.param(ALONE, SITE, "silent", id="silence is not a fault"),
        pytest.param(ALONE, replace(SITE, kind="off"), "off", id="switched off"),
        pytest.param(ALONE, replace(SITE, kind="down"), "internet", id="down by its own word"),
        pytest.param(replace(ALONE, cause="power"), SITE, "power", id="power"),
        pytest.param(POP, SITE, "wide", id="a child of a storm is not sent to its modem"),
        pytest.param(POP, LINE, "wide", id="lines that are slow together"),
        pytest.param(POP, BILL, "suspended", id="a bill that several have not paid"),
        pytest.param(
            replace(POP, cause="power"), SITE, "power", id="a blackout: look at the mains"
        ),
        pytest.param(replace(POP, members=1), SITE, "silent", id="a storm of one"),
        pytest.param(SERVER, APP, "wide_service", id="a shared server"),
        pytest.param(OWN, APP, "app", id="a server of the village's own"),
        pytest.param(ALONE, LINE, "slow", id="as its rule says"),
    ],
)
def test_the_words_are_chosen_by(row: Incident, ailment: Ailment, template: str) -> None:
    facts = replace(FACTS, check=ailment.check)
    assert choose("opened", row, ailment, facts) == template
    assert choose("resolved", row, ailment, facts) == "recovered"


def test_a_silent_place_that_spoke_and_said_its_line_is_down_is_told_so() -> None:
    assert choose("opened", ALONE, SITE, replace(FACTS, site_state="down")) == "internet"


def test_of_several_places_one_that_says_nothing_makes_it_no_word() -> None:
    down = replace(SITE, kind="down")
    found = [gone(of) for of in ([down], [down, SITE], [LINE])]
    assert found == ["@gone_down", "@gone_silent", "@gone_line"]
    assert not wide(ALONE)


@pytest.mark.parametrize(("language", "waits"), [("id", "tunggu kabar"), ("en", "wait for word")])
def test_what_is_wide_says_so_and_to_wait(language: str, waits: str) -> None:
    told = replace(FACTS, more={"members": "30", "parent": "POP Genteng", "gone": "@gone_silent"})
    for template in ("wide", "wide_service"):
        text = render("opened", told, language, template)
        assert "30" in text and "POP Genteng" in text and waits in text
