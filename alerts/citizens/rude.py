"""Words that no public page shows, and how to know them again when they are disguised."""

import re
from collections.abc import Iterator

# Indonesian, Javanese, Sundanese, Madurese, English; whole words only, so that pantai, masuk,
# asuransi and Babinsa pass
_WORDS = """
anjing anjir anying anjrit anjay asu babi bajingan bangsat bangke bedebah bego belegug biadab
bitch bodoh bokep brengsek bulshit bullshit celeng cocote colmek coli cuk cok cukimai cunt dancok
dick djancok dongo edan entot fuck fucking gathel gatel gembel goblok goblog idiot itil jablay
jamput jancok jancuk jembut kampret kampang kintil kirik kontol koplok keparat lonte maho matamu
memek modar monyet motherfucker ndasmu ngaceng ngentot ngewe nggatheli nigger pantek pecun pelacur
peler pelir pepek perek pukimak puki sarap sempak setan shit sialan silit sinting sontoloyo sundal
taek tahi tai tempik titit toket tolol wedus asshole bastard dungu kimak kafir
"""
_SUFFIXES = ("nya", "mu", "ku", "lah", "kau", "ne", "e")
_LEAST_WITH_SUFFIX = 5
_DISGUISES = str.maketrans("013457@$!8", "oieastasib")
_TOKEN = re.compile(r"[\w@$!*]*[\w@$*]")
# a n j i n g, a.n.j.i.n.g; `_` is a gap and no letter: were it both, a line of them took for ever
_SIGN = r"(?:[^\W_]|[@$!*])"
_SPACED = re.compile(rf"(?<![\w@$!*])(?:{_SIGN}[\s.\-_,]+){{2,}}{_SIGN}(?![\w@$!*])")
_AGAIN = re.compile(r"(.)\1+")


def _bare(word: str) -> str:
    """Small, undisguised, each letter once in a row."""
    return _AGAIN.sub(r"\1", word.lower().translate(_DISGUISES))


_KNOWN = frozenset(_bare(word) for word in _WORDS.split())


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where such words stand, in order; those spelled with gaps first."""
    for found in (*_SPACED.finditer(text), *_TOKEN.finditer(text)):
        if is_rude("".join(c for c in found[0] if c.isalnum() or c in "@$!*")):
            yield found.span()


def is_rude(word: str) -> bool:
    """Is it one of them, with an ending or without, disguised or not?"""
    if word.isdigit():
        return False
    bare = _bare(word.strip("!_"))
    if any(each in _KNOWN for each in _stems(bare)):
        return True
    return "*" in bare.strip("*") and _fits(bare)


def _stems(bare: str) -> Iterator[str]:
    yield bare
    for ending in _SUFFIXES:
        if bare.endswith(ending) and len(bare) - len(ending) >= _LEAST_WITH_SUFFIX:
            yield bare.removesuffix(ending)


def _fits(bare: str) -> bool:
    """k*ntol: a star is a letter or a few."""
    shape = re.compile(r"[^*]".join(map(re.escape, bare.split("*"))))
    return any(shape.fullmatch(word) for word in _KNOWN if len(word) >= _LEAST_WITH_SUFFIX)
