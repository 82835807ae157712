"""SMS: by a modem on this machine through gammu-smsd, or by a provider's HTTP gateway.

gammu-smsd works while the NOC's internet is down; it takes a message into its own queue and
sends from there, so "taken" is not "sent": `look` tells when its queue stands still.
"""

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.strict import Refused
from alerts import gsm7
from alerts.channels import Health, NotifyFailed
from alerts.channels.http import Web, check_url
from alerts.channels.judging import by_status, one_line, said
from alerts.channels.whatsapp import digits

_LIMIT_S = 20.0
# a modem sends one in a few seconds; what waits longer than this waits for the modem
_STUCK_S = 600.0


@dataclass(frozen=True)
class Gammu:
    """`config` is gammu-smsd's own file; `outbox` its outboxpath, to see whether messages leave;
    `inbox` its inboxpath, to read what people answer.
    """

    config: str = "/etc/gammu-smsdrc"
    outbox: str = ""
    program: str = "gammu-smsd-inject"
    limit_s: float = _LIMIT_S
    clock: Callable[[], float] = time.time
    inbox: str = ""

    @property
    def replies(self) -> bool:
        return bool(self.inbox)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        text = short(message)
        command = [self.program, "-c", self.config, "TEXT", f"+{digits(target)}"]
        done = self._run([*command, "-len", str(len(text))], text)
        told = one_line(done.stdout + " " + done.stderr)
        if done.returncode != 0:
            raise NotifyFailed(f"gammu-smsd-inject: {told}")
        written = re.search(r"Written message with ID (\S+)", done.stdout + done.stderr)
        if written is None:
            raise NotifyFailed(f"gammu-smsd-inject did not say that it took it: {told}")
        return f"queued as {Path(written[1]).name}"

    def look(self) -> Health:
        if not self.outbox:
            return Health(True, "taken into a queue; set outbox to see whether it moves")
        try:
            ages = [self.clock() - path.stat().st_mtime for path in Path(self.outbox).iterdir()]
        except OSError as error:
            raise NotifyFailed(f"{self.outbox}: {error.strerror}", permanent=True) from error
        stuck = sum(age > _STUCK_S for age in ages)
        if stuck:
            return Health(False, f"{stuck} messages wait for more than 10 minutes: modem, SIM?")
        return Health(True, f"{len(ages)} messages in the queue")

    def _run(self, command: list[str], text: str) -> "subprocess.CompletedProcess[str]":
        try:
            # by stdin: the list of processes is open to everybody on the machine
            return subprocess.run(
                command, input=text, capture_output=True, text=True, timeout=self.limit_s
            )
        except FileNotFoundError as error:
            raise NotifyFailed(f"{self.program} is not installed", permanent=True) from error
        except subprocess.TimeoutExpired as error:
            raise NotifyFailed(f"{self.program} did not end in time") from error
        except OSError as error:
            raise NotifyFailed(f"{self.program}: {error.strerror}", permanent=True) from error


@dataclass(frozen=True)
class SmsGateway:
    """Any provider with an HTTP address: `{target}`, `{number}` (without +) and `{text}` are put
    into `url`, `form` and `json`. `taken` must be found in the answer, `refused` must not.
    """

    # it may hold a password
    url: str = field(repr=False)
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] = field(default_factory=dict, repr=False)
    json: dict[str, str] = field(default_factory=dict, repr=False)
    taken: str = ""
    refused: str = ""
    final: str = ""
    web: Web = field(default_factory=Web)
    replies: bool = False
    # under which names its hook gives number, words and, where it has one, the message's own name
    heard: dict[str, str] = field(default_factory=lambda: {"sender": "from", "text": "message"})

    def check(self) -> None:
        check_url("url", self.url.replace("{", "").replace("}", ""))
        if self.method not in ("POST", "GET"):
            raise Refused("method", f"expected POST or GET, got {self.method!r}")
        if self.form and self.json:
            raise Refused("json", "form and json exclude each other")
        if not {"sender", "text"} <= set(self.heard) <= {"sender", "text", "id"}:
            raise Refused("heard", "expected sender and text, and id where there is one")
        for name in ("taken", "refused", "final"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise Refused(name, f"not a pattern: {error}") from None
        shown = [self.url, *self.form.values(), *self.json.values()]
        if not any("{text}" in one for one in shown):
            raise Refused("url", "{text} stands neither in url nor in form nor in json")

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        number = digits(target)
        values = {"{target}": f"+{number}", "{number}": number, "{text}": short(message)}
        url = _fill(self.url, {name: quote(value, safe="") for name, value in values.items()})
        if self.form:
            told = {name: _fill(text, values) for name, text in self.form.items()}
            answer = self.web.post_form(url, told, self.headers)
        elif self.json:
            told = {name: _fill(text, values) for name, text in self.json.items()}
            answer = self.web.post_json(url, told, self.headers)
        else:
            answer = self.web.ask(self.method, url, self.headers)
        if not 200 <= answer.status < 300:
            raise by_status(answer)
        return self._judge(answer.status, said(answer))

    def _judge(self, status: int, words: str) -> str:
        if self.refused and re.search(self.refused, words):
            final = bool(self.final) and re.search(self.final, words) is not None
            raise NotifyFailed(f"{status}, but it says {words}", permanent=final)
        if self.taken and not re.search(self.taken, words):
            raise NotifyFailed(f"{status}, but it does not say that it took it: {words}")
        return f"{status} {words}".strip()


def short(message: Mapping[str, Any]) -> str:
    """The message as one SMS: 160 characters of GSM-7 at most."""
    return gsm7.cut(gsm7.plain(str(message.get("sms") or message.get("text", ""))))


def _fill(text: str, values: Mapping[str, str]) -> str:
    # in one pass: a text that holds "{number}" is not filled again
    return re.sub(r"\{(?:target|number|text)\}", lambda found: values[found[0]], text)
