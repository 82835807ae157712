"""What a person types at `ronda-agent`: one function a command."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence

from agent import __version__, cli
from agent.identity import Home
from agent.strict import Refused


def command(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Refused and wrong usage end it."""
    parser = make_parser()
    args, further = parser.parse_known_args(arguments)
    if args.run is run_probe:
        args.settings = _pairs(further, args.settings or ())
    elif further:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    code: int = args.run(args)
    return code


def make_parser() -> argparse.ArgumentParser:
    """All sub-commands; each sets `run`."""
    parser = argparse.ArgumentParser("ronda-agent", description="Watches one place for Ronda.")
    parser.add_argument("--version", action="version", version=__version__)
    _add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    return parser


def _add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The sub-commands."""
    run = _leaf(commands, "run", "watch and report until stopped", run_agent)
    run.add_argument("--config", help="TOML file instead of what the collector sends")
    once = _leaf(commands, "once", "probe everything once and show it", run_once)
    once.add_argument("--config", help="TOML file instead of what the collector sends")
    enrol = _leaf(commands, "enrol", "register with a collector", run_enrol)
    enrol.add_argument("url", metavar="URL")
    enrol.add_argument("code", metavar="CODE")
    enrol.add_argument("--name", help="what to call this agent (default: the host name)")
    enrol.add_argument("--ca", metavar="FILE", help="trust this CA (PEM) at first contact")
    enrol.add_argument(
        "--wait", type=float, default=3600.0, metavar="S", help="for network and approval"
    )
    probe = _leaf(commands, "probe", "one probe, settings as --KEY VALUE", run_probe)
    probe.add_argument("kind", metavar="KIND")
    probe.add_argument("--set", dest="settings", action="append", metavar="KEY=VALUE")
    _leaf(commands, "status", "how the running agent does", run_status)
    _add_setup(commands)


def _add_setup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What the single file does to a Debian machine."""
    install = _leaf(commands, "install", "put this file in its place, enrol, start", run_install)
    install.add_argument("url", metavar="URL", nargs="?", default="")
    install.add_argument("code", metavar="CODE", nargs="?", default="")
    install.add_argument("--name", default="", help="as for enrol")
    install.add_argument("--ca", metavar="FILE", help="as for enrol")
    install.add_argument("--wait", type=float, default=3600.0, metavar="S", help="as for enrol")
    install.add_argument(
        "--report", type=float, default=90.0, metavar="S", help="how long to wait for a report"
    )
    uninstall = _leaf(commands, "uninstall", "take it off this machine", run_uninstall)
    uninstall.add_argument("--forget", action="store_true", help="its data and enrolment, too")
    for each in (install, uninstall):
        each.add_argument("--english", action="store_true", help="say it in English")


def run_agent(args: argparse.Namespace) -> int:
    return cli.run(args.config)


def run_once(args: argparse.Namespace) -> int:
    from agent import once
    from agent.service import configuration

    home = _home()
    plan, _ = configuration(home, args.config, home.identity())
    found = once.look(plan.checks)
    print(json.dumps(once.as_json(found), indent=1) if args.json else once.as_table(found))
    return 0


def run_probe(args: argparse.Namespace) -> int:
    from agent import once
    from agent.around import Around
    from agent.report import Verdict
    from agent.service import centre, door, line_here

    home = _home()
    identity = home.identity()
    check = once.single(args.kind, args.settings, centre(identity), line_here(home))
    if args.kind == "snmp" and args.json:
        reading, profile = once.device(check)
        print(json.dumps(once.as_device(reading, profile)))
        return 0 if reading.verdict is Verdict.GOOD else 1
    if args.kind == "journey" and not args.json:
        reading, told = once.walk(check)
        print(once.as_way(reading, told))
        return 0 if reading.verdict is Verdict.GOOD else 1
    found = once.look([check], Around(by_hand=True, door=door(identity)))
    print(json.dumps(once.as_json(found)[0]) if args.json else once.as_table(found))
    return 1 if found[0][1].verdict in (Verdict.BAD, Verdict.UNKNOWN) else 0


def run_enrol(args: argparse.Namespace) -> int:
    from agent.clock import Clock
    from agent.enrol import NotEnrolled, Patience, Request, default_name, enrol

    name, ca = args.name or default_name(), _pem(args.ca)
    clock, patience = Clock(cli.root()), Patience(args.wait, time.monotonic, time.sleep)
    try:
        identity = enrol(_home(), Request(args.url, args.code, name, ca), clock, patience)
    except (NotEnrolled, OSError) as no:
        print(f"ronda-agent: not enrolled: {no}", file=sys.stderr)
        return 1
    told = {"agent": identity.agent, "site": identity.site, "url": identity.url}
    words = f"enrolled as agent {identity.agent} of site {identity.site}"
    print(json.dumps(told) if args.json else words)
    return 0


def run_status(args: argparse.Namespace) -> int:
    from agent.identity import public
    from agent.status import ask

    home = _home()
    told = ask(home.path("status.sock"))
    if told is None:
        identity = home.identity()
        told = {"running": False, **(public(identity) if identity else {})}
    print(json.dumps(told, indent=1) if args.json else _lines(told))
    return 0 if told["running"] else 1


def run_install(args: argparse.Namespace) -> int:
    from agent.setup.install import Wish, install
    from agent.setup.words import Tongue

    if bool(args.url) != bool(args.code):
        raise Refused("install", "URL and CODE go together")
    wish = Wish(_own_file(), args.url, args.code, args.name, _pem(args.ca), args.wait, args.report)
    return install(wish, Tongue("en" if args.english else "id"))


def run_uninstall(args: argparse.Namespace) -> int:
    from agent.setup.install import uninstall
    from agent.setup.words import Tongue

    return uninstall(args.forget, Tongue("en" if args.english else "id"))


def _own_file() -> str:
    """The single file that runs, "" where it is none."""
    archive = getattr(sys.modules[__name__].__loader__, "archive", "")
    return os.path.abspath(archive) if archive else ""


def _leaf(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    leaf = commands.add_parser(name, help=words, description=words)
    leaf.add_argument("--json", action="store_true", help="for programs")
    leaf.set_defaults(run=run)
    return leaf


def _pairs(further: Sequence[str], listed: Sequence[str]) -> dict[str, str]:
    """`--key value` and `--set key=value`; anything else is wrong usage."""
    pairs = dict(_split(text) for text in listed)
    at = 0
    while at < len(further):
        key, equals, value = further[at].partition("=")
        if not key.startswith("--") or (not equals and at + 1 == len(further)):
            raise Refused(further[at], "expected --KEY VALUE")
        pairs[key[2:].replace("-", "_")] = value if equals else further[at + 1]
        at += 1 if equals else 2
    return pairs


def _split(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise Refused(text, "expected KEY=VALUE")
    return key, value


def _home() -> Home:
    return Home(cli.data_folder())


def _pem(file: str | None) -> str:
    if file is None:
        return ""
    try:
        with open(file, encoding="ascii") as pem:
            return pem.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(file, str(error)) from error


def _lines(told: dict[str, object], indent: str = "") -> str:
    lines = []
    for key, value in told.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", _lines(value, indent + "  ")]
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            lines.append(f"{indent}{key:<20} {shown}")
    return "\n".join(lines)
