"""Where the agent lies on a Debian machine, and how it is put there, back and away."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from agent import ground
from agent.segments import remove, write_whole
from agent.setup.words import Stop, beside

PYTHON = "/usr/bin/python3"
HOME = "/usr/local/lib/ronda"
FILE = f"{HOME}/ronda-agent.pyz"
# what was there until now, for the way back
BEFORE = f"{HOME}/ronda-agent.before.pyz"
BEFORE_UNIT = f"{HOME}/ronda-agent.before.service"
KEY = f"{HOME}/ronda-agent.pub"
COMMAND = "/usr/local/bin/ronda-agent"
UNIT = "/etc/systemd/system/ronda-agent.service"
DATA = "/var/lib/ronda-agent"
USER = SERVICE = "ronda-agent"
_COMMAND_TEXT = f'#!/bin/sh\nexec {PYTHON} -I -S {FILE} "$@"\n'
_TRY_S, _SYSTEMD_S = 60, 120


def trial(file: str) -> str:
    """The release that a file says it is, run as the service will run it; else Stop."""
    words = [PYTHON, "-I", "-S", file, "--version"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_TRY_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Stop("not_runnable", why=getattr(error, "strerror", None) or "?") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Stop("not_runnable", why=said[-1][:200] if said else "?")
    return done.stdout.strip()


def python_version() -> str:
    """Of the interpreter that the service runs on."""
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-V"], capture_output=True, text=True, timeout=_TRY_S
    )
    return done.stdout.split()[-1]


def put(file: str) -> bool:
    """Put the file in its place, the one before kept; False where the same was there."""
    new = _content(file)
    old = _content(FILE)
    if new == old:
        return False
    os.makedirs(HOME, mode=0o755, exist_ok=True)
    if old:
        _replace(BEFORE, old, 0o644)
    _replace(FILE, new, 0o755)
    return True


def put_back() -> None:
    """The one before in the place of the new one, under the unit that it ran under."""
    if old := _content(BEFORE):
        _replace(FILE, old, 0o755)
    if unit := _content(BEFORE_UNIT):
        _replace(UNIT, unit, 0o644)
        systemctl("daemon-reload")


def furnish(key: str) -> bool:
    """Command, unit and the key to trust (a file; "" for none); whether the unit is another."""
    if key and key != KEY:
        _replace(KEY, _content(key), 0o644)
    os.makedirs(os.path.dirname(COMMAND), exist_ok=True)
    _replace(COMMAND, _COMMAND_TEXT.encode(), 0o755)
    unit = beside("ronda-agent.service").encode()
    old = _content(UNIT)
    remove(BEFORE_UNIT)
    if old == unit:
        return False
    if old:
        # an agent of before may not understand what the new one is asked
        _replace(BEFORE_UNIT, old, 0o644)
    _replace(UNIT, unit, 0o644)
    systemctl("daemon-reload")
    return True


def account() -> bool:
    """The account that the agent runs under; whether it was made now."""
    import pwd

    try:
        pwd.getpwnam(USER)
    except KeyError:
        pass
    else:
        return False
    words = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", DATA]
    done = subprocess.run(
        [*words, "--shell", "/usr/sbin/nologin", USER],
        capture_output=True,
        text=True,
        timeout=_TRY_S,
    )
    if done.returncode:
        raise Stop("disk", why=done.stderr.strip()[:200])
    return True


def hand_over() -> None:
    """The folder of the data to the account, with whatever root once made there."""
    import pwd

    entry = pwd.getpwnam(USER)
    os.makedirs(DATA, mode=0o700, exist_ok=True)
    # by open folders, not by paths: the account, which works there meanwhile, may lay a link that
    # leads elsewhere in the place of what was just looked at
    for _, folders, files, here in os.fwalk(DATA):
        os.fchown(here, entry.pw_uid, entry.pw_gid)
        for name in (*folders, *files):
            # it may have gone meanwhile
            with suppress(FileNotFoundError):
                os.chown(name, entry.pw_uid, entry.pw_gid, dir_fd=here, follow_symlinks=False)


@contextmanager
def as_account() -> Iterator[None]:
    """With the rights of the account and no others: what root writes must not follow its links."""
    import pwd

    entry, groups = pwd.getpwnam(USER), os.getgroups()
    os.setgroups([])
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def started(anew: bool) -> bool:
    """Runs from now on, and from every start on."""
    systemctl("enable", SERVICE)
    return systemctl("restart" if anew else "start", SERVICE)


def take_away(forget: bool) -> bool:
    """All that was put, with `forget` the data, too; False where there was nothing."""
    there = any(os.path.exists(path) for path in (FILE, UNIT, COMMAND))
    if there:
        systemctl("disable", "--now", SERVICE)
    for path in (UNIT, COMMAND):
        remove(path)
    shutil.rmtree(HOME, ignore_errors=True)
    if there:
        systemctl("daemon-reload")
    if forget:
        there = there or os.path.exists(DATA)
        shutil.rmtree(DATA, ignore_errors=True)
        subprocess.run(["userdel", USER], capture_output=True, timeout=_TRY_S)
    return there


def systemctl(*words: str) -> bool:
    """Did it do as it was told?"""
    try:
        done = subprocess.run(["systemctl", *words], capture_output=True, timeout=_SYSTEMD_S)
    except FileNotFoundError as error:
        raise Stop("no_systemd") from error
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def checked(needs: Sequence[str]) -> None:
    """Stop unless we are root, systemd is there, and so are these commands."""
    if os.geteuid() != 0:
        raise Stop("no_root")
    if shutil.which("systemctl") is None:
        raise Stop("no_systemd")
    for name in needs:
        if shutil.which(name) is None:
            raise Stop(f"no_{name}")


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _replace(path: str, content: bytes, mode: int) -> None:
    """Whole or not at all, also when the power goes."""
    new = f"{path}.new"
    write_whole(new, content, mode)
    # whatever the umask of whoever installs is
    os.chmod(new, mode)
    os.replace(new, path)
    ground.sync_folder(os.path.dirname(path))
