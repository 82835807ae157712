"""Text as an SMS carries it: 160 characters of the GSM-7 alphabet, each counting one."""

import unicodedata

MOST = 160
# 3GPP TS 23.038, 6.2.1, without the escape; its extension table (^{}[]~|\ and the euro) is left
# out because each of those counts two, and some phones show them wrong
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_INSTEAD = str.maketrans(
    {
        "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "|": "/", "~": "-", "^": "'", "`": "'",
        "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...",
        "•": "-", "·": "-", "×": "x", "°": " ", "€": "EUR", "«": '"', "»": '"', "\t": " ",
        "\r": " ",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """The same words in the alphabet: accents it lacks are dropped, what has no likeness is "?"."""
    return "".join(_plain(c) for c in text.translate(_INSTEAD))


def cut(text: str, most: int = MOST) -> str:
    """Not longer than `most`; what was cut off shows as dots."""
    return text if len(text) <= most else f"{text[: most - 2].rstrip()}.."


def fits(text: str) -> bool:
    """Whether it goes out as one message."""
    return len(text) <= MOST and all(c in ALPHABET for c in text)


def _plain(c: str) -> str:
    if c in ALPHABET:
        return c
    # marks that stand alone, directions of writing, zero-width joiners: nothing to be seen of them
    if unicodedata.category(c) in ("Mn", "Me", "Cf", "Cc"):
        return ""
    if c.isspace():
        return " "
    bare = "".join(b for b in unicodedata.normalize("NFKD", c) if b in ALPHABET)
    return bare or "?"
