"""What is said of runs has words in Indonesian: each reason as the code makes it."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

import pytest

from agent.strict import Refused
from playbooks import as_shown, blocking, outcomes, reaching, values, waves
from playbooks.blocking import Scene
from playbooks.model import Command, Kind, Level, Parameter, Playbook
from playbooks.plan import Guarding, Part, Planned
from playbooks.session import Output
from playbooks.states import HostState, RunState, StepState
from tests.each import for_each
from web import reasons
from web.playbooks import told
from web.tongue import speaking

RED = Playbook("x", {}, Level.RED, "x.yml", {}, blocked_when=("power", "isp"))
SCENES = [
    (Scene(retired=True), "lokasi ini tidak aktif"),
    (Scene(cause="power"), "ditahan: penyebab gangguannya listrik padam"),
    (Scene(cause="isp"), "ditahan: penyebab gangguannya gangguan penyedia"),
    (Scene(on_battery=True), "ditahan: lokasi ini memakai baterai"),
    (Scene(), "ditahan: lokasi ini tidak sedang dalam jadwal pemeliharaan"),
]


@pytest.mark.parametrize(("scene", "said"), SCENES)
def test_what_holds_a_playbook_back(scene: Scene, said: str) -> None:
    with speaking("id"):
        assert reasons.run(blocking.why_not(RED, scene)) == said


def test_what_it_waits_for() -> None:
    with speaking("id"):
        said = reasons.run(blocking.must_wait(RED, Scene(taken_by=12)))
    assert said == "menunggu pekerjaan 12 di lokasi ini"


OUTPUTS = [
    (Command("x", 1), Output("nope\n", 2, 0.1), "berakhir dengan kode 2: nope"),
    (Command("x", 1), Output("", None, 0.1), "berakhir: no word"),
    (Command("x", 1, expect="a"), Output("b", 0, 0.1), "seharusnya 'a', dijawab: b"),
    (Command("x", 1, refuse="b"), Output("b", 0, 0.1), "tidak boleh memuat 'b', dijawab: b"),
]


@pytest.mark.parametrize(("command", "output", "said"), OUTPUTS)
def test_how_a_command_failed(command: Command, output: Output, said: str) -> None:
    why = outcomes.why_failed(command, output)
    with speaking("id"):
        told = reasons.run(f"step 4: {why}; nothing was changed")
        assert told == f"langkah 4: {said}; tidak ada yang berubah"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ENUM])
def test_what_is_wrong_with_a_value(kind: Kind) -> None:
    parameter = Parameter("x", kind, {}, least=None)
    for text in ("\u00e9 ", "x" * 300):
        with pytest.raises(Refused) as refused:
            values.accepted([parameter], {"x": text})
        problem = refused.value.problem
        with speaking("id"):
            assert reasons.run(problem) != problem


@for_each(("part", "does"), product(Part, Guarding))
def test_parts_and_what_is_done_with_the_net_have_words(part: Part, does: Guarding) -> None:
    with speaking("id"):
        assert told.part(part) != part.value
        text, command = told.does(Planned(1, part, does, does.value))
        assert text != does.value and not command


STATES = [(told.RUN_STATES, RunState), (told.HOST_STATES, HostState), (told.STEP_STATES, StepState)]


@pytest.mark.parametrize(
    ("known", "states"), STATES, ids=lambda each: getattr(each, "__name__", "")
)
def test_each_state_has_a_word(known: Mapping[str, object], states: type[StrEnum]) -> None:
    assert set(known) == {state.value for state in states}


WHOLE = [
    (waves.following([HostState.FAILED, HostState.WAITING], 5).stop, "1 dari 1 gagal"),
    ("interrupted at step 4; what was done stays",
     "terputus di langkah 4; yang sudah dikerjakan tetap berlaku"),
    ("step 3: has not reported since; undoing it failed",
     "langkah 3: belum melapor sejak itu; pengembaliannya gagal"),
    ("step 3: the net could not be stopped: undone; not known whether it was undone: "
     "35.10.06.2005/router: refuses the connection: is its SSH service on, and on this port?",
     "langkah 3: pengaman balik tidak bisa dihentikan: sudah mengembalikan; tidak diketahui "
     "apakah sudah dikembalikan: 35.10.06.2005/router: menolak sambungan: apakah layanan "
     "SSH-nya menyala, dan di port ini?"),
    ("35.10.06.2005/router: shows another key than the one known of it, ssh-rsa SHA256:x: find "
     "out who replaced the device or stands in its place, then approve it",
     "35.10.06.2005/router: menunjukkan kunci lain dari yang dikenal, ssh-rsa SHA256:x: cari "
     "tahu siapa yang mengganti perangkat atau menyamar, lalu setujui"),
    ("stopped by dewi", "dihentikan oleh dewi"),
    ("opensid is bad: HTTP 502 instead of 200", "opensid terganggu: HTTP 502, seharusnya 200"),
    ("a word nobody foresaw", "a word nobody foresaw"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), WHOLE)
def test_reasons_of_a_run_in_indonesian(given: str, said: str) -> None:
    with speaking("id"):
        assert reasons.run(given) == said


@pytest.mark.parametrize("given", [given for given, _ in WHOLE])
def test_reasons_of_a_run_in_english_stay(given: str) -> None:
    with speaking("en"):
        assert reasons.run(given) == given


def test_what_is_no_more_as_it_was_planned() -> None:
    why = "what would be done is not what was planned: look at its plan, and ask again"
    with speaking("id"):
        said = reasons.run(f"35.10.01.2001/pc: {why}")
    assert said.startswith("35.10.01.2001/pc: yang akan dikerjakan bukan lagi yang direncanakan")


@for_each(
    "said",
    [
        "nothing of it is looked at beforehand: look at its plan",
        "it could not begin within a day",
        "reported what it measured 30 s after it",
        "has reported nothing since that was measured since",
        "two people are needed for it, and a program is none: ask yourself",
        "20 of siti (login) are open: wait for their end, or stop some",
        reaching._NONE_CAME,
        "it is reached by a tunnel, and tunnel_ssh is not set: see docs/tunnels.md",
        "the playbook was changed after it was planned: look at its plan, and ask again",
        f"params: {as_shown._SEALED}",
        "there is none called 'x'; see: ronda playbooks list",
        "a site has at most 32: remove one",
        "no machine of the centre is called 'x': keep it first, with site -",
        "35.10.01.2001/pc: archive: 'x' cannot be opened by this centre: "
        "it needs the secret.key that sealed it",
    ],
)
def test_what_is_seen_and_refused_has_words(said: str) -> None:
    with speaking("id"):
        assert reasons.run(said) != said
