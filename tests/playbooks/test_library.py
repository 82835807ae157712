"""The playbooks that come with Ronda: all are there, whole, careful, and readable by everybody."""

import re
import shutil
import subprocess
from pathlib import Path

import yaml

from playbooks import library, quoting, values
from playbooks.model import Command, Level, Look, Platform, Playbook, Proof, Recipe
from playbooks.plan import Guarding, Part, plan
from playbooks.reading import LANGUAGES, read_file
from tests.each import for_each
from tests.playbooks import samples
from tests.playbooks.books import books
from tests.playbooks.words_of_routeros import words

ROOT = Path(__file__).parents[2]
FILES = sorted(library.PACK.glob("*"))
PLANS = Path(__file__).parents[1] / "data" / "playbooks" / "plans"
BOOKS = books()
RECIPES = {
    f"{book.name} {platform}": (book, platform, recipe)
    for book in BOOKS.values()
    for platform, recipe in book.recipes.items()
}
R, W, D = Platform.ROUTEROS, Platform.OPENWRT, Platform.DEBIAN
# the catalogue of the field: level, and where each applies
CATALOGUE = {
    "mulai-ulang-hotspot": (Level.YELLOW, {R, W, D}),
    "perbarui-alamat-wan": (Level.YELLOW, {R, W, D}),
    "bersihkan-sewa-dhcp": (Level.YELLOW, {R, W}),
    "perbaiki-dns": (Level.YELLOW, {R, W, D}),
    "nyalakan-ulang-ap": (Level.YELLOW, {R, W}),
    "nyalakan-ulang-router": (Level.RED, {R, W, D}),
    "setel-waktu": (Level.GREEN, {R, W, D}),
    "cadangkan-konfigurasi": (Level.GREEN, {R, W, D}),
    "bersihkan-disk": (Level.YELLOW, {R, W, D}),
    "mulai-ulang-aplikasi": (Level.YELLOW, {D}),
    "mulai-ulang-basis-data": (Level.RED, {D}),
    "perbarui-sertifikat": (Level.YELLOW, {W, D}),
    "ganti-sandi-wifi": (Level.YELLOW, {R, W}),
    "perbarui-firmware": (Level.RED, {R, W, D}),
    "batasi-pemakai": (Level.YELLOW, {R, W}),
    "pindah-jalur": (Level.RED, {R, W}),
    "hidupkan-ulang-agen": (Level.YELLOW, {R, W, D}),
    "diagnosa-jalur": (Level.GREEN, {R, W, D}),
    "ukur-kecepatan": (Level.YELLOW, {R, W, D}),
    "tutup-layanan": (Level.RED, {R}),
    "kumpulkan-bukti": (Level.GREEN, {R, W, D}),
    "pulihkan-konfigurasi": (Level.RED, {W, D}),
    "perbarui-agen": (Level.YELLOW, {D}),
    "kunci-pencurian": (Level.YELLOW, {R, W}),
    "buka-kunci-pencurian": (Level.YELLOW, {R, W}),
}
READ_ONLY = {"diagnosa-jalur", "kumpulkan-bukti", "cadangkan-konfigurasi", "ukur-kecepatan"}
# a stolen device has no site that reports: that it answers, over its own line, is the proof
ALONE = {"kunci-pencurian", "buka-kunci-pencurian"}
# commands that would do more harm than the fault
FORBIDDEN = {
    "volumes hold the village's data": r"system prune|--volumes|volume rm",
    "what the village uploaded": r"desa/upload",
    "power over Ethernet without asking": r"set [^;]*forced-on",
    "all certificates": r"certificate remove",
    "killing a database": r"kill -9|-KILL|-SIGKILL",
    "asks y or N": r"(?<!script=\")/system (reboot|shutdown|routerboard upgrade)",
    "asks nobody before it restarts": r"/system package update install",
    "another major version": r"channel=(upgrade|testing|development)",
}


def commands(recipe: Recipe) -> list[Command]:
    return [step for _, steps in recipe.phases() for step in steps if isinstance(step, Command)]


def filled(book: Playbook, platform: Platform, command: Command) -> str:
    return quoting.filled(platform, command.text, {**samples.values(book), **samples.kept(book)})


@for_each("file", FILES, ids=lambda file: str(file.name))
def test_a_file_has_no_problem_and_every_letter_can_be_typed(file: Path) -> None:
    page = read_file(file, file.name)
    assert [str(problem) for problem in page.problems] == []
    assert file.read_text().isascii()


def test_the_catalogue_is_whole() -> None:
    assert {b.name: (b.level, set(b.recipes)) for b in BOOKS.values()} == CATALOGUE
    assert {b.name for b in BOOKS.values() if not b.changes} == READ_ONLY


def suggested() -> list[tuple[str, str]]:
    return [
        (rule["alert"], rule["annotations"]["playbook"])
        for file in sorted((ROOT / "alerts/rules").glob("*.yml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
        if "playbook" in rule.get("annotations", {})
    ]


@for_each(("rule", "name"), suggested())
def test_a_playbook_that_a_rule_suggests_exists(rule: str, name: str) -> None:
    assert name in BOOKS, rule


@for_each("book", BOOKS.values(), ids=list(BOOKS))
def test_people_are_told_in_both_languages_what_it_does_and_what_is_dangerous(
    book: Playbook,
) -> None:
    for told in (book.title, book.danger, *(each.title for each in book.params)):
        assert set(told) == set(LANGUAGES)
        assert all(text and text == " ".join(text.split()) for text in told.values())
    for told in (book.title, book.danger):
        assert told["id"] != told["en"]
    assert set(book.cannot_undo) in (set(), set(LANGUAGES))


def test_a_parameter_of_one_name_means_the_same_in_all_of_them() -> None:
    """A device keeps what its parameters mean by name."""
    known = {}
    for book in BOOKS.values():
        for each in book.params:
            assert known.setdefault(each.name, each.kind) is each.kind, f"{book.name}: {each.name}"


@for_each("book", BOOKS.values(), ids=list(BOOKS))
def test_a_village_needs_to_give_only_what_nobody_can_guess(book: Playbook) -> None:
    needed = {each.name for each in book.params if each.default is None}
    assert needed == {
        "nyalakan-ulang-ap": {"port", "ap"},
        "perbarui-sertifikat": {"certificate"},
        "ganti-sandi-wifi": {"password"},
        "batasi-pemakai": {"client"},
        "tutup-layanan": {"manage"},
        "pulihkan-konfigurasi": {"archive"},
    }.get(book.name, set())


@for_each(("book", "platform", "recipe"), RECIPES.values(), ids=list(RECIPES))
def test_a_recipe_can_be_planned_and_every_command_filled(
    book: Playbook, platform: Platform, recipe: Recipe
) -> None:
    needed = quoting.named(recipe)
    given = {each.name: samples.values(book)[each.name] for each in book.params}
    ready = {**values.accepted(book.params, given, needed), **samples.GIVEN}
    whole = plan(book, platform, ready)
    assert [step.number for step in whole.steps] == list(range(1, len(whole.steps) + 1))
    assert "$(a)" not in "".join([*(step.shown for step in whole.steps), *whole.undo])
    for command in commands(recipe):
        assert "@{" not in filled(book, platform, command)


@for_each(("book", "platform", "recipe"), RECIPES.values(), ids=list(RECIPES))
def test_what_changes_a_device_is_proved_from_the_centre_and_has_a_way_back(
    book: Playbook, platform: Platform, recipe: Recipe
) -> None:
    if not book.changes:
        return
    proofs = [step.proof for step in recipe.verify if isinstance(step, Look)]
    assert Proof.HEARTBEAT in proofs or Proof.CHECK in proofs or book.name in ALONE
    assert recipe.guarded is not bool(book.cannot_undo)
    whole = plan(book, platform, samples.values(book))
    if recipe.guarded:
        assert whole.guard_s >= 2 * recipe.proof_s
        # a village is not left without its line for longer than this
        assert whole.guard_s <= 25 * 60
        parts = [step.part for step in whole.steps]
        armed = [step.does for step in whole.steps].index(Guarding.ARM)
        assert armed < parts.index(Part.DO)
    else:
        assert whole.guard_s == 0


@for_each(("book", "platform", "recipe"), RECIPES.values(), ids=list(RECIPES))
def test_no_command_does_what_must_never_be_done(
    book: Playbook, platform: Platform, recipe: Recipe
) -> None:
    for command in commands(recipe):
        for why, pattern in FORBIDDEN.items():
            assert re.search(pattern, command.text) is None, f"{why}: {command.text}"


@for_each(("book", "platform", "recipe"), RECIPES.values(), ids=list(RECIPES))
def test_a_command_is_good_grammar_of_its_platform(
    book: Playbook, platform: Platform, recipe: Recipe
) -> None:
    shell = {W: ["busybox", "ash"], D: ["dash"]}.get(platform)
    for command in commands(recipe):
        text = filled(book, platform, command)
        if shell is None:
            words(re.sub(r"\\\$", "", text))
            continue
        assert shutil.which(shell[0])
        done = subprocess.run(
            [*shell, "-n"], input=text, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, ""), text


@for_each(
    ("book", "recipe"),
    [(book, recipe) for book, platform, recipe in RECIPES.values() if platform is W],
    ids=[name for name, (_, platform, _) in RECIPES.items() if platform is W],
)
def test_what_openwrt_is_told_is_made_to_last_only_after_the_proof(
    book: Playbook, recipe: Recipe
) -> None:
    files = {
        match[1]
        for step in recipe.do
        for match in re.finditer(r"uci (?:-q )?(?:set|add_list) '?([a-z]+)", step.text)
    }
    assert not any("uci commit" in step.text for step in recipe.do)
    for file in files:
        assert f"uci commit {file}" in [step.text for step in recipe.persist]
        undo = "\n".join(step.text for step in recipe.undo)
        assert f"{file}.before" in undo and f"uci -q revert {file}" in undo
        # what somebody else has staged would be committed, or lost
        assert any(f"uci changes {file}" in step.text for step in recipe.precheck)


@for_each("file", sorted(PLANS.glob("*.txt")), ids=lambda file: str(file.stem))
def test_a_plan_is_what_it_was(file: Path) -> None:
    """Of each platform and kind of recipe; a change of them is meant, or a mistake."""
    name, _, platform = file.stem.rpartition("-")
    book = BOOKS[name]
    whole = plan(book, Platform(platform), samples.values(book))
    lines = [f"{step.number}. {step.part}: {step.shown}" for step in whole.steps]
    lines += [f"undo: {text}" for text in whole.undo]
    assert "\n".join([*lines, f"net: {whole.guard_s:.0f} s", ""]) == file.read_text()
