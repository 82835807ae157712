"""Commands for a POSIX shell: dash and bash of Debian, ash of OpenWrt, behind OpenSSH or dropbear.

What is run arrives by stdin and not in the text that `ps` of the device shows. It is read to its
last byte before any of it is run, so that a connection lost on the way leaves no half of a command
behind.
"""

import hashlib

from agent.strict import Refused
from playbooks.session import MOST_FILE, MOST_OUTPUT, Output
from playbooks.transport.line import Ended, Line
from playbooks.transport.stream import Stream, decoded, new_mark

# UTF-8 takes up to four bytes a character
_MOST_BYTES = 4 * MOST_OUTPUT
_TORN = 125
# Stdin: "exit MARK", the command, MARK. A device that takes stdin itself for commands ends with
# the first line. The command runs in a shell of its own, so that the mark is printed also behind
# one that exits, is no good grammar or closes its output; nothing of this is waited for: what it
# leaves in the background may keep the output open.
_WRAP = (
    "exec /bin/sh -c '"
    "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH LC_ALL=C; "
    "read -r _ _ronda_mark; _ronda=$(cat); "
    'case $_ronda in *"$_ronda_mark") ;; *) exit ' + str(_TORN) + " ;; esac; "
    'printf "%s\\n" "$_ronda_mark"; '
    '(eval "${{_ronda%"$_ronda_mark"}}") </dev/null{merged}; '
    'printf "\\n%s %d\\n" "$_ronda_mark" $?'
    "'"
)
_MERGED = _WRAP.format(merged=" 2>&1")
_APART = _WRAP.format(merged="")
# Stdin: "exit MARK", sum, kilobytes, place, then the file to the end. It grows beside its place
# and gets there by a rename, once its sum is right: half of one is taken away.
_PUT = (
    "exec /bin/sh -c '"
    "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH LC_ALL=C; umask 077; "
    "read -r _ mark; read -r sum; read -r need; read -r place; "
    'printf "%s\\n" "$mark"; '
    '(dir=${place%/*}; part=$dir/.${place##*/}.part; trap "rm -f \\"\\$part\\"" EXIT; '
    'free=$(df -k "$dir" | tail -n 1 | awk "{ print \\$(NF - 2) }"); '
    '[ "${free:-0}" -ge "$need" ] || { cat >/dev/null; '
    'echo "only ${free:-0} kB are free in $dir, $need are needed"; exit 1; }; '
    'cat >"$part" || { cat >/dev/null; exit 1; }; '
    '[ "$(sha256sum <"$part" | cut -c 1-64)" = "$sum" ] '
    '|| { echo "what arrived is not whole"; exit ' + str(_TORN) + "; }; "
    'mv -f "$part" "$place") 2>&1; '
    'printf "\\n%s %d\\n" "$mark" $?'
    "'"
)
# kept free beside a file, in kilobytes
_SPARE_KB = 64


class ShellSession:
    """A Session with a shell."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def run(self, text: str, limit_s: float) -> Output:
        stream, ended = self._exchange(_MERGED, text, limit_s, _MOST_BYTES)
        shown = decoded(_printed(stream))
        cut = stream.dropped > 0 or len(shown) > MOST_OUTPUT
        return Output(shown[:MOST_OUTPUT], stream.exit, ended.took_s, cut)

    def fetch(self, text: str, limit_s: float, most: int) -> bytes:
        stream, ended = self._exchange(_APART, text, limit_s, most + 1)
        data = _printed(stream)
        if len(data) > most or stream.dropped:
            raise self._line.lost(f"what it prints is longer than {most} bytes", sent=True)
        if stream.exit != 0:
            told = ended.complaint.strip().splitlines()
            why = f": {told[-1][:200]}" if told else ""
            raise self._line.lost(
                f"what it prints is not whole (exit {stream.exit}){why}", sent=True
            )
        return data

    def put(self, data: bytes, place: str, limit_s: float) -> Output:
        if len(data) > MOST_FILE:
            raise Refused("put", f"the file is larger than {MOST_FILE} bytes")
        need = len(data) // 1024 + 1 + _SPARE_KB
        head = f"{hashlib.sha256(data).hexdigest()}\n{need}\n{place}\n"
        stream, ended = self._sent(_PUT, head.encode() + data, limit_s, _MOST_BYTES)
        shown = _printed(stream).decode(errors="replace")
        return Output(shown[:MOST_OUTPUT], stream.exit, ended.took_s)

    def close(self) -> None:
        self._line.close()

    def _exchange(self, wrap: str, text: str, limit_s: float, most: int) -> tuple[Stream, Ended]:
        return self._sent(wrap, f"{text}\n".encode(), limit_s, most, closed=True)

    def _sent(
        self, wrap: str, body: bytes, limit_s: float, most: int, closed: bool = False
    ) -> tuple[Stream, Ended]:
        """`closed`: the mark stands behind the body as well."""
        mark = new_mark()
        stream = Stream(mark, most, greeted=True)
        script = b"exit %s\n%s%s" % (mark.encode(), body, mark.encode() if closed else b"")
        ended = self._line.exchange(wrap, script, stream, limit_s)
        if not stream.begun:
            said = (decoded(stream.noise) + ended.complaint).split()
            raise self._line.lost(
                f"gives this account no shell: {' '.join(said)[:200]}", sent=False
            )
        return stream, ended


def _printed(stream: Stream) -> bytes:
    """Without the end of line that the wrap puts before its last mark."""
    whole = stream.ended and not stream.dropped
    return bytes(stream.kept[:-1] if whole else stream.kept)
