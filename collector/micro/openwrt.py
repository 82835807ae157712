"""The agent of OpenWrt: shell files as they stand in agent/micro/openwrt, and one of settings.

Intervals and checks are not among the settings: the agent gets its site's configuration when it
enrols and follows it from then on, as any agent does.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from collector import quoting, release
from collector.cli_common import say
from collector.micro.model import Check, Choices, File, Steps

SETTINGS, CA = "/etc/ronda/settings", "/etc/ronda/ca.pem"
PROGRAMS = "/usr/lib/ronda"
SERVICE = "/etc/init.d/ronda"
KEPT = "/lib/upgrade/keep.d/ronda"
# of a connection, where nobody said; as in ronda.sh
_USUAL_COSTS = 6000
# stands alone on the line that ends a file
_END = "END_OF_THIS_FILE"
_HOME = files("agent") / "micro" / "openwrt"
# what lies where on the device, and who may do what with it
_PARTS: Mapping[str, tuple[str, int]] = {
    "ronda.init": (SERVICE, 0o755),
    "ronda.keep": (KEPT, 0o644),
    "ronda.sh": (f"{PROGRAMS}/ronda.sh", 0o755),
    **{
        name: (f"{PROGRAMS}/{name}", 0o644)
        for name in (
            "common.sh",
            "wire.sh",
            "facts.sh",
            "looks.sh",
            "spool.sh",
            "thrift.sh",
            "centre.sh",
            "json.awk",
            "checks.awk",
            "knows.txt",
        )
    },
}
_SAMPLE_CHECK = 'check.{0}=good\nronda_check_duration_seconds{{check="{0}"}}=0.12'


class OpenWrt:
    """A router or access point under procd."""

    @property
    def knows(self) -> str:
        """As the agent itself tells it."""
        return (_HOME / "knows.txt").read_text().strip()

    def files(self, choices: Choices) -> Sequence[File]:
        """Settings last: with them the agent is whole."""
        return [*_programs(), *_of_site(choices)]

    def script(self, choices: Choices) -> str:
        """For `sh` on the device; all of it runs in a shell of its own, so it can be pasted."""
        return "".join(_script(self, choices))

    def steps(self, choices: Choices) -> Steps:
        made = f"ronda sites script {choices.site} --platform openwrt"
        return Steps(
            (
                f"$ {made} | ssh root@192.168.1.1 sh",
                "or paste the whole script into an SSH session of the router",
                "$ /usr/lib/ronda/ronda.sh status",
            ),
            (
                "on the router:",
                "$ /etc/init.d/ronda stop; /etc/init.d/ronda disable",
                f"$ rm -rf {PROGRAMS} /etc/ronda /tmp/ronda {SERVICE} {KEPT}",
                *choices.revoking,
            ),
        )

    def sample(self, choices: Choices) -> str:
        checks = (_SAMPLE_CHECK.format(check["name"]) for check in choices.checks)
        return (_HOME / "sample.txt").read_text() + "\n".join(checks)

    def limits(self, choices: Choices) -> Sequence[str]:
        return ()

    def looks(self, choices: Choices) -> Sequence[Check]:
        return choices.checks


def _programs() -> Iterator[File]:
    for name, (path, mode) in _PARTS.items():
        yield File(path, mode, (_HOME / name).read_text())


def _of_site(choices: Choices) -> Iterator[File]:
    if choices.ca:
        yield File(CA, 0o644, choices.ca)
    yield File(SETTINGS, 0o600, settings(choices))


def settings(choices: Choices) -> str:
    """What differs from site to site, as a shell reads it."""
    given = {
        "SITE": choices.site,
        "URL": choices.url,
        "CODE": choices.code,
        "CA": CA if choices.ca else "",
        "WAN": choices.wan or "wan",
        "EVERY_S": str(choices.every_s) if choices.every_is_fixed else "",
        "VERSION": release.number(),
        "COSTS": str(choices.connection or _USUAL_COSTS),
    }
    return "".join(f"{name}={quoting.shell(value)}\n" for name, value in given.items())


def _script(platform: OpenWrt, choices: Choices) -> Iterator[str]:
    steps = platform.steps(choices)
    yield f"# Ronda on OpenWrt for {choices.site} {say(choices.title)}\n"
    yield "# Holds a code to enrol with: nobody else may read this file.\n"
    for title, lines in (("Install", steps.install), ("Remove", steps.remove)):
        yield f"# {title}:\n"
        yield from (f"#   {say(line)}\n" for line in lines)
    yield _HEAD
    for file in platform.files(choices):
        yield f"put {file.path} {file.mode:o} <<'{_END}'\n{_whole(file.text)}{_END}\n"
    yield _TAIL


def _whole(text: str) -> str:
    """Ends with a newline, and holds no line that would end the file early."""
    assert _END not in text
    return text if text.endswith("\n") else f"{text}\n"


# its only word: another folder than the device's own, to look at what would lie there
_HEAD = """(
set -eu
umask 077
root=${1:-}
put() {
  mkdir -p "$root${1%/*}"
  cat >"$root$1.new"
  chmod "$2" "$root$1.new"
  mv "$root$1.new" "$root$1"
}
"""
# without procd, for a trial, it is at work as long as its shell is
_TAIL = """[ -z "$root" ] || exit 0
if [ -e /etc/rc.common ]; then
  /etc/init.d/ronda enable
  /etc/init.d/ronda restart
else
  echo "ronda: no procd on this device; at work until it is stopped" >&2
  exec sh /usr/lib/ronda/ronda.sh run </dev/null
fi
)
"""
