"""Do a village's mail servers greet, encrypt and take a login? No mail is sent."""

from dataclasses import dataclass
from typing import ClassVar

from agent.dial import WireError
from agent.probes import login
from agent.probes.secured import Secured
from agent.probes.talk import Talk
from agent.probes.visit import Trust
from agent.report import ProbeFailed, series
from agent.strict import Refused

_MOST_LINES = 100
_SHOWN = 80


@dataclass(frozen=True)
class Smtp(Secured):
    """Greeting, EHLO and, as `tls` wants it, STARTTLS; `hello` is the name we give."""

    port: int = 25
    tls: str = "auto"
    hello: str = "ronda.invalid"

    def check(self) -> None:
        super().check()
        if not (self.hello.isascii() and self.hello.isprintable() and " " not in self.hello):
            raise Refused("hello", f"not a name: {self.hello[:80]!r}")

    def converse(self, talk: Talk, trust: Trust, values: dict[str, float | None]) -> str:
        code, said = _reply(talk)
        if code != 220:
            return _refusal(talk, code, said[0])
        talk.send(f"EHLO {self.hello}\r\n".encode())
        code, said = _reply(talk)
        if code != 250:
            return _refusal(talk, code, said[0])
        offered = any(line.split()[:1] == ["STARTTLS"] for line in map(str.upper, said))
        if self.tls == "starttls" and not offered:
            return f"the mail server {talk.where} offers no encryption"
        if self.tls == "starttls" or (self.tls == "auto" and offered):
            talk.send(b"STARTTLS\r\n")
            code, said = _reply(talk)
            if code != 220:
                return _refusal(talk, code, said[0])
            talk.secure(trust)
            talk.send(f"EHLO {self.hello}\r\n".encode())
            code, said = _reply(talk)
        _leave(talk, b"QUIT\r\n")
        return "" if code == 250 else _refusal(talk, code, said[0])


@dataclass(frozen=True)
class Imap(Secured):
    """Greeting and capabilities; with `login` also a login, and how full the mailbox is."""

    port: int = 993
    tls: str = "tls"
    login: bool = False

    ways: ClassVar[tuple[str, ...]] = ("tls", "starttls", "none")

    def check(self) -> None:
        super().check()
        if self.login and (self.tls == "none" or not self.verify_certificate):
            login.refuse_open(self.address or self.host)

    def converse(self, talk: Talk, trust: Trust, values: dict[str, float | None]) -> str:
        greeting = talk.line()
        if not greeting.upper().startswith(("* OK", "* PREAUTH")):
            shown = greeting.removeprefix("* ")[:_SHOWN]
            return f"the mail server {talk.where} answers {shown!r}"
        if self.tls == "starttls":
            if (refused := _command(talk, "STARTTLS")[0]) != "OK":
                return f"the mail server {talk.where} offers no encryption ({refused})"
            talk.secure(trust)
        result, lines = _command(talk, "CAPABILITY")
        if result != "OK" or not any(" IMAP4" in line.upper() for line in lines):
            return f"{talk.where} does not speak IMAP"
        why = self._enter(talk, values) if self.login else ""
        _leave(talk, b"z LOGOUT\r\n")
        return why

    def _enter(self, talk: Talk, values: dict[str, float | None]) -> str:
        quota = series("ronda_check_quota_used_ratio", {"check": self.name})
        values[quota] = None
        user, password = login.of(self.host)
        result, _ = _command(talk, f"LOGIN {_quoted(user)} {_quoted(password)}")
        if result != "OK":
            raise ProbeFailed(f"{talk.where} refuses the login of {user}")
        result, lines = _command(talk, "GETQUOTAROOT INBOX")
        if result == "OK":
            values[quota] = quota_used(lines)
        return ""


def quota_used(lines: list[str]) -> float | None:
    """The fullest of all quotas told (RFC 2087): STORAGE in kB, MESSAGE; None when none is."""
    shares = []
    for line in lines:
        inside = line.rpartition("(")[2].rstrip(")").split()
        if not line.upper().startswith("* QUOTA "):
            continue
        for used, limit in zip(inside[1::3], inside[2::3], strict=False):
            if used.isdigit() and limit.isdigit() and int(limit):
                shares.append(int(used) / int(limit))
    return max(shares, default=None)


def _reply(talk: Talk) -> tuple[int, list[str]]:
    """Code and texts of an answer of SMTP, which may have several lines."""
    said: list[str] = []
    for _ in range(_MOST_LINES):
        line = talk.line()
        if not (line[:3].isascii() and line[:3].isdigit()) or line[3:4] not in ("", " ", "-"):
            raise WireError(f"{talk.where} does not speak SMTP")
        said.append(line[4:])
        if line[3:4] != "-":
            return int(line[:3]), said
    raise WireError(f"{talk.where} answers with too much")


def _refusal(talk: Talk, code: int, said: str) -> str:
    return f"the mail server {talk.where} answers {f'{code} {said}'.strip()[:_SHOWN]!r}"


def _command(talk: Talk, command: str) -> tuple[str, list[str]]:
    """The result (OK, NO, BAD) of a command of IMAP, and the lines before it."""
    talk.send(f"a {command}\r\n".encode())
    lines: list[str] = []
    for _ in range(_MOST_LINES):
        line = talk.line()
        tag, _, rest = line.partition(" ")
        if tag == "a":
            return rest.partition(" ")[0].upper(), lines
        lines.append(line)
    raise WireError(f"{talk.where} answers with too much")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _leave(talk: Talk, words: bytes) -> None:
    try:
        talk.send(words)
        talk.line()
    except WireError:
        # what we wanted to know is known
        pass
