"""What `doctor` says of what is sealed: all of it must open with the centre's secret."""

from collections.abc import Iterator

from sqlalchemy import Engine

from agent.strict import Refused
from collector import db, inventory, passwords, second_steps, secret, webhook_secrets
from collector.finding import Finding, few
from collector.inventory.bound import refused
from collector.settings import Settings


def findings(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Passwords of checks, secrets of webhooks, second steps of people."""
    key = _key(settings)
    yield from _passwords(engine, key)
    if key is None:
        return
    with db.reading(engine) as connection:
        unsigned = webhook_secrets.unreadable(connection, key)
        shut_out = second_steps.unreadable(connection, key)
    if unsigned:
        words = f"sealed with another key, these are told nothing: {few(unsigned)}"
        yield Finding("webhooks", words, "enter their secrets again, on the page of webhooks")
    if shut_out:
        words = f"sealed with another key, nobody of these gets in: {few(shut_out)}"
        yield Finding("second steps", words, "ronda users reset NAME --second-step")


def _key(settings: Settings) -> bytes | None:
    """None: not made yet, or damaged, which is told of the key itself."""
    if not (settings.folder / secret.FILE).is_file():
        return None
    try:
        return secret.load_secret(settings.folder)
    except Refused:
        return None


def _passwords(engine: Engine, key: bytes | None) -> Iterator[Finding]:
    with db.reading(engine) as connection:
        kept = len(passwords.kept(connection))
        barred = list(refused(connection, inventory.services(connection)))
        lost = passwords.unreadable(connection, key) if key is not None else []
    if barred:
        told = few([f"{row.name} of {row.site or 'every site'} ({why})" for row, why in barred])
        do = "ronda services password NAME --bind --area CODE, or change the row"
        yield Finding("passwords", f"kept from their agents: {told}", do)
    if lost:
        words = f"sealed with another key: {', '.join(lost)}"
        yield Finding("passwords", words, "enter them again: ronda services password NAME")
    elif kept and key is not None and not barred:
        yield Finding("passwords", f"{kept} kept for checks")
