"""The words of a message, rendered from the incident's data in the reader's language.

Two forms: the text (600 characters at most), and the SMS (160 of GSM-7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts import gsm7
from alerts.words import LANGUAGES, Template, Words, fill, parts, words
from collector.inventory.applying import inside_name
from collector.lasting import units_of
from collector.printable import cut_short
from collector.reasons import say

MOST_CHARS = 600
SURE = 0.7
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
# words a site's name may begin with that already say what it is
_PLACES = ("desa", "kelurahan", "kantor", "balai", "kecamatan", "kampung", "dusun", "nagari")
_SHORTER = {
    "Kelurahan": "Kel", "Kecamatan": "Kec", "Kabupaten": "Kab", "Kantor": "Ktr", "Desa": "Ds",
    "Kampung": "Kp", "Dusun": "Dsn", "Nagari": "Ngr", "Puskesmas": "Pusk", "Pembantu": "Pemb",
}  # fmt: skip
VALUE_CHARS = 120
_NAME_CHARS = 60
_OWN_CHARS = 300
# what a text that is too long does without, and what an SMS has less of
_SPARED = ("reason", "link", "confirm", "ask", "isp")
_SHORTER_IN_SMS = ("short", "check_short", "isp", "own")
# their first line says why
_SAYS_WHY = ("power", "suspended")
_OWN = Template("{own}", ("{own}", "{sms_tail}"))
_WORKS = ("normal", "slow")
_APPLICATIONS = ("http", "tcp", "service")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message tells of; times are UTC epoch seconds, what nobody knows is empty."""

    incident: int
    check: str
    kind: str
    site_code: str
    site_name: str
    site_state: str
    reason: str
    zone: ZoneInfo
    down_since: float
    now: float
    resolved_at: float | None = None
    role: str = "village"
    cause: str = ""
    isp: str = ""
    isp_phone: str = ""
    service_no: str = ""
    link: str = ""
    replies: bool = False
    # what the templates of other incidents need: percent, minutes, host, members and their like;
    # @disk stands for a word of the reader's language
    more: Mapping[str, str] | None = None


def render(
    news: str, facts: Facts, language: str, template: str = "", own: str = "", within: str = ""
) -> str:
    """The text for one reader; an unknown language is Indonesian.

    `own`: the rule's own words, which stand in place of a template's. `within`: a template that
    tells the first line of it, and for the rest what stands there.
    """
    if own and not within:
        return _own_words(own, values(facts, language)["tail"], MOST_CHARS)
    chosen, known = _chosen(facts, language, template or choose(news, facts), own, within)
    told = fill(chosen.text, known)
    if len(told) <= MOST_CHARS:
        return told
    told = fill(chosen.text, known | dict.fromkeys(_SPARED, ""))
    number = f"\n#{facts.incident}"
    return told if len(told) <= MOST_CHARS else told[: MOST_CHARS - len(number)] + number


def sms(
    news: str, facts: Facts, language: str, template: str = "", own: str = "", within: str = ""
) -> str:
    """The same in 160 characters of GSM-7: what and where, the number, advice as far as it goes."""
    if own and not within:
        tail = gsm7.plain(values(facts, language)["sms_tail"])
        said = gsm7.plain(one_line(own, 4 * gsm7.MOST))
        return f"{gsm7.cut(said, gsm7.MOST - len(tail) - 1)} {tail}"
    chosen, known = _chosen(facts, language, template or choose(news, facts), own, within)
    told = {name: gsm7.plain(text) for name, text in known.items()}
    for chars in (_NAME_CHARS, 40, 30, 22, 16, 12, 8):
        shorter = {name: gsm7.cut(told.get(name, ""), chars) for name in _SHORTER_IN_SMS}
        fitting = _fitting(chosen, {**told, **shorter, "what_short": _what(shorter, told)})
        if gsm7.fits(fitting):
            return fitting
    return gsm7.cut(gsm7.plain(fitting), gsm7.MOST - len(told["sms_tail"])) + told["sms_tail"]


def _chosen(
    facts: Facts, language: str, template: str, own: str, within: str
) -> tuple[Template, dict[str, str]]:
    """The template to fill, and with what; own words are one line within another one."""
    known, templates = values(facts, language), words(language).templates
    if not within:
        return templates[template], known
    known["own"] = one_line(own, _OWN_CHARS)
    if template in _SAYS_WHY:
        known["guess"] = ""
    return (_OWN if own else templates[template]).within(templates[within]), known


def choose(news: str, facts: Facts) -> str:
    """Which template tells this news."""
    if news != "opened":
        return "recovered"
    if facts.kind == "known":
        return "suspended"
    return "app" if facts.kind in _APPLICATIONS else "check"


def known(template: str) -> bool:
    """Whether there is a template of this name."""
    return template in words(LANGUAGES[0]).templates


def whole(template: str) -> bool:
    """Whether all that a template says is for whoever is elsewhere, too."""
    return words(LANGUAGES[0]).templates[template].whole


def _own_words(text: str, tail: str, most: int) -> str:
    lines = [line for line in (one_line(line, most) for line in text.splitlines()) if line]
    told = "\n".join(lines)
    room = most - len(tail) - 1
    return f"{told if len(told) <= room else told[: room - 3] + '...'}\n{tail}"


def values(facts: Facts, language: str) -> dict[str, str]:
    """What stands in the places of a template."""
    known = words(language)
    language = language if language in LANGUAGES else LANGUAGES[0]
    why = _cause(known, facts)
    over = facts.now if facts.resolved_at is None else facts.resolved_at
    where = one_line(place(facts.site_code, facts.site_name, language), _NAME_CHARS)
    number, check = str(facts.incident), one_line(inside_name(facts.check), _NAME_CHARS)
    reply = known.words["reply"].format(incident=number) if facts.replies else f"#{number}"
    short = known.words["sms_reply"].format(incident=number) if facts.replies else f"#{number}"
    return {
        "incident": number,
        "place": where,
        "short": shorten(where),
        "check": check,
        "check_short": shorten(check),
        "what": check or known.words["internet"],
        "since": local(facts.down_since, facts.zone, facts.now, language),
        "at": local(facts.down_since, facts.zone, facts.now, language, named=False),
        "until": local(over, facts.zone, facts.now, language),
        "until_at": local(over, facts.zone, facts.now, language, named=False),
        "lasted": lasted(over - facts.down_since, language),
        "reason": reason(facts.reason, language),
        "internet": internet(facts.site_state, language),
        "broken": _of_kind(known.broken, facts.kind),
        "aid": _of_kind(known.aid, facts.kind),
        "cause": why,
        "guess": why,
        "isp": one_line(facts.isp, _NAME_CHARS),
        "isp_phone": facts.isp_phone,
        "service_no": one_line(facts.service_no, _NAME_CHARS),
        "link": facts.link,
        # of an end: is it right, or what was it?
        "confirm": facts.link if why else "",
        "ask": "" if why else facts.link,
        "held": known.words["nobody_has_it"],
        "noc": "" if facts.role == "noc" else "NOC",
        "tail": reply,
        "sms_tail": short,
        **{name: _worded(known, text) for name, text in (facts.more or {}).items()},
    }


def cause(name: str, confidence: float, language: str) -> str:
    """A cause in words; empty while it is a guess: a guess is not told as what it was."""
    return words(language).causes.get(name, "") if confidence >= SURE else ""


def reason(text: str, language: str) -> str:
    """The agent's own words for the reader."""
    return one_line(say(text, language), VALUE_CHARS)


def internet(state: str, language: str) -> str:
    """`Internet normal.` of a site in this state; empty where it does not work or nobody knows."""
    text: str = words(language).words.get(state, "") if state in _WORKS else ""
    return text


def place(code: str, name: str, language: str = "id") -> str:
    """What people call a site: "Desa Benculuk"; the code tells a kelurahan from a desa."""
    if language == "en" or name.lower().startswith(_PLACES):
        return name
    kind = "Kelurahan" if code.partition("-")[0].rpartition(".")[2][:1] == "1" else "Desa"
    return f"{kind} {name}"


def shorten(name: str) -> str:
    """Desa Benculuk is Ds Benculuk to everybody."""
    return " ".join(_SHORTER.get(word, word) for word in name.split())


def local(at: float, zone: ZoneInfo, now: float, language: str, named: bool = True) -> str:
    """09.15 WIB (`named` zones); with the day in front when it is not today."""
    moment, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    text = f"{moment:%H.%M}" + (f" {_ZONES.get(zone.key, zone.key)}" if named else "")
    if moment.date() == today.date():
        return text
    return f"{moment.day} {words(language).words['months'][moment.month - 1]} {text}"


def lasted(seconds: float, language: str) -> str:
    """2 jam 35 menit; under a minute in seconds."""
    units = words(language).words["units"]
    *longer, left = units_of(seconds)
    pieces = [f"{n} {unit}" for n, unit in zip(longer, units, strict=False) if n]
    return " ".join(pieces or [f"{left} {units[3]}"])


def one_line(text: str, most: int) -> str:
    # it comes from a village or a spreadsheet: it must not forge lines of the message
    return cut_short(text, most)


def _fitting(template: Template, told: Mapping[str, str]) -> str:
    """As many parts as fit; the later ones go first."""
    first, *between, last = parts(template, told)
    while between and len(" ".join([first, *between, last])) > gsm7.MOST:
        between.pop()
    return gsm7.plain(" ".join(part for part in (first, *between, last) if part))


def _what(shorter: Mapping[str, str], told: Mapping[str, str]) -> str:
    return shorter["check_short"] or told["what"]


def _of_kind(known: Mapping[str, str], kind: str) -> str:
    return known.get(kind, known["other"])


def _worded(known: Words, text: str) -> str:
    """A value that a rule gave; @disk is a word of the reader's language."""
    plain = one_line(text, VALUE_CHARS)
    return known.named.get(plain[1:], plain) if plain.startswith("@") else plain


def _cause(known: Words, facts: Facts) -> str:
    return known.causes.get(facts.cause, "")
