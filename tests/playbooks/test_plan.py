"""What a run will do is known before: order, numbers, hidden secrets, the time of the net."""

from dataclasses import replace

import pytest

from agent.strict import Refused
from playbooks.model import (
    Command,
    Keep,
    Kind,
    Level,
    Look,
    Parameter,
    Platform,
    Playbook,
    Proof,
    Put,
    Recipe,
)
from playbooks.plan import Guarding, Part, dry, plan, said

WORDS = {"id": "Coba", "en": "Try"}
BEAT = Look(Proof.HEARTBEAT, 1, 180.0)


def command(text: str, limit_s: float = 30.0) -> Command:
    return Command(text, 1, limit_s=limit_s)


RECIPE = Recipe(
    precheck=(command("ready @{wifi}"),),
    snapshot=(replace(command("get key"), keep=Keep("before", Kind.IDENTIFIER)),),
    do=(command("set @{wifi} @{key}", 10.0), command("reload", 20.0)),
    verify=(BEAT, command("get key", 60.0)),
    persist=(command("save", 30.0),),
    undo=(command("set @{wifi} @{before}"), command("reload @{key}")),
)
PLAYBOOK = Playbook(
    name="ganti-kunci",
    title=WORDS,
    level=Level.YELLOW,
    file="a.yml",
    recipes={Platform.OPENWRT: RECIPE},
    params=(Parameter("wifi", Kind.IDENTIFIER, WORDS), Parameter("key", Kind.SECRET, WORDS)),
)
VALUES = {"wifi": "radio0", "key": "hunter2hunter2"}


def test_steps_come_in_their_order_with_the_net_around_the_act() -> None:
    whole = plan(PLAYBOOK, Platform.OPENWRT, VALUES)
    assert [(step.number, step.part, step.shown) for step in whole.steps] == [
        (1, Part.PRECHECK, "ready radio0"),
        (2, Part.GUARD, "prove"),
        (3, Part.GUARD, "prepare"),
        (4, Part.SNAPSHOT, "get key"),
        (5, Part.GUARD, "arm"),
        (6, Part.DO, "set radio0 '********'"),
        (7, Part.DO, "reload"),
        (8, Part.VERIFY, "heartbeat within 180 s"),
        (9, Part.VERIFY, "get key"),
        (10, Part.PERSIST, "save"),
        (11, Part.DISARM, "disarm"),
        (12, Part.DISARM, "clear"),
    ]
    assert whole.undo == ("set radio0 @{before}", "reload '********'")


def test_a_secret_stands_nowhere_in_a_plan() -> None:
    assert "hunter2" not in repr(plan(PLAYBOOK, Platform.OPENWRT, VALUES))


def test_the_device_waits_at_least_twice_as_long_as_proving_may_take() -> None:
    whole = plan(PLAYBOOK, Platform.OPENWRT, VALUES)
    assert whole.guard_s == 2 * (180 + 60) + (10 + 20 + 30) + 60


def test_a_question_is_shown_with_its_values_and_without_quotes() -> None:
    look = Look(Proof.HOLDS, 1, 60.0, 'x{check="@{wifi}"} > @{begin}')
    book = replace(PLAYBOOK, recipes={Platform.ROUTEROS: replace(RECIPE, verify=(look,))})
    shown = [step.shown for step in plan(book, Platform.ROUTEROS, VALUES).steps]
    assert 'holds x{check="radio0"} > @{begin} within 60 s' in shown


@pytest.mark.parametrize(
    ("recipe", "changes", "parts"),
    [
        (Recipe(do=(command("look"),)), False, [Part.DO]),
        (
            Recipe(do=(command("reboot"),), verify=(BEAT,)),
            True,
            [Part.DO, Part.VERIFY],
        ),
    ],
    ids=["what only reads", "what cannot be undone"],
)
def test_without_a_way_back_there_is_no_net(
    recipe: Recipe, changes: bool, parts: list[Part]
) -> None:
    book = replace(PLAYBOOK, recipes={Platform.DEBIAN: recipe}, changes=changes)
    whole = plan(book, Platform.DEBIAN, {})
    assert [step.part for step in whole.steps] == parts
    assert not any(isinstance(step.does, Guarding) for step in whole.steps)
    assert (whole.guard_s, whole.undo, whole.changes) == (0.0, (), changes)


def test_a_trial_only_looks() -> None:
    trial = dry(plan(PLAYBOOK, Platform.OPENWRT, VALUES))
    assert [step.part for step in trial.steps] == [Part.PRECHECK]
    assert (trial.undo, trial.guard_s, trial.changes) == ((), 0.0, False)


def test_a_file_is_shown_with_its_size_and_its_sum() -> None:
    laid = Put("@{wifi}", "@{guard}/kept.tgz", 1)
    book = replace(PLAYBOOK, recipes={Platform.OPENWRT: replace(RECIPE, snapshot=(laid,))})
    values, told = {**VALUES, "guard": "/guard/7"}, {"radio0": "archive a (7 bytes, sha256 ab)"}
    whole = plan(book, Platform.OPENWRT, values, told)
    assert whole.steps[3].shown == "put archive a (7 bytes, sha256 ab) to /guard/7/kept.tgz"
    whole = plan(book, Platform.OPENWRT, values)
    assert whole.steps[3].shown == "put radio0 to /guard/7/kept.tgz"


def test_a_platform_without_a_recipe_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        plan(PLAYBOOK, Platform.ROUTEROS, VALUES)
    assert refused.value.problem == "ganti-kunci is not for routeros, only for openwrt"


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (BEAT, "heartbeat within 180 s"),
        (Look(Proof.CHECK, 1, 90.0, "opensid"), "check opensid within 90 s"),
        (Look(Proof.HOLDS, 1, 60.0, "x > 1"), "holds x > 1 within 60 s"),
    ],
)
def test_a_proof_is_said_in_words(look: Look, words: str) -> None:
    assert said(look) == words
