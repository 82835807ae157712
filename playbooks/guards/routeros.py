"""The net on RouterOS, 6.49 and 7: nothing but items of /system script and /system scheduler.

The name of one script item is the state. Whoever renames ...-armed first has won: the second finds
no such item. Clocks there start in 1970 and jump when NTP answers, and the scheduler goes by the
clock; so nothing here does. The time is told by the uptime, looked at every ten seconds, and by a
job that waits; a restart by what runs once at startup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playbooks.guards.shell import WORKS
from playbooks.model import Command

_POLICY = "policy=ftp,read,write,policy,test,reboot,password,sensitive"
_LOOK_S = 10
FIRE_LIMIT_S = 600
# what the language reads as something else within quotes
_ESCAPED = {'"': '\\"', "\\": "\\\\", "$": "\\$", "?": "\\?", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_STATES = ("armed", "again", "undoing", "undone", "failed", "disarmed")


@dataclass(frozen=True, slots=True)
class RouterOs:
    """Texts are single lines; a name of an item begins with `ronda-guard-RUN-`."""

    def folder(self, run: int) -> str:
        return ""

    def prepare(self, run: int) -> Sequence[Command]:
        return ()

    def prove(self, run: int) -> Sequence[Command]:
        return [_command(_proof(f"ronda-guard-proof-{run}"), f"(?m)^{WORKS}", 60.0)]

    def arm(self, run: int, undo: Sequence[str], after_s: int) -> Sequence[Command]:
        names = [_name(run, f"undo-{number:03}") for number in range(1, len(undo) + 1)]
        scripts = dict(zip(names, undo, strict=True))
        scripts[_name(run, "net")] = _net(run, names)
        scripts[_name(run, "wait")] = f":delay {after_s}s; {_run(run)}"
        return [
            _command(_empty(run)),
            *(_command(_script(name, text)) for name, text in scripts.items()),
            _command(_triggers(run, after_s), "(?m)^ronda-guard armed"),
        ]

    def disarm(self, run: int) -> Command:
        return _command(f"{_renamed(run, 'armed', 'disarmed')}; {_told(run)}")

    def fire(self, run: int) -> Command:
        """In a job of its own: the undo may end the connection that asks for it."""
        waiting = f"[:len {_found(run, 'armed|again')}] > 0"
        going = f"[:len {_found(run, 'armed|again|undoing')}] > 0"
        text = (
            f"{_renamed(run, 'failed', 'again')}; "
            f":if ({waiting}) do={{:execute script={_text(_run(run))}}}; "
            f":local left {FIRE_LIMIT_S}; :while ($left > 0 and {going}) "
            f"do={{:delay 1s; :set left ($left - 1)}}; {_told(run)}"
        )
        return _command(text, limit_s=FIRE_LIMIT_S + 60.0)

    def read(self, run: int) -> Command:
        return _command(_told(run))

    def clear(self, run: int) -> Command:
        out = f"[:len {_found(run, 'armed|again|undoing')}] > 0"
        text = f':if ({out}) do={{:error "the net of run {run} is out"}}; {_removed(run)}'
        return _command(f"{text}; {_told(run)}")


ROUTEROS = RouterOs()


def _command(text: str, expect: str = "", limit_s: float = 30.0) -> Command:
    return Command(text, 0, expect=expect, limit_s=limit_s)


def _name(run: int, what: str) -> str:
    return f"ronda-guard-{run}-{what}"


def _text(text: str) -> str:
    """Any text as a string of the language; beyond ASCII as the bytes of UTF-8."""
    return f'"{"".join(_letters(text))}"'


def _letters(text: str) -> Iterator[str]:
    for letter in text:
        if letter in _ESCAPED:
            yield _ESCAPED[letter]
        elif " " <= letter <= "~":
            yield letter
        else:
            yield from (f"\\{byte:02X}" for byte in letter.encode())


def _script(name: str, source: str) -> str:
    return f"/system script add name={_text(name)} {_POLICY} source={_text(source)}"


def _run(run: int) -> str:
    return f"/system script run {_text(_name(run, 'net'))}"


def _found(run: int, states: str) -> str:
    return f'[/system script find where name~"^ronda-guard-{run}-({states})"]'


def _renamed(run: int, old: str, new: str) -> str:
    """Harmless where there is no such item; by name, as [find] would not fail."""
    old, new = _text(_name(run, old)), _text(_name(run, new))
    return f":do {{/system script set {old} name={new}}} on-error={{}}"


def _told(run: int) -> str:
    """What failed, then the state; looked for in the order in which a net passes them."""
    states = ";".join(_text(state) for state in _STATES)
    failed = _name(run, "failed")
    return (
        f":foreach id in=[/system script find where name={_text(failed)}] "
        f"do={{:put [/system script get $id source]}}; "
        f':local is "absent"; :foreach state in={{{states}}} do={{'
        f':if ([:len [/system script find where name=("{_name(run, "")}" . $state)]] > 0) '
        f"do={{:set is $state}}}}; "
        f':if ($is = "again") do={{:set is "undoing"}}; :put ("ronda-guard " . $is)'
    )


def _net(run: int, undo: Sequence[str]) -> str:
    """The undo, by whoever has the right to it; then what would look again is taken away."""
    undoing = _text(_name(run, "undoing"))
    take = (
        f":do {{/system script set {_text(_name(run, was))} name={undoing}; :set mine true}} "
        "on-error={}"
        for was in ("armed", "again")
    )
    steps = (
        f":do {{/system script run {_text(name)}}} "
        f'on-error={{:set bad ($bad . "{name} failed\\n")}}'
        for name in undo
    )
    done = (
        f':if ($bad = "") do={{/system script set {undoing} name={_text(_name(run, "undone"))}}} '
        f"else={{/system script set {undoing} name={_text(_name(run, 'failed'))} source=$bad}}"
    )
    first, second = take
    return "\n".join(
        [
            ":local mine false",
            ':local bad ""',
            first,
            f":if (!$mine) do={{{second}}}",
            f":if ($mine) do={{\n{chr(10).join([*steps, done])}\n}}",
            f":if ([:len {_found(run, 'undone|failed|disarmed')}] > 0) do={{{_unscheduled(run)}}}",
        ]
    )


def _triggers(run: int, after_s: int) -> str:
    """Both schedules, the job that waits, and last of all the state."""
    look = (
        '(":local now [/system resource get uptime]; :if (\\$now < [:totime \\"" . $now . '
        '"\\"] or \\$now >= [:totime \\"" . $due . "\\"]) do={" . $run . "}")'
    )
    # an undo that a power cut broke off is begun again: only what runs once a start may say so
    again = f"{_renamed(run, 'undoing', 'again')}; {_run(run)}"
    start = f":if ([/system resource get uptime] < 10m) do={{{again}}}"
    add = f"/system scheduler add {_POLICY}"
    return "; ".join(
        [
            ":local now [/system resource get uptime]",
            f":local due ($now + {after_s}s)",
            f":local run {_text(_run(run))}",
            f"{add} name={_text(_name(run, 'timer'))} interval={_LOOK_S}s on-event={look}",
            f"{add} name={_text(_name(run, 'boot'))} start-time=startup interval={_LOOK_S}s "
            f"on-event={look}",
            f"{add} name={_text(_name(run, 'start'))} start-time=startup interval=0s "
            f"on-event={_text(start)}",
            f":execute script={_text('/system script run ' + _name(run, 'wait'))}",
            _script(_name(run, "armed"), ""),
            _told(run),
        ]
    )


def _unscheduled(run: int) -> str:
    return f'/system scheduler remove [/system scheduler find where name~"^ronda-guard-{run}-"]'


def _removed(run: int) -> str:
    jobs = f'[/system script job find where script~"^ronda-guard-{run}-"]'
    scripts = f'[/system script find where name~"^ronda-guard-{run}-"]'
    return (
        f"{_unscheduled(run)}; :do {{/system script job remove {jobs}}} on-error={{}}; "
        f"/system script remove {scripts}"
    )


def _empty(run: int) -> str:
    """Away with what an arming that broke off has left; a net that is out stays."""
    out = f"[:len {_found(run, 'armed|again|undoing')}] > 0"
    told = f'{{:error "a net of run {run} is out already"}}'
    return f":if ({out}) do={told}; {_removed(run)}"


def _proof(name: str) -> str:
    """Two schedules, of either kind, hand on a mark within ten seconds."""

    def hands_on(old: str, new: str) -> str:
        return _text(f":do {{/system script set {_text(old)} name={_text(new)}}} on-error={{}}")

    add = f"/system scheduler add {_POLICY} interval=1s"
    clean = "; ".join(
        f'/system {kind} remove [/system {kind} find where name~"^{name}"]'
        for kind in ("scheduler", "script")
    )
    laid = "; ".join(
        [
            _script(name, ""),
            f"{add} name={_text(name + '-a')} on-event={hands_on(name, name + '-a')}",
            f"{add} name={_text(name + '-b')} start-time=startup "
            f"on-event={hands_on(name + '-a', name + '-ab')}",
        ]
    )
    works = f"[:len [/system script find where name={_text(name + '-ab')}]]"
    others = '[/system script find where name~"^ronda-guard-[0-9]+-(armed|again|undoing)"]'
    out = "the net of another run is still out: wait for its end"
    barred = "scripts and schedules may not be added: policy of the user, or device-mode"
    return "; ".join(
        [
            ':if ([/system resource get free-hdd-space] < 65536) do={:error "the flash is full"}',
            f':if ([:len {others}] > 0) do={{:error "{out}"}}',
            clean,
            f':do {{{laid}}} on-error={{{clean}; :error "{barred}"}}',
            f":local left 10; :while ($left > 0 and {works} = 0) "
            "do={:delay 1s; :set left ($left - 1)}",
            f":local works {works}",
            clean,
            ':if ($works = 0) do={:error "no schedule of one second ran within ten"}',
            f':put "{WORKS}"',
        ]
    )
