"""Messages to others without a person who is erased: all that is theirs, and nothing else."""

import re
from collections.abc import Iterator

import pytest

from alerts import deadline, gsm7, phrases
from alerts.whom import There, of_village
from alerts.words import LANGUAGES, fill, words
from collector import inventory, unnaming
from collector.inventory import Contact
from collector.persons import Listed, Person
from collector.printable import called

PHONE = "+6281234567890"
LONG = "Nuraini Kusumawardhani [Bu Kadés] Suryaningrat"
GONE = "erased-1"


def person(*names: str) -> Person:
    listed = tuple(Listed("35.10.12.2004", name, "village", (PHONE,)) for name in names)
    return Person("", listed, frozenset({PHONE} if names else ()))


def named(name: str, number: str = PHONE) -> Contact:
    return Contact("35.10.12.2004", name, "village", 1, "id", number, "", "", "", "")


def messages(name: str, language: str) -> Iterator[str]:
    """All that messages say of somebody, one thing each."""
    for there in (
        ([named(name)],),
        ([named(name, "")],),
        ((), [named(name)]),
        ((), (), [named(name)]),
    ):
        said = of_village(There(*there), language)
        yield f"GANGGUAN 12. {said['village']} Kontak: PLN 123.\n#12"
        yield words(language).templates["elsewhere"].sms[1].replace("{told}", said["told"])
    who = f"Adi +62811, {called(name)} {PHONE}"
    yield words(language).words["told_there"].format(who=who)
    known = words(language).templates["deadline"].text
    for holder, following in ((name, ()), ("", (named("Kasi"), named(name)))):
        zone = inventory.zone("35.10.12.2004")
        more = deadline.more(0.0, 0.0, 60.0, following, holder, zone, 0.0, language)
        yield fill(known, {**more, "incident": "12"})
    for phrase in ("taken", "others", "handled"):
        yield phrases.say(language, "reply", phrase, by=name, incident=12, at="09.20")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["Sari", LONG, "budi.santoso"])
def test_a_name_is_gone_wherever_messages_name_people(name: str, language: str) -> None:
    for text in messages(name, language):
        for form in (text, gsm7.plain(text)):
            left = unnaming.untold(form, {name}, person(name), GONE)
            assert GONE in left and name[:10] not in left and PHONE not in left, form
            others = unnaming.untold(form.replace(PHONE, "+62811"), {"Adi"}, person("Adi"), GONE)
            assert name[:10] in others


@pytest.mark.parametrize(
    "text",
    [
        "GANGGUAN: Internet Desa Sari putus sejak 09.15 WIB.",
        "TENGGAT 13.15: PUTUS internet Ds Sari sejak 09.15. Belum ada yang mengakui.",
        "Di desa sudah diberi tahu: Dewi Sari +62811, Sari Dewi +62812. Kontak: Sari Net 147.",
        "DEADLINE: fault #7 at Sari has lasted 3 h. The 4 hours end at 13.15.",
        "PULIH: Sari, 4 desa, 09.15. Lama 2 jam. Balas OK 7",
        "Dipegang Sari Dewi, belum tertangani.",
    ],
)
def test_a_village_or_somebody_else_of_that_name_keeps_it(text: str) -> None:
    assert unnaming.untold(text, {"Sari"}, person("Sari"), GONE) == text


def test_the_sentences_are_those_of_the_templates() -> None:
    found = set()
    for language in LANGUAGES:
        known = words(language)
        found |= {t for t in known.words.values() if isinstance(t, str) and "{who}" in t}
        found |= {part.replace("{told}", "{who}") for part in known.templates["elsewhere"].sms}
        found |= {known.templates["deadline"].text.replace("{next}", "{who}")}
        replies = phrases.phrases(language)["reply"].values()
        found |= {text.replace("{by}", "{who}") for text in replies}
    naming = [text for text in found if "{who}" in text]
    for text in naming:
        assert any(re.search(re.escape(said), text) for said in unnaming.SAID), text
    assert all(any(said in text for text in naming) for said in unnaming.SAID)
