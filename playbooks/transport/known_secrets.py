"""Secrets that nobody told us of, known by how devices write them, taken out of what they print."""

import re

from playbooks.transport.redacting import HIDDEN

# the end of a name, whatever menu or section it stands in
_NAMES = (
    r"password|passphrase|passwd|secret|pre-?shared-key|private-key|auth-key|static-key-[0-3]"
    r"|protection-key|sta-private-key|encryption-key|psk|token|rondatoken"
)
# RouterOS breaks a line anywhere, in a value as well: a backslash, and spaces before the rest
_BREAK = r"(?:\\\r?\n[ \t]*)?"
_QUOTED = r'"(?:\\.|[^"\\])*(?:"|\Z)'
_BARE = r"(?:\\\r?\n[ \t]*|\\[^\r\n]|[^\s;\"\\\])}])+"
_ASSIGNED = re.compile(
    rf"(?i)((?:{_NAMES})[ \t]?={_BREAK})({_QUOTED}|{_BARE})",
    re.DOTALL,
)
# `key = value` of WireGuard and hostapd, `option key 'value'` of OpenWrt, `password: value` of YAML
_OPTION = re.compile(
    r"(?im)^([ \t]*(?:option|list)[ \t]+"
    r"\w*(?:key|password|passphrase|passwd|secret|psk|token)\w*[ \t]+)"
    r"('[^'\n]*'|\"[^\"\n]*\"|\S+)"
)
_SHOWN = re.compile(
    r"(?im)^([ \t]*[\w-]*(?:password|passphrase|passwd|secret|preshared-?key|private-?key)"
    r"[ \t]*[:=][ \t]+)(\S[^\r\n]*)"
)
# what Ronda's agents and programs show to the collector
_BEARER = re.compile(r"(?i)(bearer(?:\s|%20)+)[A-Za-z0-9._~+/=-]{8,}")
_BASIC = re.compile(r"(?i)(authorization:\s*basic\s+)[A-Za-z0-9+/=]{8,}")
_IN_ADDRESS = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@\"']{1,64}:)[^\s/@\"']+(@)")
# 32 bytes in base64 for addresses, as `secrets` and the collector make them; no letters of a
# longer word, and not a fingerprint, which stands behind a colon
_TOKEN = re.compile(r"(?<![A-Za-z0-9_:/+=.-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_/+=.-])")
_PEM = re.compile(
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)


def hide(text: str) -> str:
    """The text without the secrets in it; what it says otherwise stays as it is."""
    text = _PEM.sub(rf"\1{HIDDEN}\2", text)
    text = _ASSIGNED.sub(_assigned, text)
    for pattern in (_OPTION, _SHOWN, _BEARER, _BASIC):
        text = pattern.sub(rf"\1{HIDDEN}", text)
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}\2", text)
    return _TOKEN.sub(_token, text)


def hide_in_export(data: bytes) -> bytes:
    """The same of an export; bytes that are no text stay as they are."""
    return hide(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _assigned(found: re.Match[str]) -> str:
    # nothing is a secret in `password=""`, and a reader wants to know that there is none
    return found[0] if found[2] == '""' else f"{found[1]}{HIDDEN}"


def _token(found: re.Match[str]) -> str:
    """A word of so many small letters, or capitals, alone is none of ours."""
    word = found[0]
    mixed = any(c.isupper() for c in word) and any(c.islower() for c in word)
    return HIDDEN if mixed else word
