"""The agent of RouterOS, 6.49 and 7: scripts as they stand in agent/micro/routeros, and settings.

What differs between versions is found out on the router, by text that is read there only when it
runs: a router that is upgraded keeps its scripts.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from collector import quoting
from collector.cli_common import say
from collector.finding import few
from collector.micro import routeros_settings
from collector.micro.model import Check, Choices, File, Steps

_HOME = files("agent") / "micro" / "routeros"
_POLICY = "ftp,read,write,policy,test"
# what stands in the .rsc itself; all others are scripts on the router
_PARTS = ("install.rsc", "trust-own.rsc", "trust-public.rsc", "schedule.rsc")
_CHECKED = " check-certificate=yes-without-crl"
# those that speak to the centre
_SPEAK = ("ronda-send", "ronda-enrol")
_MENU = "/system script "
_CA = "ronda-ca.pem"


class RouterOs:
    """A MikroTik router or access point."""

    knows = (
        "form:lines;*:every_s,kind,uplink;ping:count,host,interval_s,name,wait_s;tcp:host,name,port,timeout_s;"
        "http:name,timeout_s,url;dns:name,query;known:centre,name;link:name;host:name;wifi:name"
    )

    def files(self, choices: Choices) -> Sequence[File]:
        """Scripts of the router by their names, and the authority that it trusts."""
        found = [File(f"{_MENU}{name}", 0o600, text) for name, text in _scripts(choices)]
        return [*found, File(_CA, 0o644, choices.ca)] if choices.ca else found

    def script(self, choices: Choices) -> str:
        """For `/import` on the router."""
        return "".join(_script(self, choices))

    def steps(self, choices: Choices) -> Steps:
        made = f"ronda sites script {choices.site} --platform routeros --out ronda.rsc"
        return Steps(
            (
                f"$ {made}",
                "$ scp ronda.rsc admin@192.168.88.1:",
                "or drag it into Files of WinBox; then in a terminal of the router:",
                "$ /import ronda.rsc",
                "if it says that device-mode bars something, give the command it shows, press the"
                " reset or mode button once within 5 minutes (or unplug the router), import again",
                '$ /log print where message~"ronda"',
                "it holds a code, so do not leave it there:",
                "$ /file remove ronda.rsc",
            ),
            (
                "in a terminal of the router:",
                "$ /system script run ronda-remove",
                *choices.revoking,
            ),
        )

    def sample(self, choices: Choices) -> str:
        """Of a router with one pool, a hotspot and two radios."""
        looks = routeros_settings.looks(choices)
        checks = "".join(f"{routeros_settings.line(check)}good\n" for check in looks)
        return f"{(_HOME / 'sample.txt').read_text()}every_s={choices.every_s}\n{checks}"

    def limits(self, choices: Choices) -> Sequence[str]:
        ports = [str(one["name"]) for one in choices.checks if one["kind"] == "tcp"]
        if not ports:
            return ()
        return (f"ports are looked at by RouterOS 7.4 and newer; before: unknown ({few(ports)})",)

    def looks(self, choices: Choices) -> Sequence[Check]:
        """All with each report; what is known of the centre is read off its answer."""
        looks = routeros_settings.looks(choices)
        return [{**one, "every_s": choices.every_s} for one in looks if one["kind"] != "known"]


def _scripts(choices: Choices) -> Iterator[tuple[str, str]]:
    """Settings first, what the schedule runs last: with it the agent is whole."""
    yield "ronda-settings", routeros_settings.settings(choices)
    names = sorted(each.name for each in _HOME.iterdir() if each.name.endswith(".rsc"))
    for name in [name for name in names if name not in _PARTS]:
        text = (_HOME / name).read_text()
        bare = name.removesuffix(".rsc")
        if bare in _SPEAK and not choices.closed:
            text = text.replace(_CHECKED, "")
        yield bare, text
        if bare == "ronda-wifi":
            # the same menu before 7.13
            yield "ronda-wave2", text.replace("/interface wifi ", "/interface wifiwave2 ")


def _script(platform: RouterOs, choices: Choices) -> Iterator[str]:
    steps = platform.steps(choices)
    yield f"# Ronda on RouterOS for {_shown(choices.site)} {_shown(choices.title)}\n"
    yield "# Holds a code to enrol with: nobody else may read this file.\n"
    for title, lines in (("Install", steps.install), ("Remove", steps.remove)):
        yield f"# {title}:\n"
        yield from (f"#   {_shown(line)}\n" for line in lines)
    yield (_HOME / "install.rsc").read_text()
    if choices.ca:
        own = (_HOME / "trust-own.rsc").read_text()
        yield own.replace("@{ca}", _lines(choices.ca))
    elif choices.closed:
        yield (_HOME / "trust-public.rsc").read_text()
    for name, text in _scripts(choices):
        source = _lines(text.removesuffix("\n"))
        yield f'/system script add name="{name}" policy={_POLICY} source={source}\n'
    yield (_HOME / "schedule.rsc").read_text()


def _lines(text: str) -> str:
    """A text of several lines as one string, a line of the file each, as RouterOS exports them."""
    first, *rest = text.split("\n")
    return f'"{_inside(first)}' + "".join(f"\\\n    \\n{_inside(line)}" for line in rest) + '"'


def _inside(line: str) -> str:
    return quoting.routeros_bytes(line)[1:-1]


def _shown(text: str) -> str:
    """In a comment: one line of letters that every version reads."""
    return say(text).encode("ascii", "replace").decode()
