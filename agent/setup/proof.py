"""Is this file the one that was meant? By the sum and the signature that lie beside it.

Whoever runs a file trusts it already, so this guards against a damaged one and a mistaken one; that
nobody slipped another in is looked at before it is first run (docs/install-debian.md).
"""

import hashlib
import os
import shutil
import subprocess

from agent.setup.words import Stop

KEY = "ronda-agent.pub"
_LIMIT_S = 30
_MOST_BYTES = 32 << 20


def prove(file: str, trusted: str) -> tuple[str, str]:
    """How it was proved ("" for not at all), and the key that did it ("" for none).

    `trusted` is where the key lies that this machine got with its first agent: with one, a
    signature is a must. Stop when something does not fit.
    """
    folder = os.path.dirname(file)
    known = trusted if os.path.exists(trusted) else os.path.join(folder, KEY)
    signature, ways = f"{file}.sig", []
    if _sum_beside(file):
        ways.append("sha256")
    if os.path.exists(known) and os.path.exists(signature):
        _verify(file, signature, known)
        ways.append("Ed25519")
        return ", ".join(ways), known
    if os.path.exists(trusted):
        raise Stop("signature_missing", name=os.path.basename(signature))
    return ", ".join(ways), ""


def _sum_beside(file: str) -> bool:
    """Is there a sum, and does it fit?"""
    try:
        with open(f"{file}.sha256", encoding="ascii") as text:
            told = text.read(200).split()[:1]
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        told = []
    with open(file, "rb") as whole:
        found = hashlib.sha256(whole.read(_MOST_BYTES)).hexdigest()
    if told != [found]:
        raise Stop("sum_wrong")
    return True


def _verify(file: str, signature: str, key: str) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        raise Stop("no_openssl")
    words = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin"]
    words += ["-in", file, "-sigfile", signature]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S)
    if done.returncode:
        raise Stop("signature_wrong")
