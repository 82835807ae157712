"""Letters go out over TLS that is verified, to a small server and to a real one."""

import email
import email.policy
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.strict import Refused
from alerts.channels import NotifyFailed
from alerts.channels.email import Email
from collector.authority import Served, ensure_ca
from tests.alerts.channels.listener import LOOPBACK
from tests.alerts.channels.post_office import post_office
from tests.mail_servers import running_postfix

MESSAGE: dict[str, Any] = {
    "notice": 31,
    "incident": 12,
    "text": "APLIKASI: sideka Désa Benculuk\nCek PC.\n#12",
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return ensure_ca(tmp_path_factory.mktemp("ca"), ["localhost"], time.time())


@pytest.fixture
def tls(papers: Served) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.cert, papers.key)
    return context


def ca_of(papers: Served) -> str:
    return str(papers.cert.with_name("ca.pem"))


def channel(port: int, **more: Any) -> Email:
    usual = {"host": "localhost", "sender": "noc@desa.test", "port": port, "web": LOOPBACK}
    return Email(**{**usual, **more})


def plain(port: int, **more: Any) -> Email:
    return channel(port, **{"security": "none", "limit_s": 3.0, **more})


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_arrives_over_verified_tls(
    security: str, tls: ssl.SSLContext, papers: Served
) -> None:
    given = {"security": security, "ca": ca_of(papers), "user": "noc", "password": "s3cret"}
    with post_office(tls=tls, implicit=security == "tls") as there:
        answer = channel(there.port, **given).send("sari@desa.test", MESSAGE)
    assert answer == "taken by localhost as <notice-31@desa.test>"
    letter = email.message_from_bytes(there.letters[0], policy=email.policy.default)
    assert (letter["To"], letter["From"]) == ("sari@desa.test", "noc@desa.test")
    assert letter["Subject"] == "APLIKASI: sideka Désa Benculuk"
    assert letter["Message-ID"] == "<notice-31@desa.test>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines() == MESSAGE["text"].splitlines()
    auth = next(i for i, line in enumerate(there.heard) if line.startswith("AUTH"))
    assert security == "tls" or there.heard.index("STARTTLS") < auth


def test_a_certificate_of_nobody_we_know_gets_no_password(tls: ssl.SSLContext) -> None:
    with post_office(tls=tls) as there, pytest.raises(NotifyFailed) as failed:
        channel(there.port, user="noc", password="s3cret").send("sari@desa.test", MESSAGE)
    assert failed.value.permanent and "certificate" in failed.value.reason
    assert there.letters == [] and not any(line.startswith("AUTH") for line in there.heard)


def test_a_server_without_starttls_gets_nothing() -> None:
    with post_office() as there, pytest.raises(NotifyFailed, match="STARTTLS") as failed:
        channel(there.port).send("sari@desa.test", MESSAGE)
    assert failed.value.permanent and there.letters == []


@pytest.mark.parametrize(
    ("says", "permanent", "words"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, True, "550 5.1.1 no such user"),
        ({"RCPT": "450 4.2.1 mailbox busy"}, False, "450 4.2.1 mailbox busy"),
        ({"RCPT": "451 4.7.1 greylisted"}, False, "451 4.7.1 greylisted"),
        ({"MAIL": "553 sender not allowed"}, True, "553 sender not allowed"),
        ({"DATA": "554 spam"}, True, "554 spam"),
        ({".": "452 4.3.1 disk full"}, False, "452 4.3.1 disk full"),
        ({"greeting": "421 too many connections"}, False, "421 too many"),
        ({"greeting": "SSH-2.0-dropbear"}, False, "localhost: this is no mail server"),
        ({"greeting": ""}, False, "localhost: "),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help(
    says: dict[str, str], permanent: bool, words: str
) -> None:
    with post_office(says=says) as there, pytest.raises(NotifyFailed) as failed:
        plain(there.port, limit_s=1.0).send("sari@desa.test", MESSAGE)
    assert failed.value.reason.startswith(words)
    assert failed.value.permanent is permanent


def test_a_wrong_password_is_told_and_not_shown(tls: ssl.SSLContext, papers: Served) -> None:
    with (
        post_office(tls=tls, says={"AUTH": "535 5.7.8 bad credentials"}) as there,
        pytest.raises(NotifyFailed, match="535") as failed,
    ):
        channel(there.port, ca=ca_of(papers), user="noc", password="s3cret").look()
    assert failed.value.permanent and "s3cret" not in failed.value.reason


def test_a_server_tells_that_it_is_there() -> None:
    with post_office() as there:
        health = plain(there.port).look()
    assert (health.fine, health.says) == (True, "localhost: 250 ok")


def test_a_text_cannot_forge_headers() -> None:
    with post_office() as there:
        plain(there.port).send("sari@desa.test", {"text": "a\r\nBcc: all@x.test\nb"})
    letter = email.message_from_bytes(there.letters[0], policy=email.policy.default)
    assert letter["Subject"] == "a" and letter["Bcc"] is None


def test_a_letter_to_a_follower_tells_their_mail_program_how_to_stop() -> None:
    stop = f"https://noc.{'kabupaten.' * 6}go.id/status/leave/AbCdEfGhIjKlMnOp"
    with post_office() as there:
        plain(there.port).send("warga@desa.test", MESSAGE | {"unsubscribe": f"{stop}\nBcc: x@y.z"})
        plain(there.port).send("sari@desa.test", MESSAGE)
    first, second = (email.message_from_bytes(each, policy=email.policy.default)
                     for each in there.letters)  # fmt: skip
    assert first["List-Unsubscribe"].startswith(f"<{stop}") and first["Bcc"] is None
    assert f"List-Unsubscribe: <{stop}".encode() in there.letters[0], (
        "plain, as programs look for it"
    )
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None


def test_the_centres_own_network_is_not_reached_unless_listed() -> None:
    with post_office() as there, pytest.raises(NotifyFailed, match="is this machine") as failed:
        plain(there.port, web=replace(LOOPBACK, allowed=())).send("a@b.test", MESSAGE)
    assert failed.value.permanent and there.heard == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"security": "ssl"}, "security: expected starttls, tls, none"),
        ({"security": "none", "user": "noc"}, "user: a password does not go"),
        ({"sender": "noc"}, "sender: expected an e-mail address"),
        ({"ca": "/nowhere.pem"}, "ca: /nowhere.pem cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(Refused) as refused:
        channel(25, **wrong).check()
    assert str(refused.value).startswith(words)


@pytest.fixture
def postfix(papers: Served) -> Iterator[tuple[int, Path]]:
    with running_postfix(papers.cert, papers.key) as (port, home):
        yield port, home / "mail" / "sari" / "new"


@pytest.mark.slow
def test_a_real_postfix_takes_a_letter(postfix: tuple[int, Path], papers: Served) -> None:
    port, mailbox = postfix
    given = channel(port, ca=ca_of(papers), limit_s=20.0)
    assert given.look().fine
    assert given.send("sari@desa.test", MESSAGE).startswith("taken by localhost")
    with pytest.raises(NotifyFailed, match="550 5.1.1") as failed:
        given.send("nobody@desa.test", MESSAGE)
    assert failed.value.permanent
    deadline = time.monotonic() + 20
    while not (mailbox.exists() and list(mailbox.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.1)
    (path,) = mailbox.iterdir()
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert letter["Subject"] == "APLIKASI: sideka Désa Benculuk"
    assert letter["Message-ID"] == "<notice-31@desa.test>"
