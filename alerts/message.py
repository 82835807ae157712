"""The words of a message, rendered from the incident's data in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

LANGUAGES = ("id", "en")
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_MONTHS = {
    "id": ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
# words a site's name may begin with that already say what it is
_PLACES = ("desa", "kelurahan", "kantor", "balai", "kecamatan", "kampung", "dusun", "nagari")
_REASON_CHARS = 120


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message tells of; times are UTC epoch seconds."""

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


_BROKEN: Mapping[str, Mapping[str, str]] = {
    "id": {
        "http": "tidak bisa dibuka",
        "tcp": "tidak bisa dihubungi",
        "service": "tidak berjalan",
        "dns": "tidak bisa mencari alamat",
        "ping": "tidak menjawab",
        "known": "mendapat halaman yang salah",
        "": "bermasalah",
    },
    "en": {
        "http": "cannot be opened",
        "tcp": "cannot be reached",
        "service": "is not running",
        "dns": "cannot look up addresses",
        "ping": "does not answer",
        "known": "gets the wrong page",
        "": "has a problem",
    },
}
_FIRST_AID: Mapping[str, Mapping[str, str]] = {
    "id": {
        "http": "PC server menyala? Jangan hapus atau pasang ulang aplikasi.",
        "tcp": "PC server menyala? Kabel jaringan terpasang?",
        "service": "PC server menyala? Jangan pasang ulang.",
        "dns": "Router menyala? Bisa membuka situs lain?",
        "ping": "Lampu alat menyala? Kabel jaringan terpasang?",
        "known": "Buka situs apa saja: muncul halaman tagihan ISP?",
        "": "Alat menyala? Kabel terpasang?",
    },
    "en": {
        "http": "Is the server PC on? Do not delete or reinstall the application.",
        "tcp": "Is the server PC on? Is the network cable plugged in?",
        "service": "Is the server PC on? Do not reinstall.",
        "dns": "Is the router on? Do other sites open?",
        "ping": "Are the device's lights on? Is the network cable plugged in?",
        "known": "Open any site: does a billing page of the ISP appear?",
        "": "Is the device on? Are the cables plugged in?",
    },
}
_INTERNET: Mapping[str, Mapping[str, str]] = {
    "id": {"normal": " Internet normal.", "slow": " Internet lambat."},
    "en": {"normal": " Internet is normal.", "slow": " Internet is slow."},
}


def render(news: str, facts: Facts, language: str) -> str:
    """The text for one reader; an unknown language is Indonesian."""
    language = language if language in LANGUAGES else "id"
    return _opened(facts, language) if news == "opened" else _resolved(facts, language)


def place(code: str, name: str, language: str = "id") -> str:
    """What people call a site: "Desa Benculuk"; the code tells a kelurahan from a desa."""
    if language == "en" or name.lower().startswith(_PLACES):
        return name
    kind = "Kelurahan" if code.partition("-")[0].rpartition(".")[2][:1] == "1" else "Desa"
    return f"{kind} {name}"


def local(at: float, zone: ZoneInfo, now: float, language: str) -> str:
    """09.15 WIB; with the day in front when it is not today."""
    moment, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    text = f"{moment:%H.%M} {_ZONES.get(zone.key, zone.key)}"
    if moment.date() == today.date():
        return text
    return f"{moment.day} {_MONTHS[language][moment.month - 1]} {text}"


def lasted(seconds: float, language: str) -> str:
    """2 jam 35 menit; under a minute in seconds."""
    words = {"id": ("hari", "jam", "menit", "detik"), "en": ("d", "h", "min", "s")}[language]
    if seconds < 60:
        return f"{max(0, round(seconds))} {words[3]}"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = zip((days, hours, minutes), words, strict=False)
    return " ".join(f"{number} {word}" for number, word in parts if number)


def _opened(facts: Facts, language: str) -> str:
    broken = _of_kind(_BROKEN[language], facts.kind)
    since = local(facts.down_since, facts.zone, facts.now, language)
    reason = f" ({_one_line(facts.reason)})" if facts.reason else ""
    internet = _INTERNET[language].get(facts.site_state, "")
    where = place(facts.site_code, facts.site_name, language)
    aid = _of_kind(_FIRST_AID[language], facts.kind)
    if language == "en":
        head = f"FAULT: {facts.check} at {where} {broken} since {since}{reason}.{internet}"
        return f"{head}\nCheck: {aid}\n#{facts.incident}"
    head = f"GANGGUAN: {facts.check} {where} {broken} sejak {since}{reason}.{internet}"
    return f"{head}\nCek: {aid}\n#{facts.incident}"


def _resolved(facts: Facts, language: str) -> str:
    over = facts.now if facts.resolved_at is None else facts.resolved_at
    at = local(over, facts.zone, facts.now, language)
    took = lasted(over - facts.down_since, language)
    where = place(facts.site_code, facts.site_name, language)
    if language == "en":
        head = f"RECOVERED: {facts.check} at {where} works again since {at}."
        return f"{head} It was down for {took}.\n#{facts.incident}"
    head = f"PULIH: {facts.check} {where} normal lagi pukul {at}."
    return f"{head} Lama gangguan {took}.\n#{facts.incident}"


def _of_kind(words: Mapping[str, str], kind: str) -> str:
    return words.get(kind, words[""])


def _one_line(text: str) -> str:
    # a reason comes from a village: it must not forge lines of the message
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= _REASON_CHARS else f"{flat[: _REASON_CHARS - 3]}..."
