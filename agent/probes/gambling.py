"""Does a page carry what those who break into village sites put there? Pure.

Advertisements for gambling, nearly always. A village also warns of gambling, and birds that sing
well are "gacor": so a phrase of the trade is enough, and of common words it takes two.
"""

import re
from collections.abc import Iterable

from agent.probes.text import words_of

_PHRASES = (
    "slot gacor", "slot online", "slot88", "slot777", "slot maxwin", "slot deposit", "situs slot",
    "agen slot", "bandar slot",
    "link slot", "daftar slot", "rtp slot", "rtp live", "scatter hitam", "togel online",
    "situs togel", "agen togel", "bandar togel terpercaya", "toto slot", "toto macau", "toto togel",
    "situs toto", "situs judi", "agen judi", "judi slot", "judi bola online", "poker online",
    "casino online", "live casino", "sbobet", "pragmatic play", "gates of olympus",
    "sweet bonanza", "mahjong ways", "starlight princess", "hacked by", "defaced by", "pwned by",
)  # fmt: skip
_COMMON = ("slot", "togel", "gacor", "maxwin", "jackpot", "casino", "kasino", "judi online", "rtp")
_ENOUGH_COMMON = 2
_BETWEEN = re.compile(r"[-_./?=&+]+|%20")


def found(
    page: str,
    addresses: Iterable[str] = (),
    own: Iterable[str] = (),
    allowed: Iterable[str] = (),
    built_in: bool = True,
) -> str:
    """The words that give it away; "" when nothing does.

    `own` words are enough each; what is `allowed` is taken out of the page before.
    """
    # what only search engines read stands inside of tags
    text = f" {words_of(page)} \n {' '.join(page.lower().split())} "
    ways = " ".join(_BETWEEN.sub(" ", address.lower()) for address in addresses)
    text += f"\n {ways} "
    for phrase in allowed:
        text = text.replace(" ".join(phrase.lower().split()), " ")
    for phrase in own:
        if phrase.lower() in text:
            return phrase
    if not built_in:
        return ""
    for phrase in _PHRASES:
        if _stands(phrase, text):
            return phrase
    common = [word for word in _COMMON if _stands(word, text)]
    return " ".join(common) if len(common) >= _ENOUGH_COMMON else ""


def _stands(phrase: str, text: str) -> bool:
    """As words of its own: `slot` is not in `slotted`, `slot88` is in `slot88.example`."""
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(phrase) : at + len(phrase) + 1]
        if not before.isalnum() and not after.isalpha():
            return True
        at = text.find(phrase, at + 1)
    return False
