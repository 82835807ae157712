"""The front door: one command, made of each floor's; `up` and `serve` compose the floors."""

import argparse
import asyncio
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent import __version__
from agent.strict import Refused
from collector import garbage

# after the parent's end a child may finish its round for this long, then it is gone
ORPHAN_LIMIT_S = 0.5
# its own ingest serves already: who is not enrolled by then will not be
ENROL_LIMIT_S = 60.0
ROLES = ("ingest", "engine", "web")
GIVEN = ("data", "console", "ingest", "public_url")  # settings that a command line says
ASIDE = ("demo", "parent", "outward")  # those that run where something asks for them
# who makes a command: only theirs is brought in, for all take longer than most commands do
MAKERS = {
    "collector.cli": "areas sites uplinks devices services contacts holidays doctor version",
    "collector.cli_agents": "agents",
    "collector.cli_centres": "centres parent",
    "collector.cli_query": "query",
    "collector.evidence.cli": "report",
    "collector.backup.cli": "backup restore",
    "alerts.cli": "channels contacts mutes windows duty quiet rules incidents",
    "playbooks.cli": "playbooks hosts",
    "web.cli": "walls users report",
    "collector.simulate.cli": "simulate",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 the answer is no, 2 wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["agent"]:
        from agent.cli import main as agent_main

        return agent_main(arguments[1:])
    try:
        with garbage.bringing_in(alone=argv is None):
            args = parser_for(arguments).parse_args(arguments)
        code: int = args.run(args)
        # here, so that a full disk behind the output is told like any other
        print(end="", flush=True)
        return code
    except Refused as refused:
        return _complain(str(refused))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # the reader of our output (head, less) has seen enough
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        place = "" if error.filename is None else f"{error.filename}: "
        return _complain(f"{place}{error.strerror or error}")
    except _databases_away() as error:
        return _complain(f"the database: {getattr(error, 'orig', error)}")


def _databases_away() -> tuple[type[Exception], ...]:
    """What is raised by one that is locked, full or gone; nothing where a command needs none."""
    errors = sys.modules.get("sqlalchemy.exc")
    return () if errors is None else (errors.OperationalError,)


def _complain(text: str) -> int:
    # drivers of databases explain themselves on several lines
    print(f"ronda: {' '.join(text.split())}", file=sys.stderr)
    return 2


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def parser_for(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """What understands `arguments`: all commands, or its own when the first one names a command."""
    try:
        from collector.cli_common import leaf

        floors = [importlib.import_module(name) for name in _makers(arguments)]
    except ModuleNotFoundError as missing:
        raise Refused(
            str(missing.name), "not installed; the centre needs: pip install 'ronda[collector]'"
        ) from missing
    parser = argparse.ArgumentParser(prog="ronda", description="the monitor of village networks")
    parser.add_argument("--version", action="version", version=f"ronda {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    up = leaf(commands, "up", "the whole centre on this machine, watching itself", _up)
    _centre_options(up)
    up.add_argument("--no-agent", action="store_true", help="do not watch this machine")
    up.add_argument("--demo", action="store_true", help="a regency that does not exist (LATIHAN)")
    serve = leaf(commands, "serve", "one role of the centre, or all of them", _serve)
    _centre_options(serve)
    serve.add_argument("--role", choices=("all", *ROLES, *ASIDE), default="all")
    commands.add_parser("agent", help="the agent (the same program as ronda-agent)", add_help=False)
    for floor in floors:
        floor.commands(commands)
    return parser


def _makers(arguments: Sequence[str]) -> list[str]:
    """The modules that make the command asked for; all of them when it is none that we know."""
    asked = arguments[0] if arguments else ""
    found = [module for module, commands in MAKERS.items() if asked in commands.split()]
    return found if found or asked in ("up", "serve") else list(MAKERS)


def _centre_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="ronda.toml")
    parser.add_argument("--console", metavar="HOST:PORT")
    parser.add_argument("--ingest", metavar="HOST:PORT")
    parser.add_argument("--public-url", metavar="URL")


def _serve(args: argparse.Namespace) -> int:
    settings = _settings(args)
    if args.role == "all":
        return _Centre(settings, args, with_agent=False).run()
    garbage.wait()  # until all that the role needs is there
    if args.role == "engine":
        return _run_engine(settings)
    if args.role == "ingest":
        from collector.intake.server import serve_alone as serve_ingest

        return _run_async(serve_ingest, settings)
    if args.role == "parent":
        return _run_parent(settings)
    if args.role == "outward":
        from collector.outward.process import run as run_outward

        return run_outward(settings, _asked_to_stop())
    if args.role == "demo":
        from alerts.demo import serve as serve_demo

        return _run_async(serve_demo, settings)
    from web.server import serve as serve_web

    return _run_async(serve_web, settings)


def _run_async(serve: Callable[..., Awaitable[None]], settings: Any) -> int:
    import uvloop

    from agent.herald import Herald
    from collector import lifeline, pulse

    async def main() -> None:
        garbage.look_from_here()
        stop, herald = asyncio.Event(), Herald()
        beating = asyncio.create_task(pulse.beat(herald.alive, herald.every_s))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        lifeline.watch(lambda: _orphaned(lambda: loop.call_soon_threadsafe(stop.set)))
        await serve(settings, stop)
        beating.cancel()

    uvloop.run(main())
    return 0


def _asked_to_stop() -> threading.Event:
    """Set when somebody wants this process to end, or its parent is gone."""
    from agent.herald import Herald
    from collector import lifeline, pulse

    garbage.look_from_here()
    stop = pulse.Asked(Herald().alive)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline.watch(lambda: _orphaned(stop.set))
    return stop


def _run_parent(settings: Any) -> int:
    from agent.upward import Told, Upward, wait_until_enrolled
    from web.upward.process import run

    return run(settings, _asked_to_stop(), Upward, Told, wait_until_enrolled)


def _run_engine(settings: Any) -> int:
    from alerts.floor import open_floor
    from collector import engine
    from collector.late import Late
    from web.floor import open_floors

    def floors(store: Any) -> Sequence[engine.Floor]:
        playbooks = Late("playbooks.floor", "open_floor", settings, store)
        return [open_floor(settings, store, time.time), playbooks, *open_floors(settings, store)]

    engine.run(settings, _asked_to_stop(), floors)
    return 0


def _orphaned(stop: Callable[[], object]) -> None:
    """The parent is gone: stop in good order if that is quick, and be gone either way."""
    stop()
    time.sleep(ORPHAN_LIMIT_S)
    os._exit(1)


def _up(args: argparse.Namespace) -> int:
    from collector.demo import mark

    if args.demo and not (args.data or args.config or os.environ.get("RONDA_DATA")):
        args.data = mark.FOLDER
    settings = mark.claim(_settings(args), args.demo)
    return _Centre(settings, args, with_agent=not (args.no_agent or args.demo)).run()


def _settings(args: argparse.Namespace) -> Any:
    from collector.authority import with_own_ca
    from collector.settings import load

    given = {name: getattr(args, name) for name in GIVEN}
    return with_own_ca(load(args.config, overrides=given), time.time())


@dataclass
class _Centre:
    """The parent process: prepares the data folder, keeps the roles running, tells when ready."""

    settings: Any
    args: argparse.Namespace
    with_agent: bool

    def run(self) -> int:
        from collector.config import doubt_addresses
        from collector.doors import PATIENCE_S, OnlyOne, claim
        from collector.supervise import Supervisor

        if doubt := doubt_addresses(self.settings):
            print(f"ronda: {doubt}", file=sys.stderr, flush=True)
        folder: Path = self.settings.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with OnlyOne(folder):
            for name in ("console", "ingest"):
                claim(name, getattr(self.settings, name), PATIENCE_S)
            self._prepare()
            centre = Supervisor(folder, [self._role(role) for role in ROLES])
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: centre.stop.set())
            centre.start()
            announcing = threading.Thread(target=self._announce, args=(centre,), daemon=True)
            announcing.start()
            centre.watch()
            # what it has begun ends with us
            announcing.join(ORPHAN_LIMIT_S)
        return 0

    def _prepare(self) -> None:
        """Databases at this version, secrets made."""
        from alerts.outside import refuse_unusable
        from collector import db, secret
        from collector.config import remember_addresses
        from collector.demo import mark

        refuse_unusable(self.settings)
        try:
            db.migrate(self.settings)
            store = db.open_store(self.settings)
            with db.writing(store) as connection:
                mark.confirm(connection, self.settings)
                remember_addresses(connection, self.settings)
            store.dispose()
        except db.Away as away:
            # reports are taken all the same; the roles wait for it, each by itself
            print(f"ronda: {away}; waiting for it", file=sys.stderr, flush=True)
        secret.load_secret(self.settings.folder)

    def _first_link(self) -> str | None:
        """The sign-in link, when nobody can sign in yet."""
        from collector import db
        from web import people

        store = db.open_store(self.settings)
        try:
            return people.first_link(store, time.time())
        finally:
            store.dispose()

    def _role(self, role: str) -> Any:
        from collector.supervise import ROOMY, Child

        command = [sys.executable, "-m", "ronda", "serve", "--role", role]
        for option in ("config", *GIVEN):
            if (value := getattr(self.args, option)) is not None:
                command += [f"--{option.replace('_', '-')}", str(value)]
        # ingest goes first so that nothing is called safe that nobody will fold before the end
        return Child(role, command, ROOMY if role == "web" else {}, 1 if role == "ingest" else 2)

    def _announce(self, centre: Any) -> None:
        from collector.outward import outlets
        from collector.own import watch
        from collector.supervise import wait_until_served

        settings = self.settings
        scheme, console = "https" if settings.cert else "http", f"http://{settings.console}"
        addresses = [f"{console}/healthz", f"{scheme}://{settings.ingest}/healthz"]
        if not wait_until_served(addresses, centre.stop):
            return
        if (link := self._first_link()) is not None:
            where = settings.public_url or console
            print(f"sign in once, within 15 minutes: {where}{link}", flush=True)
        print(f"ready {console}", flush=True)
        if settings.demo:
            centre.add(self._role("demo"))
        elif self.with_agent:
            watch(settings, centre, ENROL_LIMIT_S)
        for role, asked in (("outward", outlets.wanted(settings)), ("parent", settings.parent_url)):
            if asked:
                centre.add(self._role(role))


if __name__ == "__main__":
    sys.exit(main())
