"""Keys as people paste them are read, and what is none is told without repeating it."""

import subprocess
from pathlib import Path

import pytest

from collector.ssh_keys import NotAKey, private_key, public_key, shown_key

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
PRINT = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


def made(path: Path, kind: str, passphrase: str = "", *more: str) -> str:
    size = ("-b", "2048") if kind == "rsa" else ()
    command = [
        "ssh-keygen",
        "-q",
        "-a",
        "1",
        "-t",
        kind,
        *size,
        "-N",
        passphrase,
        "-f",
        str(path),
        *more,
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.read_text()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(ED25519, id="alone"),
        pytest.param(f"{ED25519} root@router", id="of a .pub file"),
        pytest.param(f"  {ED25519}\r\n", id="with ends of lines"),
        pytest.param(f"10.0.0.1 {ED25519}", id="of ssh-keyscan"),
        pytest.param(f"[10.0.0.1]:2222,router {ED25519}", id="of known_hosts"),
    ],
)
def test_a_public_key_is_read(line: str) -> None:
    key = public_key(line)
    assert (key.text, key.fingerprint) == (ED25519, PRINT)
    assert shown_key(key.blob) == key


@pytest.mark.parametrize(
    "line",
    [
        *("", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 !!!!", "halo dunia"),
        pytest.param(ED25519.replace("ssh-ed25519", "ssh-rsa"), id="of another kind"),
        pytest.param(f"@revoked * {ED25519}", id="revoked"),
        pytest.param(f"@cert-authority * {ED25519}", id="an authority"),
    ],
)
def test_what_is_no_public_key_is_refused(line: str) -> None:
    with pytest.raises(NotAKey, match="is no public key such as"):
        public_key(line)


@pytest.mark.slow
@pytest.mark.parametrize("passphrase", ["", "rahasia"])
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        *(("ed25519", ()), ("rsa", ()), ("ecdsa", ())),
        *(("rsa", ("-m", "PEM")), ("ecdsa", ("-m", "PEM")), ("rsa", ("-m", "PKCS8"))),
    ],
)
def test_a_private_key_is_read(
    tmp_path: Path, kind: str, form: tuple[str, ...], passphrase: str
) -> None:
    text = made(tmp_path / "key", kind, passphrase, *form)
    public = public_key((tmp_path / "key.pub").read_text())
    for pasted in (text, text.replace("\n", "\r\n"), f"\n  {text.strip()}"):
        assert private_key(pasted, "rahasia").asbytes() == public.blob
    if passphrase:
        for wrong, told in (("", "is under a passphrase"), ("x", "does not open with this")):
            with pytest.raises(NotAKey, match=told):
                private_key(text, wrong)


@pytest.mark.parametrize(
    "text", ["", "halo", ED25519, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"]
)
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(NotAKey, match="is no private key"):
        private_key(text, "x")
