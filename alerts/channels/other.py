"""Everything else: the services that Apprise knows, where it is installed (extra `other`)."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from agent.strict import Refused
from alerts.channels import NotifyFailed, text_of
from alerts.channels.judging import one_line
from alerts.channels.sms import short

_NEEDS = "needs Apprise: pip install 'ronda[other]'"


@dataclass(frozen=True)
class Other:
    """`url` as Apprise has it, `{target}` in it is the contact's address; `sms = true` sends the
    short form.
    """

    url: str = field(repr=False)
    sms: bool = False

    def check(self) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise Refused("kind", _NEEDS)
        if self._outlet("628120000000") is None:
            # the address holds passwords and is not shown
            raise Refused("url", "Apprise does not know this kind of address")

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        outlet = self._outlet(target)
        if outlet is None:
            raise NotifyFailed("Apprise does not take this address", permanent=True)
        text = short(message) if self.sms else text_of(message)
        # one address a call: of several it would not say which one failed
        told = outlet.notify(body=text, title="")
        if not told:
            raise NotifyFailed(f"Apprise: {_why(told)}")
        return "taken by Apprise"

    def _outlet(self, target: str) -> Any:
        # 40 MB that a centre without this channel does not pay
        apprise = importlib.import_module("apprise")
        outlet = apprise.Apprise()
        filled = self.url.replace("{target}", quote(target, safe=""))
        return outlet if outlet.add(filled) else None


def _why(told: Any) -> str:
    """What Apprise wrote down while it tried."""
    lines = []
    for result in told if hasattr(told, "__iter__") else []:
        logs = getattr(result, "logs", None)
        lines += [one_line(getattr(line, "message", line)) for line in (logs() if logs else [])]
    return one_line("; ".join(lines)) or "not taken, no reason given"
