"""What people can set, type, ask for and read stands in the documents; a gap fails by name."""

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import generate_latest

from agent.commands import make_parser
from agent.config import Plan
from agent.probes import PROBES, load
from agent.setup.words import tables
from collector.cause import CAUSES
from collector.db import open_store
from collector.intake import health as intake_health
from collector.intake import wire
from collector.intake.fickle import Fickle
from collector.intake.heard import Heard
from collector.intake.routes import ROUTES
from collector.intake.vocabulary import LABELS
from collector.settings import Settings
from playbooks import reading as playbook_reading
from playbooks import recipes
from playbooks.faults import GIVEN
from playbooks.model import Kind, Level, Phase, Proof
from tests.each import for_each
from tests.playbooks.books import books
from tests.test_operator_guide import leaves
from web import health as console_health
from web.api import refusals
from web.api.endpoints import ENDPOINTS
from web.api.table import PREFIX, Endpoint
from web.app import create_app
from web.people import ROLES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def sources(folder: str) -> str:
    """Programs and the data files that they read."""
    paths = sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".toml"))
    return "\n".join(path.read_text() for path in paths)


def page(name: str) -> str:
    return (DOCS / name).read_text()


def section(name: str, title: str) -> str:
    """What stands under a heading, down to the next heading."""
    begun = re.split(rf"^#+ {re.escape(title)}\n", page(name), maxsplit=1, flags=re.MULTILINE)
    return re.split(r"^#+ ", begun[1], maxsplit=1, flags=re.MULTILINE)[0] if begun[1:] else ""


def absent(what: str, where: str) -> str:
    return f"{what} is described nowhere: write it into docs/{where}"


@for_each("kind", PROBES)
def test_a_kind_of_check_has_a_section_with_all_its_keys(kind: str) -> None:
    text = section("agent.md", kind)
    assert text, absent(f"the kind of check {kind!r}", "agent.md, under a heading of that name")
    probe: Any = load(kind)
    for key in [field.name for field in fields(probe) if field.name != "name"]:
        assert f"`{key}`" in text, absent(f"the key {key} of {kind}", f"agent.md, under {kind!r}")


@for_each("key", [field.name for field in fields(Plan)])
def test_a_key_of_the_agents_configuration_is_described(key: str) -> None:
    assert f"| `{key}` |" in section("agent.md", "Configuration"), absent(
        f"the key {key}", "agent.md, under Configuration"
    )


@for_each("kind", ["Configuration", *PROBES])
def test_defaults_are_what_the_document_says(kind: str) -> None:
    settings: Any = load(kind) if kind in PROBES else Plan
    told = defaults(section("agent.md", kind))
    for field in fields(settings):
        if field.default is MISSING and field.name != "name" and kind in PROBES:
            assert told[field.name] == "required"
        elif isinstance(field.default, bool):
            assert told[field.name] == str(field.default).lower()
        elif isinstance(field.default, int | float):
            assert told[field.name] == f"{field.default:.12g}"
        elif isinstance(field.default, str) and field.default:
            assert told[field.name] == field.default


def defaults(text: str) -> dict[str, str]:
    """The second column of a table, by the names in the first; port 53 and its like without `."""
    rows = re.findall(r"^\| (`.+?`) \| (.*?) ?\| .*\|$", text, re.MULTILINE)
    return {key: cell.strip("`") for names, cell in rows for key in CODE.findall(names)}


def test_keys_that_every_check_has_are_described() -> None:
    text = section("agent.md", "Keys of every check")
    assert [k for k in ("name", "kind", "every_s", "uplink") if f"| `{k}` |" not in text] == []


@for_each("name", sorted(set(re.findall(r'"(ronda_[a-z0-9_]+)', sources("agent")))))
def test_a_series_of_the_agent_is_described(name: str) -> None:
    assert re.search(rf"^\| `{name}[{{`]", section("agent.md", "What an agent sends"), re.M), (
        absent(f"the series {name}", "agent.md, under What an agent sends, with unit and labels")
    )


@pytest.mark.slow
def test_no_series_is_described_that_no_agent_sends() -> None:
    described = re.findall(r"^\| `(ronda_[a-z0-9_]+)", page("agent.md"), re.MULTILINE)
    assert [name for name in described if f'"{name}"' not in sources("agent")] == []


@for_each("name", LABELS)
def test_a_key_of_the_flat_form_is_described_with_its_labels(name: str) -> None:
    """Names that carry the same labels stand together before them, up to a semicolon."""
    title = "Names that the flat form takes"
    groups = re.split(r"[;|]", section("protocol.md", title))
    mine = [set(CODE.findall(group)) for group in groups if f"`{name}`" in group]
    assert mine, absent(f"the key {name}", f"protocol.md, under {title}")
    assert {word for word in mine[0] if not word.startswith("ronda_")} == set(LABELS[name])


def test_bounds_of_a_report_are_what_the_document_says() -> None:
    told = " ".join(section("protocol.md", "Bounds and refusals").split())
    for bound in (
        f"{wire.MAX_SENT_BYTES >> 20} MiB as sent",
        f"{wire.MAX_INFLATED_BYTES >> 20} MiB inflated",
        f"{wire.MAX_ENTRIES:,} entries",
        f"{wire.MAX_LAYOUTS_A_REPORT} in a report",
        f"{wire.MAX_LAYOUTS_AN_AGENT} an agent",
        f"{wire.MAX_SERIES:,} series each",
        f"{wire.MAX_NAME_BYTES} bytes",
        f"{wire.MAX_CHECK_CHARS}, {wire.MAX_REASON_CHARS} characters",
        f"2^{wire.MAX_N.bit_length() - 1}",
    ):
        assert bound in told, f"docs/protocol.md, under Bounds and refusals, should say {bound!r}"


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"RONDA_[A-Z_]+", sources("agent")))))
def test_a_variable_of_the_agent_is_described(variable: str) -> None:
    assert f"| `{variable}` |" in section("agent.md", "Environment"), absent(
        variable, "agent.md, under Environment"
    )


def test_every_command_and_option_of_the_agent_is_described() -> None:
    text = section("agent.md", "Commands")
    for command in leaves(make_parser(), "ronda-agent"):
        assert f"`{command}" in text, absent(command, "agent.md, under Commands")
    for option in sorted(set(options(make_parser())) - {"-h", "--help"}):
        assert option in text, absent(f"the option {option}", "agent.md, under Commands")


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from options(inner)


@for_each("path", ROUTES)
def test_an_address_of_ingest_is_described(path: str) -> None:
    asked = f"`{ROUTES[path][0]} {path}`"
    for name in ("protocol.md", "addresses.md"):
        assert asked in page(name), absent(asked, name)


def test_every_address_of_the_console_is_described(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    store = open_store(settings)
    # no page is asked for, so no numbers are either
    numbers: Any = None
    rules = create_app(settings, store, numbers).url_map.iter_rules()
    store.dispose()
    asked = {"GET /live"} | {
        f"{method} {rule.rule}"
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    text = section("addresses.md", "Console")
    assert len(asked) > 8
    for address in sorted(asked):
        assert f"`{address}`" in text, absent(address, "addresses.md, under Console")


@for_each("one", ENDPOINTS, ids=lambda one: one.name)
def test_an_endpoint_of_the_api_is_described_with_who_may_ask(one: Endpoint) -> None:
    rows = [
        line for line in page("api.md").splitlines() if f"`{one.method} {PREFIX}{one.path}`" in line
    ]
    assert len(rows) == 1, absent(f"the endpoint {one.method} {one.path}", "api.md, once")
    roles = "every" if set(one.roles) == set(ROLES) else ", ".join(one.roles)
    assert f"| {roles}" in rows[0]
    assert ("`If-Match`" in rows[0]) == one.revised


def test_every_refusal_of_the_api_is_described() -> None:
    for status, about in refusals.ABOUT.items():
        assert f"| {status} | {about} |" in section("api.md", "How it answers")


@pytest.mark.parametrize(
    "header",
    sorted(
        {
            h
            for folder in ("agent", "collector/intake")
            for h in re.findall(r"x-ronda-[a-z-]+", sources(folder).lower())
        }
    ),
)
def test_a_header_of_ours_is_described(header: str) -> None:
    assert f"`{header}" in page("protocol.md").lower(), absent(header, "protocol.md")


def test_every_figure_of_both_ports_is_described() -> None:
    for title, figures in (
        ("Figures of ingest", ingest_figures()),
        ("Figures of the console", console_figures()),
    ):
        text = section("addresses.md", title)
        assert len(figures) > 3
        for name in figures:
            assert re.search(rf"`{name}[{{`]", text), absent(name, f"addresses.md, under {title}")


def ingest_figures() -> list[str]:
    desk: Any = SimpleNamespace(
        requests=Counter({("/known", 200): 1}),
        reports=SimpleNamespace(counts=SimpleNamespace(kept=0, rejected=0, clashes=0)),
        commit=SimpleNamespace(written_bytes=0, waiting=0),
        writer=SimpleNamespace(torn_bytes=0, end=0),
        centre=SimpleNamespace(lag_s=lambda now: 0.0),
        clock=lambda: 0.0,
        skipped=0,
        heard=Heard(lambda agent: ()),
        settings=Settings(),
        tokens=(),
        fickle=Fickle(),
        peers=SimpleNamespace(untold=0),
    )
    return names_in(intake_health.metrics(desk).body.decode())


def console_figures() -> list[str]:
    return names_in(generate_latest(console_health.REGISTRY).decode())


def names_in(exposition: str) -> list[str]:
    """Names as they are typed into a query; the library's `_created` twins are nobody's."""
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", exposition, re.MULTILINE))
    return [name for name in kinds if not name.endswith("_created")]


PLAYBOOKS = books()


@for_each("name", PLAYBOOKS)
def test_a_playbook_stands_in_the_catalogue_as_its_file_says(name: str) -> None:
    one = PLAYBOOKS[name]
    rows = re.findall(rf"^\| `{name}` \|.*$", section("playbooks.md", "The catalogue"), re.M)
    assert len(rows) == 1, absent(f"the playbook {name}", "playbooks.md, under The catalogue")
    cells = [cell.strip() for cell in rows[0].strip("|").split(" | ")]
    _, level, platforms, does, parameters, danger = cells
    assert (level, platforms.split(", ")) == (one.level, [each.value for each in one.recipes])
    assert does and danger == one.danger["en"]
    told = [f"`{each.name}` {each.default or '(must be given)'}" for each in one.params]
    assert parameters == (", ".join(told) or "-")


def test_no_playbook_is_described_that_does_not_exist() -> None:
    told = re.findall(r"^\| `([a-z0-9-]+)` \|", section("playbooks.md", "The catalogue"), re.M)
    assert sorted(told) == sorted(PLAYBOOKS)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("The file", playbook_reading.FILE),
        ("A parameter", (*playbook_reading.PARAMETER, *Kind)),
        ("A recipe", (*Phase, *recipes.COMMAND, *recipes.KEEP, *Proof, recipes.WITHIN)),
        ("Running one", Level),
    ],
)
def test_a_part_of_a_playbooks_file_is_described(title: str, names: Iterable[str]) -> None:
    text = section("playbooks.md", title)
    words = {word for code in CODE.findall(text) for word in re.findall(r"[a-z_]+", code)}
    assert [name for name in names if name not in words] == [], f"docs/playbooks.md, under {title}"


def test_a_value_that_ronda_gives_to_a_playbook_is_described() -> None:
    text = section("playbooks.md", "A parameter")
    assert re.findall(r"^\| `@\{([a-z]+)\}` \|", text, re.MULTILINE) == list(GIVEN)


def test_the_example_of_a_playbook_is_one() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page("playbooks.md"), re.M | re.S)
    found = playbook_reading.read(example.encode(), "example.yml", "setel-server-log")
    assert [str(problem) for problem in found.problems] == []


def test_causes_that_block_a_playbook_are_all_described() -> None:
    told = CODE.findall(section("playbooks.md", "The file"))
    assert [cause for cause in CAUSES if cause not in told] == []


@for_each("path", sorted(DOCS.rglob("*.md")), ids=lambda p: str(p.relative_to(DOCS)))
def test_links_in_a_document_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text()):
        file, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = path if not file else (path.parent / file).resolve()
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def anchors(path: Path) -> set[str]:
    """The headings of a document as links name them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("index", ["README.md", "decisions/README.md"])
def test_an_index_names_every_document_beside_it(index: str) -> None:
    there = {path.name for path in (DOCS / index).parent.glob("*.md")} - {"README.md"}
    named = set(LINK.findall(page(index)))
    assert sorted(there - named) == [], f"write them into docs/{index}"


@for_each("path", sorted((DOCS / "decisions").glob("[!R]*.md")), ids=lambda path: path.stem)
def test_a_decision_says_what_it_is_and_what_not(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    assert "**Is.**" in text
    assert "**Is not.**" in text


def test_the_indonesian_guide_has_all_that_the_english_one_has() -> None:
    """Commands, settings and columns keep their names; every one stands in both."""
    assert sorted(names_of("operator.md") - names_of("operator.id.md")) == []


def test_the_indonesian_guide_has_nothing_that_is_no_more() -> None:
    assert sorted(names_of("operator.id.md") - names_of("operator.md")) == []


def names_of(name: str) -> set[str]:
    return set(CODE.findall(page(name)))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("desa.md", "Langkah 4. Pasang dan daftarkan."),
        ("install-debian.md", "When it does not work"),
    ],
)
def test_what_a_guide_quotes_of_the_installer_is_what_it_says(name: str, title: str) -> None:
    table = tables()["id"]
    whys = table.pop("why")
    said = [text.replace("{why}", why) for text in table.values() for why in whys.values()]
    said = [re.sub(r"{\w+}", "...", text) for text in [*said, *table.values()]]
    said = [text.replace("{why}", "...") for text in said]
    rows = [row.split(" | ")[0] for row in section(name, title).splitlines() if row[:3] == "| `"]
    quoted = [each for row in rows for each in CODE.findall(row)]
    assert len(quoted) > 3
    assert [each for each in quoted if not any(each in text for text in said)] == []


def test_what_a_guide_quotes_of_the_script_for_windows_is_what_it_says() -> None:
    script = (ROOT / "deploy" / "windows" / "install.ps1").read_text()
    text = section("install-windows.md", "When it does not work")
    quoted = [each for each in CODE.findall(text) if re.match("[A-Z].* .* ", each)]
    assert len(quoted) > 3
    assert [each for each in quoted if each not in script] == []


def test_the_sheet_of_a_village_has_the_command_of_its_guide() -> None:
    guide = section("desa.md", "Langkah 4. Pasang dan daftarkan.")
    (told,) = re.findall(r"^(python3 ronda-agent.pyz install) http", guide, re.M)
    assert f'f"{told} {{' in (ROOT / "web" / "inventory" / "enrolling.py").read_text()
