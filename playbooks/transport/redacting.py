"""Secrets of a run, and addresses of people's devices, taken out of what devices say, before it is
stored, shown or logged."""

import base64
import html
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from playbooks import quoting
from playbooks.model import Platform

HIDDEN = "********"
# logs of a router name every phone that joined; no such address leaves the village (UU 27/2022)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"(?![0-9A-Za-z]|[:-][0-9A-Fa-f])"
)
MASKED = "xx:xx:xx:xx:xx:xx"
# what is shorter stands in every text; alone as a word it is hidden all the same
_SHORT = 4
# the beginning of a secret at the end of a text that was cut
_LEAST_PIECE = 4


class Redactor:
    """Hides each secret in every form that a device or a program is likely to repeat it in."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # what holds another one goes first
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(_sought, self._forms))) if forms else None

    def clean(self, text: str, cut: bool = False) -> str:
        """The text without them; `cut`: it may end in the middle of one."""
        text = _MAC.sub(MASKED, text)
        if self._pattern is None:
            return text
        cleaned = self._pattern.sub(HIDDEN, text)
        return self._without_piece(cleaned) if cut else cleaned

    def _without_piece(self, text: str) -> str:
        longest = max((_piece(text, form) for form in self._forms), default=0)
        return text[: len(text) - longest] + HIDDEN if longest else text


def _piece(text: str, form: str) -> int:
    """How much of the beginning of `form` the text ends with."""
    lengths = range(min(len(form) - 1, len(text)), _LEAST_PIECE - 1, -1)
    return next((length for length in lengths if text.endswith(form[:length])), 0)


def _sought(form: str) -> str:
    if len(form) >= _SHORT:
        return re.escape(form)
    return rf"(?<![^\W_]){re.escape(form)}(?![^\W_])"


def _forms(secret: str) -> Iterator[str]:
    yield secret
    # a private key: lines of it are told apart, with other ends
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= 16 and not line.startswith("-----"))
    for whole in (
        shlex.quote(secret),
        quoting.quoted(Platform.ROUTEROS, secret),
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
    ):
        yield whole if whole == secret else whole[1:-1]
    yield "".join(f"\\{c}" if c in '"\\$`' else c for c in secret)
    yield re.sub(r"([^A-Za-z0-9_@%+=:,./-])", r"\\\1", secret)
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield html.escape(secret)
    yield html.escape(secret, quote=False)
    if len(secret) >= _SHORT:
        yield secret.encode().hex()
        yield secret.encode().hex().upper()
        yield from _in_base64(secret.encode())


def _in_base64(secret: bytes) -> Iterator[str]:
    """What any text that holds the secret holds in base64, wherever in it the secret begins."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + secret).decode()
        first = (0, 2, 3)[before]
        # the last characters are made of what follows, too
        sure = whole[first : (before + len(secret)) * 8 // 6]
        if len(sure) >= _SHORT:
            yield sure
            yield sure.replace("+", "-").replace("/", "_")
