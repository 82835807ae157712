"""No value, whatever it holds, becomes anything but one word: real shells say so, and a reader of
RouterOS's language."""

import string
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.strict import Refused
from playbooks import quoting, values
from playbooks.model import Kind, Parameter, Platform
from tests import amounts
from tests.each import for_each
from tests.playbooks.books import books
from tests.playbooks.words_of_routeros import NotACommand, Word, words

SHELLS = {"dash": ["dash"], "busybox": ["busybox", "ash"], "bash": ["bash", "--posix"]}
PRINTABLE = "".join(chr(code) for code in range(32, 127))
PLAIN = set(string.ascii_letters + string.digits + "._@:/-")

HOSTILE = [
    "127.0.0.1; /system reboot",
    "'; reboot; '",
    '"; reboot; "',
    '" ; /system reboot ; "',
    '\\" ; /system reboot ; \\"',
    "\\",
    "\\\\",
    "'",
    '"',
    "$(reboot)",
    "`reboot`",
    "$HOME",
    "${IFS}reboot",
    "[/system reboot]",
    "$[/system reboot]",
    "} reboot {",
    "]; /user add name=x group=full; [",
    "a b  c",
    " leading and trailing ",
    "*",
    "~root",
    "-rf",
    "--",
    "!!",
    "%s%n",
    "a=b",
    "#",
    "?",
    "@{password}",
    "@{run}",
    "&& reboot",
    "| sh",
    "> /etc/passwd",
    "\\n/system reboot",
    "\\22",
]

VALUES = {
    Kind.IP: st.ip_addresses().map(str),
    Kind.CIDR: st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map(
        lambda pair: f"{pair[0]}/{pair[1]}"
    ),
    Kind.HOSTNAME: st.text("ab9-.", min_size=1, max_size=40),
    Kind.INTERFACE: st.text(sorted(PLAIN), min_size=1, max_size=64),
    Kind.IDENTIFIER: st.text(sorted(PLAIN), min_size=1, max_size=70),
    Kind.ENUM: st.text(sorted(PLAIN), min_size=1, max_size=64),
    Kind.INT: st.integers().map(str),
    Kind.SECRET: st.text(PRINTABLE, min_size=1, max_size=255),
    Kind.ARCHIVE: st.from_regex(r"[a-z][a-z0-9.-]{0,40}-[0-9]{8}T[0-9]{6}Z", fullmatch=True),
}
ANYTHING = st.one_of(st.text(), st.text(PRINTABLE), st.sampled_from(HOSTILE))


def taken(kind: Kind, texts: list[str]) -> list[str]:
    """Those that are values of the type, as they would be filled in."""
    found = []
    for text in texts:
        try:
            found.append(values.of_kind(kind, text))
        except Refused:
            continue
    return found


def heard(shell: str, platform: Platform, given_values: list[str]) -> list[str]:
    """What a command is given as its arguments, one line each, by a real shell."""
    script = 'heard() { printf \'%s\\n\' "$#" "$@"; }\n' + "".join(
        quoting.filled(platform, "heard @{value}\n", {"value": value}) for value in given_values
    )
    done = subprocess.run(
        [*SHELLS[shell], "-c", 'eval "$(cat)"'],
        input=script,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={"PATH": "/nonexistent:/bin:/usr/bin", "HOME": "/"},
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_real_shell_hears_one_word_for_each_value(
    kind: Kind, shell: str, data: st.DataObject
) -> None:
    one = st.one_of(VALUES[kind], st.sampled_from(HOSTILE))
    accepted = taken(kind, data.draw(st.lists(one, min_size=1, max_size=30)))
    for platform in (Platform.OPENWRT, Platform.DEBIAN):
        expected = [line for value in accepted for line in ("1", value)]
        assert heard(shell, platform, accepted) == expected


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("platform", [Platform.OPENWRT, Platform.DEBIAN])
def test_a_real_shell_hears_every_hostile_secret_as_it_is(platform: Platform, shell: str) -> None:
    expected = [line for value in HOSTILE for line in ("1", value)]
    assert heard(shell, platform, taken(Kind.SECRET, HOSTILE)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=amounts.times(15), deadline=None)
@given(data=st.data())
def test_routeros_reads_one_string_for_each_value(kind: Kind, data: st.DataObject) -> None:
    one = st.one_of(VALUES[kind], st.sampled_from(HOSTILE))
    for value in taken(kind, [data.draw(one)]):
        filled = quoting.filled(Platform.ROUTEROS, "/ip dns set servers=@{value}", {"value": value})
        assert words(filled) == [
            *map(Word, ("/", "ip", "dns", "set", "servers", "=")),
            Word(value, string=True),
        ]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SECRET])
@settings(max_examples=amounts.times(15), deadline=None)
@given(text=ANYTHING)
def test_a_value_holds_nothing_but_allowed_characters(kind: Kind, text: str) -> None:
    for value in taken(kind, [text]):
        assert set(value) <= PLAIN
        assert value.isascii() and 0 < len(value) <= 255
        assert kind is Kind.INT or not value.startswith("-")


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=amounts.times(15), deadline=None)
@given(
    before=st.text(PRINTABLE, max_size=8),
    bad=st.characters(exclude_categories=()).filter(lambda c: not " " <= c <= "~"),
    after=st.text(PRINTABLE, max_size=8),
)
def test_what_is_not_printable_ascii_is_refused(
    kind: Kind, before: str, bad: str, after: str
) -> None:
    with pytest.raises(Refused):
        values.of_kind(kind, before + bad + after)


@settings(deadline=None)
@given(text=ANYTHING)
def test_an_enum_lets_in_nothing_but_its_choices(text: str) -> None:
    one = Parameter("mode", Kind.ENUM, {}, choices=("fast", "slow"))
    try:
        assert values.accepted([one], {"mode": text})["mode"] in one.choices
    except Refused:
        assert text not in one.choices


PLACES = [
    (book.name, platform, step.text)
    for book in books().values()
    for platform, recipe in book.recipes.items()
    for _, steps in recipe.phases()
    for step in steps
    if hasattr(step, "text") and quoting.places(step.text)
]


@pytest.mark.slow
@for_each("text", [text for _, platform, text in PLACES if platform is Platform.ROUTEROS])
@settings(max_examples=8, deadline=None)
@given(value=st.one_of(st.text(PRINTABLE, min_size=1, max_size=40), st.sampled_from(HOSTILE)))
def test_no_value_changes_how_a_command_of_ours_is_read_by_routeros(text: str, value: str) -> None:
    """Worse values than any type lets in: the rest of the command stays what it was."""

    def read(value: str) -> list[Word]:
        names = dict.fromkeys(quoting.places(text), value)
        return words(quoting.filled(Platform.ROUTEROS, text, names))

    marker = "a-value-like-no-other"
    mine = [Word(marker, string=True)]
    expected = [Word(value, string=True) if [word] == mine else word for word in read(marker)]
    assert read(value) == expected


@pytest.mark.parametrize(
    "text", ["a)", "(a", '"a', 'a "$x"', 'a "\\q"', "a \\ b", "{[}]"], ids=lambda text: str(text)
)
def test_the_reader_of_routeros_would_notice(text: str) -> None:
    with pytest.raises(NotACommand):
        words(text)
