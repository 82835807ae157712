"""Numbers of reports: people can read them out, nobody can guess the next one, slips are seen."""

import re
import secrets

# neither vowels nor what looks alike: no word comes of it, and 0 is never O
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 9
_BETWEEN = re.compile(r"[\s.\-–—_]+")
_SHAPE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


def make() -> str:
    """A new one: 28^8 are possible, and the last sign tells a slip."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return show(signs + _check(signs))


def show(signs: str) -> str:
    """In threes."""
    return "-".join(signs[at : at + 3] for at in range(0, LENGTH, 3))


def read(text: str) -> str:
    """The number as it is kept, however it was typed; "" when it can be none."""
    signs = _BETWEEN.sub("", text.strip().removeprefix("#")).upper()
    if not _SHAPE.fullmatch(signs) or _check(signs[:-1]) != signs[-1]:
        return ""
    return show(signs)


def _check(signs: str) -> str:
    # odd factors that the alphabet's length shares nothing with: each single slip changes the sum
    factors = (1, 3, 5, 9, 11, 13, 15, 17)
    total = sum(f * ALPHABET.index(sign) for f, sign in zip(factors, signs, strict=True))
    return ALPHABET[total % len(ALPHABET)]
