"""E-mail by SMTP, over TLS whose certificate is verified."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from agent.strict import Refused
from alerts.channels import Health, NotifyFailed, text_of
from alerts.channels.http import Web, say
from alerts.channels.judging import one_line

SECURITIES = ("starttls", "tls", "none")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SUBJECT_CHARS = 120
# a long address in a header is not folded: it would come out encoded, and no program finds it
_LONG_LINES = policy.default.clone(max_line_length=900)


@dataclass(frozen=True)
class Email:
    """`security` is starttls, tls or none; `ca` a PEM file when the server's authority is one's
    own.
    """

    host: str
    sender: str
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    limit_s: float = 20.0
    web: Web = field(default_factory=Web)

    def check(self) -> None:
        if self.security not in SECURITIES:
            raise Refused("security", f"expected {', '.join(SECURITIES)}, got {self.security!r}")
        if self.security == "none" and self.user:
            raise Refused("user", "a password does not go over a line without TLS")
        if "@" not in self.sender or any(c.isspace() for c in self.sender):
            raise Refused("sender", f"expected an e-mail address, got {self.sender!r}")
        if self.ca:
            self._trust()

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        letter = self._letter(target, message)
        with self._session() as session:
            session.send_message(letter, self.sender, [target])
        return f"taken by {self.host} as {letter['Message-ID']}"

    def look(self) -> Health:
        with self._session() as session:
            code, words = session.noop()
        return Health(code == 250, f"{self.host}: {code} {_text(words)}")

    def _letter(self, target: str, message: Mapping[str, Any]) -> EmailMessage:
        text = text_of(message)
        letter = EmailMessage(policy=_LONG_LINES)
        letter["From"], letter["To"] = self.sender, target
        letter["Subject"] = one_line(text.partition("\n")[0])[:_SUBJECT_CHARS] or "Ronda"
        letter["Date"] = formatdate()
        # the same notice twice has the same number, and a mailbox shows it once
        domain = self.sender.rpartition("@")[2]
        letter["Message-ID"] = f"<notice-{message.get('notice', 0)}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        if stop := message.get("unsubscribe"):
            # RFC 8058: the reader's own program offers it, and does it without a visit
            letter["List-Unsubscribe"] = f"<{one_line(stop)}>"
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter.set_content(text)
        for name, kind, content in message.get("files", ()):
            main, _, sub = kind.partition("/")
            letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return letter

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        try:
            with self._connected() as session:
                yield session
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            if error.smtp_code < 0:
                raise NotifyFailed(f"{self.host}: this is no mail server") from error
            raise _refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotifyFailed(f"{self.host}: {error}", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            final = isinstance(error, ssl.SSLCertVerificationError)
            raise NotifyFailed(f"{self.host}: {say(error)}", permanent=final) from error
        except ValueError as error:
            raise NotifyFailed(f"not an e-mail address: {one_line(error)}", True) from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        port = self.port or _PORTS[self.security]
        with self.web.connect(self.host, port, self.limit_s) as raw, _deadline(raw, self.limit_s):
            sock = raw
            if self.security == "tls":
                sock = self._trust().wrap_socket(raw, server_hostname=self.host)
            with _Session(sock, self.host, self.limit_s) as session:
                if self.security == "starttls":
                    session.starttls(context=self._trust())
                if self.user:
                    session.login(self.user, self.password)
                yield session

    def _trust(self) -> ssl.SSLContext:
        if not self.ca:
            return self.web.tls
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            raise Refused("ca", f"{self.ca} cannot be read: {error.strerror or error}") from error


class _Session(smtplib.SMTP):
    """On a socket whose address has been judged."""

    def __init__(self, sock: socket.socket, host: str, limit_s: float) -> None:
        self._judged = sock
        super().__init__(host, 1, timeout=limit_s)
        # starttls checks the certificate against this name
        self._host = host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._judged


@contextmanager
def _deadline(sock: socket.socket, limit_s: float) -> Iterator[None]:
    """A server that drips letters is hung up on."""
    timer = threading.Timer(limit_s, _hang_up, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(sock: socket.socket) -> None:
    # it may be gone by itself
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _refused(code: int, words: bytes | str) -> NotifyFailed:
    return NotifyFailed(f"{code} {_text(words)}", permanent=500 <= code < 600)


def _text(words: bytes | str) -> str:
    return one_line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)
