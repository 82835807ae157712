"""What is wrong with a playbook whose fields are each well written? Pure.

The rules that make a playbook safe to run: what changes a device is proved and can be taken back,
a command holds no value that nobody checked, and nothing waits without an end.
"""

import re
from collections.abc import Callable, Iterator

import re2

from agent.strict import Refused
from playbooks import quoting, values
from playbooks.faults_of_files import laid
from playbooks.model import (
    Command,
    Keep,
    Kind,
    Look,
    Parameter,
    Phase,
    Platform,
    Playbook,
    Put,
    Recipe,
    Step,
    words_of,
)

# known without being given: the run and its site, where the centre is, where the guard keeps what
# it needs on the device, and when the act began
GIVEN = {
    "run": Kind.INT,
    "site": Kind.IDENTIFIER,
    "noc": Kind.HOSTNAME,
    "guard": Kind.INTERFACE,
    "begin": Kind.INT,
}
MOST_STEPS = 40
LONGEST_COMMAND = 2000
LONGEST_LIMIT_S = 1800.0
LONGEST_PROOF_S = 7200.0
_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_COMMENT = re.compile(r"(^|[\s;&|()])#")
# in front of a value they would take away what its quotes mean
_UNQUOTING = re.compile(r"[\\$`]@\{")

_QUIET = re2.Options()
# what is wrong with a pattern is told by us, once
_QUIET.log_errors = False

Fault = tuple[int, str]


def of(playbook: Playbook, line_of: Callable[[str], int]) -> Iterator[Fault]:
    """Each fault with the line to look at; `line_of` knows where the file's fields stand."""
    names = set[str]()
    for parameter in playbook.params:
        yield from _parameter(parameter)
        names.add(parameter.name)
    held = {name for recipe in playbook.recipes.values() for name in quoting.named(recipe)}
    for parameter in playbook.params:
        if playbook.recipes and parameter.name not in held:
            yield parameter.line, f"params.{parameter.name[:60]}: no step holds it"
    if not playbook.changes and playbook.cannot_undo:
        yield line_of("cannot_undo"), "cannot_undo: it changes nothing, says `changes`"
    for platform, recipe in playbook.recipes.items():
        for line, reason in _recipe(playbook, platform, recipe):
            yield line, f"platforms.{platform}.{reason}"


def _parameter(parameter: Parameter) -> Iterator[Fault]:
    place = f"params.{parameter.name[:60]}"
    if _WORD.fullmatch(parameter.name) is None:
        yield parameter.line, f"{place}: expected small letters, digits and _"
    if parameter.name in GIVEN:
        yield parameter.line, f"{place}: the name is taken; Ronda gives it itself"
    if bool(parameter.choices) != (parameter.kind is Kind.ENUM):
        yield parameter.line, f"{place}.values: an enum has them, and nothing else"
    if not all(_is_choice(choice) for choice in parameter.choices):
        yield parameter.line, f"{place}.values: expected letters, digits and . _ @ : -"
    bounds = (parameter.least, parameter.most)
    if bounds != (None, None) and parameter.kind is not Kind.INT:
        yield parameter.line, f"{place}: least and most are for int"
    if parameter.default is not None and (why := _default(parameter)):
        yield parameter.line, f"{place}.default: {why}"


def _default(parameter: Parameter) -> str:
    if parameter.kind is Kind.SECRET:
        return "a secret does not stand in a file"
    if parameter.kind is Kind.ARCHIVE:
        return "an archive is chosen each time"
    try:
        values.accepted([parameter], {})
    except Refused as refused:
        return refused.problem
    return ""


def _is_choice(text: str) -> bool:
    try:
        return values.of_kind(Kind.ENUM, text) == text
    except Refused:
        return False


def _recipe(playbook: Playbook, platform: Platform, recipe: Recipe) -> Iterator[Fault]:
    if not recipe.do:
        yield recipe.line, "do: missing"
    if playbook.changes:
        yield from _net(playbook, recipe)
    elif recipe.undo or recipe.persist:
        yield recipe.line, "undo: it changes nothing, says `changes`"
    if recipe.proof_s > LONGEST_PROOF_S:
        yield recipe.line, f"verify: waits longer than {LONGEST_PROOF_S:.0f} s in all"
    yield from _steps(playbook, platform, recipe)


def _steps(playbook: Playbook, platform: Platform, recipe: Recipe) -> Iterator[Fault]:
    known = set(GIVEN) | {parameter.name for parameter in playbook.params}
    secret = {parameter.name for parameter in playbook.params if parameter.kind is Kind.SECRET}
    for phase, steps in recipe.phases():
        if len(steps) > MOST_STEPS:
            yield steps[MOST_STEPS].line, f"{phase}: more than {MOST_STEPS} steps"
        for step in steps:
            faults = _step(playbook, recipe, step, platform, phase)
            early = _not_there(step, platform, phase)
            for reason in (*faults, *_names(step, known, secret), *early):
                yield step.line, f"{phase}: {reason}"
            if isinstance(step, Command) and step.keep:
                if step.keep.name in known:
                    told = f"{step.keep.name[:60]!r} is taken by something else"
                    yield step.line, f"{phase}: keep.name: {told}"
                known.add(step.keep.name)


def _step(
    playbook: Playbook, recipe: Recipe, step: Step, platform: Platform, phase: Phase
) -> Iterator[str]:
    match step:
        case Look():
            yield from _look(step)
        case Put():
            yield from laid(step, playbook, recipe, platform)
            yield from _limit(step.limit_s)
        case _:
            yield from _command(step, platform, phase)


def _net(playbook: Playbook, recipe: Recipe) -> Iterator[Fault]:
    if bool(recipe.undo) == bool(playbook.cannot_undo):
        told = "what changes a device is taken back by `undo`, or `cannot_undo` says why not"
        yield recipe.line, f"undo: {told}"
    if not recipe.verify:
        yield recipe.line, "verify: what changes a device is proved"


def _look(look: Look) -> Iterator[str]:
    if look.proof.takes_subject and not look.subject:
        yield f"{look.proof}: missing"
    if look.within_s <= 0:
        yield f"{look.proof}: it has no time"


def _command(command: Command, platform: Platform, phase: Phase) -> Iterator[str]:
    yield from _text(command.text, platform)
    yield from _limit(command.limit_s)
    if not command.exits or any(number > 255 for number in command.exits):
        yield "exits: expected numbers from 0 to 255"
    yield from _pattern("expect", command.expect)
    yield from _pattern("refuse", command.refuse)
    if command.keep is not None:
        yield from _keep(command.keep, phase)
    yield from _unheard(command, phase)


def _limit(limit_s: float) -> Iterator[str]:
    if not 1 <= limit_s <= LONGEST_LIMIT_S:
        yield f"limit: expected 1s to {LONGEST_LIMIT_S:.0f}s"


def _unheard(command: Command, phase: Phase) -> Iterator[str]:
    """What is asked of a command where nobody is there to look."""
    judged = bool(command.expect or command.refuse or command.keep)
    if command.archive and (judged or phase in (Phase.VERIFY, Phase.UNDO)):
        yield "archive: a file is kept as it is, not in verify or undo, and nothing looks into it"
    elif phase is Phase.UNDO and (judged or command.exits != (0,)):
        yield "the device runs it alone: nobody looks at what it prints"


def _text(text: str, platform: Platform) -> Iterator[str]:
    if not text:
        yield "run: missing"
    if len(text) > LONGEST_COMMAND:
        yield f"run: longer than {LONGEST_COMMAND} characters"
    if not all(c == "\n" or " " <= c <= "~" for c in text):
        yield "run: holds a character that is not printable ASCII"
    if _COMMENT.search(text) or "<<" in text:
        yield "run: comments and here-documents are not for commands"
    if _UNQUOTING.search(text) or (platform is not Platform.ROUTEROS and "`" in text):
        yield "run: `, and a \\ or $ before a value, undo its quotes; $(...) stands for `...`"
    if (name := quoting.inside_quotes(platform, text)) is not None:
        yield f"run: @{{{name}}} stands within quotes; Ronda sets them itself"


def _keep(keep: Keep, phase: Phase) -> Iterator[str]:
    if phase not in (Phase.PRECHECK, Phase.SNAPSHOT):
        yield "keep: only what is read before the act can be kept"
    if _WORD.fullmatch(keep.name) is None:
        yield f"keep.name: {keep.name[:60]!r}: expected small letters, digits and _"
    if keep.kind is Kind.SECRET:
        yield "keep.type: secrets are not read from a device"
    if keep.kind is Kind.ARCHIVE:
        yield "keep.type: archives are at the centre, not on a device"
    yield from _pattern("keep.match", keep.match)


def _pattern(place: str, pattern: str) -> Iterator[str]:
    try:
        re2.compile(pattern, _QUIET)
    except re2.error as error:
        told = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        yield f"{place}: no pattern: {told}"


def _names(step: Step, known: set[str], secret: set[str]) -> Iterator[str]:
    for name in dict.fromkeys(quoting.places(words_of(step))):
        if name not in known:
            yield f"@{{{name}}} is no parameter, and nothing before it keeps it"
        elif isinstance(step, Look) and name in secret:
            yield f"@{{{name}}}: a secret has no place in a question"


def _not_there(step: Step, platform: Platform, phase: Phase) -> Iterator[str]:
    """Values that Ronda gives, but not here or not yet."""
    held = quoting.places(words_of(step))
    if "begin" in held and phase in (Phase.PRECHECK, Phase.SNAPSHOT, Phase.UNDO):
        yield "@{begin} is known only once the act has begun"
    if "guard" in held and platform is Platform.ROUTEROS:
        yield "@{guard}: RouterOS has no folder for it; use keep"
