"""Small real servers on localhost:0: each connection is handed to the next line of a script."""

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Line = Callable[[socket.socket], None]


class Served:
    """A running script: where it listens and what it was sent."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self.stop = threading.Event()


@contextlib.contextmanager
def serve(*script: Line, context: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Connection n is handed to line n of the script, the last line takes the rest."""
    served = Served()

    def run() -> None:
        while not served.stop.is_set():
            try:
                plain, _ = served.listener.accept()
            except OSError:
                return
            line = script[min(served.connections, len(script) - 1)]
            served.connections += 1
            with plain, contextlib.suppress(OSError):
                plain.settimeout(5)
                if context is None:
                    line(plain)
                else:
                    with context.wrap_socket(plain, server_side=True) as wrapped:
                        line(wrapped)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.stop.set()
        # close() alone would not wake accept()
        with contextlib.suppress(OSError):
            served.listener.shutdown(socket.SHUT_RDWR)
        served.listener.close()
        thread.join(6)


def read_request(connection: socket.socket) -> bytes:
    """One request, head and body; b"" when the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answers(*texts: bytes, keep: list[bytes] | None = None) -> Line:
    """Answers the requests of one connection, one text each, then closes it."""

    def line(connection: socket.socket) -> None:
        for text in texts:
            request = read_request(connection)
            if not request:
                return
            if keep is not None:
                keep.append(request)
            connection.sendall(text)

    return line


def page(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


class Authority:
    """A certificate authority that lives for one test."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self._sign(self.name, self.key, None, -3650, 3650)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, folder: Path, begins_d: float = -1, ends_d: float = 30) -> ssl.SSLContext:
        """A server's context with a certificate for localhost, valid between the days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = self._sign(name, key, "localhost", begins_d, ends_d)
        file = folder / f"server{begins_d}{ends_d}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        host: str | None,
        begins_d: float,
        ends_d: float,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=begins_d))
            .not_valid_after(now + datetime.timedelta(days=ends_d))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())
