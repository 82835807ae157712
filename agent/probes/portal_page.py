"""What stands in the page of a captive portal: its forms, where it leads on, whose it is. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.probes.text import title, words_of
from agent.wire import split_url

_MOST_FORMS, _MOST_FIELDS = 10, 100
_TAG = re.compile(r"<(/?)(form|input|button|meta|select|textarea)\b([^<>]{0,8000})>", re.I)
_NOT_SHOWN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
_ATTRIBUTE = re.compile(
    r"([a-zA-Z][a-zA-Z0-9_:-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?"
)
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*url\s*=\s*['\"]?([^'\"]+)", re.I)
# what login pages of RouterOS do with a password (their manual: md5 of id, password, challenge)
_CHAP = re.compile(
    r"hexMD5\(\s*'((?:\\.|[^'\\]){1,40})'\s*\+[^+]{1,80}\+\s*'((?:\\.|[^'\\]){1,200})'\s*\)"
)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.S)
_ENTITIES = (("&quot;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_SENT_ON = re.compile(
    r"\blocation(?:\.href)?\s*=\s*[\"']([^\"'\s]{1,2000})[\"']"
    r"|\blocation\.(?:replace|assign)\(\s*[\"']([^\"'\s]{1,2000})[\"']"
)
_OF_WHO = re.compile(r"user|login|voucher|kode|code", re.I)
_PUSHED = ("submit", "image", "button", "reset", "file")
_TYPED = ("text", "email", "tel", "number", "search", "")

# a page of these words is the provider's: one of the first, or two of the others
_SUSPENDED = (
    "isolir", "suspend", "tunggakan", "menunggak", "belum dibayar", "belum membayar",
    "belum melakukan pembayaran", "belum terbayar", "tagihan anda", "lunasi", "jatuh tempo",
    "unpaid", "overdue", "past due", "non-payment", "nonpayment", "masa aktif habis",
    "dinonaktifkan sementara", "dihentikan sementara", "diblokir sementara",
)  # fmt: skip
_OF_BILLS = (
    "tagihan", "pembayaran", "invoice", "billing", "virtual account", "rekening", "nomor pelanggan",
    "id pelanggan", "kontrak", "payment", "dinonaktifkan", "diblokir",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A form: where it sends to ("" = its own page), how, and what stands in it by name."""

    action: str = ""
    post: bool = False
    hidden: tuple[tuple[str, str], ...] = ()
    typed: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    # anything that a person can push or fill in
    alive: bool = False

    @property
    def asks(self) -> bool:
        """Wants to know who somebody is."""
        return bool(self.secret or any(_OF_WHO.search(name) for name in self.typed))


@dataclass
class _Open:
    """A form whose end has not come yet."""

    attributes: Mapping[str, str]
    hidden: list[tuple[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)
    alive: bool = False

    def take(self, tag: str, given: Mapping[str, str]) -> None:
        """One field of the form."""
        kind, name = given.get("type", "").lower(), given.get("name", "")
        if tag == "button" or kind in _PUSHED:
            kind = "submit"
        self.alive = self.alive or kind != "hidden"
        if kind == "submit" or not name or len(self.hidden) >= _MOST_FIELDS:
            return
        if kind == "password":
            self.secret.append(name)
        elif tag == "input" and kind in _TYPED and not given.get("value"):
            self.typed.append(name)
        elif kind != "radio" or "checked" in given:
            # a box to tick (the terms) is ticked
            self.hidden.append((name, given.get("value", "on" if kind == "checkbox" else "")))

    def close(self) -> Form:
        method, action = self.attributes.get("method", ""), self.attributes.get("action", "")
        lists = tuple(self.hidden), tuple(self.typed), tuple(self.secret)
        return Form(action.strip(), method.lower() == "post", *lists, self.alive)


def forms(page: str) -> list[Form]:
    """The forms of a page in their order; those of scripts and comments do not count."""
    found: list[Form] = []
    now: _Open | None = None
    for closing, tag, given in _tags(page):
        if tag == "form":
            if now is not None:
                found.append(now.close())
            now = None if closing or len(found) >= _MOST_FORMS else _Open(given)
        elif now is not None and not closing:
            now.take(tag, given)
    return [*found, now.close()] if now is not None else found


def login_form(page: str) -> Form | None:
    """The form a person would use to get in; None when the page has none."""
    usable = [form for form in forms(page) if form.alive]
    for wanted in (lambda f: bool(f.secret), lambda f: f.asks, lambda f: True):
        for form in usable:
            if wanted(form):
                return form
    return None


def onward(page: str) -> str:
    """Where the page leads on by itself (refresh, or a script of a page without a form)."""
    for _, tag, given in _tags(page):
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.match(given.get("content", ""))
            if found:
                return found[1].strip()
    if any(form.alive for form in forms(page)):
        return ""
    moved = _SENT_ON.search(page)
    return moved[1] or moved[2] if moved else ""


def filled(
    form: Form, page: str, who: tuple[str, str], further: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """The fields as a person sends them: `who` is user and password, ("", "") for nobody.

    `further`: NAME=VALUE with {user} and {password} in it, put in or in place of the page's.
    """
    user, password = who
    password = (chap(page, password) if password else "") or password
    sent = dict(form.hidden)
    named = [name for name in form.typed if _OF_WHO.search(name)] or list(form.typed)
    sent |= dict.fromkeys(form.typed, "")
    if named:
        sent[named[0]] = user
    sent |= dict.fromkeys(form.secret, password)
    for text in further:
        name, _, value = text.partition("=")
        sent[name] = value.replace("{user}", user).replace("{password}", password)
    return list(sent.items())


def chap(page: str, password: str) -> str:
    """What RouterOS wants instead of the password; "" where the page wants the password."""
    found = _CHAP.search(page)
    if found is None:
        return ""
    # only a hotspot that asks for it needs the module
    from hashlib import md5

    told = _bytes(found[1]) + password.encode() + _bytes(found[2])
    return md5(told, usedforsecurity=False).hexdigest()


def encoded(fields: Sequence[tuple[str, str]]) -> str:
    """As forms are sent (application/x-www-form-urlencoded)."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)


def asked_for(path: str, fields: Sequence[tuple[str, str]]) -> str:
    """The path of a form that is sent by GET: its own query is replaced, as browsers do."""
    return f"{path.partition('?')[0]}?{encoded(fields)}"


def of_provider(page: str, addresses: Sequence[str], own: bool) -> bool:
    """Is this a page about an unpaid bill? By its title, its addresses (without what was asked
    for), and its words unless it lets people in. `own`: it stands where the village's portal is."""
    form = login_form(page)
    if own and form is not None:
        return False
    named = " ".join([title(page), *map(_bare, addresses)]).lower()
    if any(word in named for word in _SUSPENDED):
        return True
    if form is not None and form.asks:
        return False
    words = words_of(_shown(page))
    if any(word in words for word in _SUSPENDED):
        return True
    return sum(word in f"{named} {words}" for word in _OF_BILLS) > 1


def _bare(url: str) -> str:
    """Host and path: the query often holds the address that was asked for, and a MAC."""
    try:
        _, host, _, path = split_url(url)
    except ValueError:
        return ""
    return host + path.partition("?")[0]


def _tags(page: str) -> Iterator[tuple[bool, str, Mapping[str, str]]]:
    for closing, tag, rest in _TAG.findall(_shown(page)):
        given: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(rest):
            given.setdefault(name.lower(), _plain("".join(values)))
        yield bool(closing), tag.lower(), given


def _shown(page: str) -> str:
    """The page without comments, scripts and styles; one pass each, whatever stands in it."""
    for begin, end in _NOT_SHOWN:
        kept, at, low = [], 0, page.lower()
        while (found := low.find(begin, at)) >= 0:
            kept.append(page[at:found])
            over = low.find(end, found)
            at = over if over >= 0 else len(page)
        page = " ".join([*kept, page[at:]])
    return page


def _quoted(text: str) -> str:
    kept = b"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(
        chr(byte) if byte in kept else "+" if byte == 32 else f"%{byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )


def _plain(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _bytes(text: str) -> bytes:
    """A string of JavaScript whose characters are bytes, escapes and all."""

    def one(found: re.Match[str]) -> str:
        octal, hexa, plain = found[1], found[2], found[3]
        return chr(int(octal, 8) & 0xFF) if octal else chr(int(hexa, 16)) if hexa else plain

    return _ESCAPE.sub(one, text).encode("latin-1", "replace")
