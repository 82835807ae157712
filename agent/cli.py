"""The command `ronda-agent`: run, once, enrol, probe, status.

`run` stays for years on a router with little memory, so it is started before anything is
imported that only the other commands need.
"""

import os
import sys
from collections.abc import Sequence

from agent import ground
from agent.lean import spare_inspect, start_over

ROOT, DATA = "RONDA_AGENT_ROOT", "RONDA_AGENT_DATA"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 the answer is no, 2 wrong usage or configuration."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    spare_inspect()
    from agent.strict import Refused

    try:
        if words[:1] == ["run"] and (len(words) == 1 or words[1:2] == ["--config"] == words[1:-1]):
            return run(words[2] if len(words) > 1 else None)
        from agent.commands import command

        return command(words)
    except Refused as refused:
        print(f"ronda-agent: {refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:
        # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def run(config: str | None) -> int:
    """Watch and report until told to stop."""
    start_over("agent.cli", ["run", *(("--config", config) if config else ())])
    from agent.service import Service

    return Service(data_folder(), config, root()).run()


def data_folder() -> str:
    """Where token, configuration and spool are kept."""
    folder = os.environ.get(DATA, "")
    return os.path.expanduser(folder) if folder else ground.default_folder()


def root() -> str:
    """Where /proc and /sys are looked for."""
    return os.environ.get(ROOT) or "/"


if __name__ == "__main__":
    sys.exit(main())
