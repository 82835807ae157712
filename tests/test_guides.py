"""What guides quote of screens, messages and programs is what these say; a changed word fails here.

In the guides for people, bold is what stands on a screen, a quoted `text` in the first column of
a table about sayings is what a program or a message says, with ... for what changes.
"""

import ast
import re
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
SCREENS = {
    "desa.md": "id",
    "noc.id.md": "id",
    "administrator.id.md": "id",
    "noc.md": "en",
    "administrator.md": "en",
    "technician.md": "en",
}
# tables whose first column is what a program says, by the first words of their head
SAYINGS = ("it says", "`trouble` in `status`", "what the run says")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
HOLE = "\0"
PAGES_BOTH = (("noc.md", "noc.id.md"), ("administrator.md", "administrator.id.md"))
# for the control room alone, and what is sent by hand
NOT_FOR_VILLAGES = {
    *("blind", "backup", "strange_key", "mass", "mass_recovered", "isp", "elsewhere"),
}


def prose(name: str) -> str:
    """A page without its blocks to type, at the same lines."""
    text = (DOCS / name).read_text()
    return FENCED.sub(lambda block: "\n" * block[0].count("\n"), text)


def places(name: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Each thing found, with page and line."""
    text = prose(name)
    for found in pattern.finditer(text):
        yield f"docs/{name}:{text[: found.start()].count(chr(10)) + 1}", " ".join(found[1].split())


@cache
def screens(language: str) -> tuple[str, ...]:
    """What the console can show; a hole where it fills something in."""
    path = ROOT / "web" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    shown = []
    for message in catalogue:
        text = message.id if language == "en" else message.string
        shown += [text] if isinstance(text, str) else list(text or ())
    return tuple(re.sub(r"%\(\w+\)s", HOLE, text) for text in shown)


@pytest.mark.parametrize("name", SCREENS)
def test_bold_words_stand_on_a_screen(name: str) -> None:
    """A sentence may be named by its beginning: "The control room is blind"."""
    known = screens(SCREENS[name])
    for place, words in places(name, BOLD):
        begun = words.count(" ") > 1 and any(text.startswith(f"{words} ") for text in known)
        assert words in known or begun, f"{place}: no screen says {words!r}"


@cache
def said() -> str:
    """Every text of the programs, a line each; what they fill in is a hole."""
    lines = []
    for floor in ("agent", "collector", "playbooks"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            nodes = list(ast.walk(ast.parse(path.read_text())))
            explaining = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            lines += [text_of(node) for node in nodes if id(node) not in explaining]
    return "\n".join(line.replace("\n", " ") for line in lines if line)


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else HOLE for p in node.values]
        return "".join(map(str, parts))
    return ""


def is_said(quoted: str) -> bool:
    """Is there one text that has these words in this order? Numbers are filled in, like `...`."""
    pieces = [piece.strip(" .:,()") for piece in re.split(r"\.\.\.|\b\d+\b", quoted)]
    return bool(re.search("[^\n]*".join(re.escape(p) for p in pieces if p), said()))


def sayings(name: str) -> Iterator[tuple[str, str]]:
    """What stands quoted in the first column of the tables of sayings."""
    heads = False
    for number, line in enumerate(prose(name).splitlines(), 1):
        if not line.startswith("|"):
            heads = False
        elif not heads and line.strip("| ").startswith(SAYINGS):
            heads = True
        elif heads:
            for quoted in CODE.findall(line.split(" | ")[0]):
                yield f"docs/{name}:{number}", quoted


@pytest.mark.slow
@pytest.mark.parametrize("name", ["technician.md", "tunnels.md"])
def test_what_a_program_is_said_to_say_it_says(name: str) -> None:
    found = list(sayings(name))
    assert found
    for place, quoted in found:
        assert is_said(quoted), f"{place}: nobody says {quoted!r}"


def templates(name: str) -> dict[str, str]:
    """The texts of messages of a file, by what they are about."""
    tables = tomllib.loads((ROOT / "alerts" / "templates" / name).read_text())
    return {key: t["text"].strip() for key, t in tables.items() if "text" in t}


def begins(text: str) -> str:
    return re.split(r"[:{]", text, maxsplit=1)[0].strip()


def first_words() -> dict[str, str]:
    """How messages begin, by the guide; where each stands."""
    rows: dict[str, str] = {}
    inside = False
    for number, line in enumerate(prose("desa.md").splitlines(), 1):
        inside = line == "### Arti kata pertama" or (inside and not line.startswith("### "))
        if inside and line.startswith("| `"):
            words = CODE.findall(line.split(" | ")[0])
            rows |= dict.fromkeys(words, f"docs/desa.md:{number}")
    return rows


def test_every_message_a_village_gets_is_explained_by_its_first_words() -> None:
    sent = {begins(t) for key, t in templates("id.toml").items() if key not in NOT_FOR_VILLAGES}
    sent.add(templates("people-id.toml")["trial"].partition(" Ronda")[0])
    explained = first_words()
    for words, place in explained.items():
        assert words in sent, f"{place}: no message begins with {words!r}"
    assert sorted(sent - set(explained)) == [], "docs/desa.md, under Arti kata pertama"


def test_the_guide_asks_what_the_message_asks_in_the_same_order() -> None:
    asked = re.findall(r"\d\) (.+?\?)", templates("id.toml")["internet"])
    headed = re.findall(r"^### \d\. (.+\?)$", prose("desa.md"), re.MULTILINE)
    assert len(asked) == 3
    assert headed[: len(asked)] == asked


def test_where_a_guest_stops_is_named_as_the_message_names_it() -> None:
    part = prose("desa.md").partition("### Pesan HOTSPOT\n")[2].partition("\n### ")[0]
    named = tomllib.loads((ROOT / "alerts/templates/id.toml").read_text())["named"]
    steps = {text for key, text in named.items() if key.startswith("step_")}
    assert {CODE.findall(row)[0] for row in part.splitlines() if row.startswith("| `")} == steps


def test_answers_that_the_guide_teaches_are_those_that_count() -> None:
    help_text = tomllib.loads((ROOT / "alerts/templates/people-id.toml").read_text())["reply"]
    for words in ("OK 4821", "SELESAI 4821"):
        assert words in help_text["help"] and f"`{words}`" in prose("desa.md")


@pytest.mark.parametrize(("english", "indonesian"), PAGES_BOTH)
def test_both_languages_have_the_same_to_paste(english: str, indonesian: str) -> None:
    blocks = [FENCED.findall((DOCS / name).read_text()) for name in (english, indonesian)]
    assert blocks[0] == blocks[1]
    names = [set(CODE.findall(prose(name))) for name in (english, indonesian)]
    assert names[0] ^ names[1] == set()
    tables = [prose(name).count("\n|") for name in (english, indonesian)]
    assert tables[0] == tables[1]


def drawn() -> list[Path]:
    return sorted(PICTURES.glob("*"))


@pytest.mark.parametrize("path", drawn(), ids=lambda path: path.name)
def test_a_picture_is_small_drawn_told_and_used(path: Path) -> None:
    assert path.suffix == ".svg"
    text = path.read_text()
    assert len(text) < 10_000
    root = ET.fromstring(text)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None and title.text
    assert not re.search(r"<image|<script|<foreignObject|href=|url\((?!#)|@import|@font-face", text)
    pages = [p.read_text() for p in DOCS.glob("*.md")]
    assert any(f"(pictures/{path.name})" in page for page in pages), "no page shows it"


def test_a_picture_in_a_page_says_what_is_in_it() -> None:
    for path in DOCS.glob("*.md"):
        for told, file in re.findall(r"!\[(.*?)\]\((.+?)\)", path.read_text()):
            assert told and (DOCS / file).is_file(), f"{path.name}: {file}"


def test_the_drawn_sheet_has_the_steps_of_the_guide() -> None:
    steps = re.findall(r"^### Langkah \d\. (.+)$", prose("desa.md"), re.MULTILINE)
    assert len(steps) == 5
    assert [step for step in steps if step not in (PICTURES / "lembar.svg").read_text()] == []


def test_a_page_of_a_platform_is_named_where_technicians_look() -> None:
    text = (DOCS / "technician.md").read_text()
    there = [p.name for p in DOCS.glob("install-*.md")] + [
        "routeros.md",
        "scripts.md",
        "tunnels.md",
    ]
    assert [name for name in there if f"({name}" not in text] == [], "docs/technician.md"
