"""Real mail servers of one test's own, with TLS, on loopback: postfix and dovecot."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "rahasia"


@contextmanager
def running_postfix(cert: Path, key: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and a folder with `mail/sari`, where letters to sari@desa.test are kept."""
    home = Path("/var/tmp") / f"ronda-postfix-{os.getpid()}"
    port = 20000 + os.getpid() % 20000
    for name in ("etc", "queue", "lib", "mail"):
        (home / name).mkdir(parents=True)
    user = pwd.getpwnam("postfix")
    for name in ("lib", "mail"):
        os.chown(home / name, user.pw_uid, user.pw_gid)
    for name, path in (("cert.pem", cert), ("key.pem", key)):
        shutil.copy(path, home / "etc" / name)
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": f"{home}/queue",
        "data_directory": f"{home}/lib",
        "maillog_file": f"{home}/log",
        "maillog_file_prefixes": str(home),
        "inet_interfaces": "127.0.0.1",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "virtual_mailbox_domains": "desa.test",
        "virtual_mailbox_base": f"{home}/mail",
        "virtual_mailbox_maps": "inline:{sari@desa.test=sari/}",
        "virtual_uid_maps": f"static:{user.pw_uid}",
        "virtual_gid_maps": f"static:{user.pw_gid}",
        "virtual_minimum_uid": "1",
        "smtpd_tls_cert_file": f"{home}/etc/cert.pem",
        "smtpd_tls_key_file": f"{home}/etc/key.pem",
        "smtpd_tls_security_level": "encrypt",
    }
    text = "".join(f"{key} = {value}\n" for key, value in settings.items())
    (home / "etc" / "main.cf").write_text(text)
    services = f"""127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
pickup unix n - n 60 1 pickup
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
flush unix n - n 1000? 0 flush
verify unix - - n - 1 verify
"""
    (home / "etc" / "master.cf").write_text(services)
    command = ["postfix", "-c", str(home / "etc")]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True, timeout=60)
        yield port, home
    finally:
        subprocess.run([*command, "stop"], capture_output=True, timeout=60)
        shutil.rmtree(home)


@contextmanager
def running_dovecot(cert: Path, key: Path) -> Iterator[tuple[int, Path]]:
    """Its port for IMAP over TLS, and its folder: `mail/USER` is anybody's, with PASSWORD."""
    home = Path("/var/tmp") / f"ronda-dovecot-{os.getpid()}"
    for name in ("run", "mail"):
        (home / name).mkdir(parents=True)
    user = pwd.getpwnam("nobody")
    os.chown(home / "mail", user.pw_uid, user.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    config = home / "dovecot.conf"
    config.write_text(_DOVECOT.format(home=home, port=port, cert=cert, key=key))
    assert shutil.which("dovecot"), "dovecot is not installed: apt-get install dovecot-imapd"
    server = subprocess.Popen(["dovecot", "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port, home
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "dovecot does not listen"
            time.sleep(0.05)


_DOVECOT = """
base_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
mail_plugins = quota
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=1000
}}
passdb {{
  driver = static
  args = password=rahasia
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
"""
