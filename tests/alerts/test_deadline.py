"""What the warning says, what a provider is told, and that both languages say all of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from alerts import deadline, isp, notices, phrases
from alerts.isp import Why
from alerts.message import Facts, render, sms
from alerts.notices import Draft
from alerts.words import LANGUAGES
from collector import inventory
from collector.db import reading, writing
from collector.inventory import Contact
from tests.alerts.test_escalation import KASI, SARI
from tests.alerts.test_way_back import told
from tests.alerts.village import NINE, contact

ZONE = inventory.zone("35.10.12.2004")
FACTS = Facts(
    4821, "", "", "35.10.12.2004", "Benculuk", "down", "", ZONE, NINE - 11_700, NINE, replies=True
)


FIRST_LINE = (
    "TENGGAT: Gangguan #4821 Desa Benculuk sudah 3 jam 15 menit. Batas 4 jam pukul 10.00 WIB."
)


def warned(holder: str, following: tuple[Contact, ...], language: str) -> tuple[str, str]:
    rest = (following, holder, ZONE, NINE, language)
    more = deadline.more(11_700, NINE + 2700, NINE + 900, *rest)
    facts = replace(FACTS, more=more)
    template = "deadline"
    return render(template, facts, language, template), sms(template, facts, language, template)


@pytest.mark.parametrize(
    ("holder", "following", "language", "text"),
    [
        (
            "",
            (KASI,),
            "id",
            f"{FIRST_LINE}\nBelum ada yang mengakui. 15 menit lagi naik ke Kasi.\n"
            "Sudah ditangani? Balas OK 4821",
        ),
        (
            "Sari",
            (KASI,),
            "id",
            f"{FIRST_LINE}\nDipegang Sari, belum tertangani.\nSudah ditangani? Balas OK 4821",
        ),
        (
            "",
            (),
            "en",
            "DEADLINE: fault #4821 at Benculuk has lasted 3 h 15 min. "
            "The 4 hours end at 10.00 WIB.\nNobody has taken it yet.\n"
            "Handled? Reply OK 4821",
        ),
    ],
    ids=["nobody has it", "somebody has it", "nobody above"],
)
def test_the_warning_says_who_has_it_and_who_hears_next(
    holder: str, following: tuple[Contact, ...], language: str, text: str
) -> None:
    long, short = warned(holder, following, language)
    assert long == text
    assert len(short) <= 160


@pytest.mark.parametrize(
    ("subject", "cause", "why"),
    [
        ("uplink", "fiber", Why.THEIRS),
        ("uplink", "isp", Why.THEIRS),
        ("uplink", "backbone", Why.THEIRS),
        ("uplink", "", Why.UNKNOWN),
        ("uplink", "unknown", Why.UNKNOWN),
        ("uplink", "power", Why.NOT_THEIRS),
        ("uplink", "suspended", Why.NOT_THEIRS),
        ("service", "fiber", Why.NOT_THE_LINE),
    ],
)
def test_what_is_the_providers_to_mend(subject: str, cause: str, why: Why) -> None:
    assert isp.judge(subject, cause) is why


def test_the_letter_says_what_the_inventory_does_not_know() -> None:
    letter = isp.letter(FACTS, "uplink", [SARI])
    assert letter.lacks == ("service_no", "isp_phone", "isp")
    assert letter.text.splitlines()[0].startswith("LAPORAN GANGGUAN: Internet Desa Benculuk putus")
    assert "OK" not in letter.text
    assert "NOC" not in letter.text


def test_only_the_provider_of_the_line_is_written_to() -> None:
    desks = [
        Contact(f"isp:{name}", f"NOC {name}", "isp", 1, "id", "", "", "", "", f"http://{name}/")
        for name in ("Telkom", "Icon")
    ]
    facts = replace(FACTS, isp="Telkom")
    assert [draft.person for draft in isp.drafts(facts, [*desks, SARI])] == ["NOC Telkom"]


def texts(table: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every phrase by its place, with its values; lists by their length."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from texts(value, f"{path}{name}.")
        elif isinstance(value, list):
            yield f"{path}{name}", [str(len(value))]
        else:
            yield f"{path}{name}", sorted(set(re.findall(r"\{\w+\}", value)))


def test_both_languages_say_the_same_with_the_same_values() -> None:
    said = [dict(texts(phrases.phrases(language))) for language in LANGUAGES]
    assert said[0] == said[1]


def test_an_unknown_fault_has_first_aid_too() -> None:
    assert phrases.closest("id", "nothing", "") == "service"
    assert phrases.closest("id", "power", "uplink") == "power"
    assert phrases.first_aid("id", "power")[0].startswith("Listrik PLN")


def test_who_sleeps_is_not_woken_for_what_is_over(tmp_path: Any) -> None:
    with told(tmp_path, contact("sari")) as here:
        with writing(here.store) as connection:
            draft = Draft(1, "opened", "budi", "webhook", "http://b/", "{}", not_before=NINE + 9000)
            notices.queue(connection, [draft], NINE)
        before = here.notices()[-1]
        assert (before.next_try, before.answer) == (NINE + 9000, notices.SLEEPS)
        here.say("good", NINE + 60)
        here.alerts.step(NINE + 61, here.rev)
        with reading(here.store) as connection:
            rows = notices.of_incidents(connection, [1])[1]
        states = {row.person: row.state for row in rows if row.news == "opened"}
        assert states == {"sari": notices.QUEUED, "budi": notices.SKIPPED}
