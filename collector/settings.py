"""Settings of the centre: `ronda.toml`, over it `RONDA_...`, over it the command line."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from agent.strict import Refused, build, convert
from collector.sane import RULES
from collector.sane_together import together, with_others

# a file of this name in a data folder: it is a demo's, and nothing leaves the machine
DEMO = "LATIHAN"


@dataclass(frozen=True)
class Settings:
    """The field names are the keys of ronda.toml; `RONDA_` and the name in capitals overrides one.

    Addresses are `HOST:PORT`; times are seconds; `data` is the folder everything lives in.
    """

    data: str = "./var"
    console: str = "127.0.0.1:8080"
    ingest: str = "127.0.0.1:8090"
    public_url: str = ""
    # status pages that anybody may open, beneath /status of the console
    public: bool = False
    # areas and sites that they never show
    public_hides: tuple[str, ...] = ()
    # who publishes open data, as their metadata say; empty: Diskominfo and the regency's name
    data_producer: str = ""
    # the terms they come under: https://creativecommons.org/licenses/by/4.0/
    data_licence: str = ""
    # the edition of the area codes in the inventory
    data_codes: str = "Kepmendagri 300.2.2-2138 Tahun 2025"
    # the bot's name, without @, at which people may follow a place by Telegram
    public_bot: str = ""
    # what agents are told to report to; empty: http(s)://<ingest>
    ingest_url: str = ""
    # further addresses of ingests of this centre, for agents that do not reach that one
    ingest_also: tuple[str, ...] = ()
    cert: str = ""
    key: str = ""
    # ingest speaks TLS with a certificate of the centre's own authority, made in DATA/tls
    own_ca: bool = False
    # addresses of proxies whose X-Forwarded-For and -Proto are believed
    proxies: tuple[str, ...] = ()
    database_url: str = ""
    allow_targets: tuple[str, ...] = ()
    # where [channels.NAME] stand besides <data>/channels.toml; ronda.toml when they stand there
    channels_file: str = ""
    # what a village's agent pings to see whether its uplink works; none: its gateway
    uplink_targets: tuple[str, ...] = ("1.1.1.1", "8.8.8.8")
    # HOST:PORT that the centre reaches while its own uplink works; none: it is never blind
    centre_targets: tuple[str, ...] = ()
    timezone: str = "Asia/Jakarta"
    language: str = "id"
    # who has not said within this time that they have it: the next one in order is told
    escalate_after_s: float = 900.0
    district_after_s: float = 3600.0
    # handled, not yet mended: the standard of the villages
    handled_within_s: float = 14400.0
    # people without an account may report what does not work, and follow it
    citizens: bool = False
    # so many different ones within this time open an incident; one is enough where a probe agrees
    citizen_reporters: int = 3
    citizen_within_s: float = 3600.0
    # where they may write instead of using the form, as a poster says it: 0812-3456-7890
    citizen_number: str = ""
    # contacts of these roles get each month's report of their place by e-mail; none: nobody
    report_roles: tuple[str, ...] = ()
    # each day's head of the evidence goes there by e-mail; none: nowhere
    head_addresses: tuple[str, ...] = ()
    # asked for again and again while all is well, so that somebody else notices when it is not
    heartbeat_url: str = ""
    heartbeat_every_s: float = 60.0
    # Alertmanagers that hear of open incidents, all of them alike: http(s)://HOST:PORT
    alertmanager_urls: tuple[str, ...] = ()
    # its first line, a token or USER:PASSWORD; RONDA_ALERTMANAGER_CREDENTIALS wins
    alertmanager_credentials_file: str = ""
    # how often each is told again of what is open
    alertmanager_every_s: float = 60.0
    # the ingest of the centre above, which is told how this one stands; empty: nobody
    parent_url: str = ""
    # another provider that may say who somebody is (OpenID Connect); empty: passwords alone
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    # its first line; RONDA_OIDC_CLIENT_SECRET wins; neither: a public client
    oidc_client_secret_file: str = ""
    # how people call it
    oidc_name: str = "SSO"
    # by which accounts are found the first time; `email` counts only where it is verified
    oidc_claim: str = "email"
    # roles that set up a second step before their next session begins
    totp_roles: tuple[str, ...] = ()
    approval: bool = False
    code_days: int = 30
    # agents on lines that are not metered send a sign of life by UDP every ten seconds
    beacons: bool = True
    # an agent without beacons is silent after this many report intervals
    silent_intervals: float = 2.5
    slow_loss_ratio: float = 0.1
    slow_rtt_s: float = 0.3
    backlog_per_s: float = 8.0
    # when lines are measured beside their contract, in each site's zone; empty: never by itself
    capacity_hours: str = "02.00-04.00"
    # a file to fetch for it; empty: the centre gives one
    capacity_url: str = ""
    # Mbit/s that one such measurement gets of the centre's own line; 0: the centre takes none
    capacity_mbps: float = 200.0
    # so many at once; the others wait their turn
    capacity_at_once: int = 1
    # MB that one sample may take
    capacity_mb: float = 25.0
    # what an agent may use in a day on a line that costs by the byte, in MB; 0: no bound
    cap_4g_mb: float = 10.0
    cap_hemat_mb: float = 3.0
    # under this part of its contract a line is slow
    slow_contract_ratio: float = 0.5
    commit_every_s: float = 0.5
    # how often rules are evaluated; findings are at once
    rules_every_s: float = 5.0
    # how many minutes of every site are held for quick reading; 0: by how many sites there are
    window_minutes: int = 0
    journal_keep_s: int = 7200
    # nats://HOST:PORT of the servers whose stream is the journal; none: files in DATA/journal
    journal: tuple[str, ...] = ()
    # its subjects and stream begin with it, so that centres can share servers
    journal_name: str = "ronda"
    # on so many servers each record is before an agent hears that it is kept
    journal_replicas: int = 3
    # what the stream may take, in MiB; 0: as much as the servers give
    journal_max_mb: int = 0
    journal_user: str = ""
    # its first line; RONDA_JOURNAL_PASSWORD wins
    journal_password_file: str = ""
    # by which tls:// servers are believed; empty: by the authorities of this machine
    journal_ca: str = ""
    # http://HOST:8222 of each server, where doctor sees whether they wait for their disks
    journal_monitor: tuple[str, ...] = ()
    history_days: int = 400
    # so many series may be sent by remote_write, of all senders together
    foreign_series: int = 20_000
    # what numbers came to by the hour and day is kept longer than they are
    rollup_days: int = 1830
    # the oldest numbers go before their time when history is larger; 0: as large as it gets
    history_budget_mb: int = 0
    # a Prometheus-compatible engine that keeps the numbers: the address that /api/v1/query is
    # added to, and the whole address it takes remote_write at; empty: all is kept here
    metrics_url: str = ""
    metrics_write_url: str = ""
    # with a user the secret is their password, else it is a bearer token
    metrics_user: str = ""
    # its first line; RONDA_METRICS_SECRET wins; neither: the engine asks for none
    metrics_secret_file: str = ""
    # whose numbers they are, where one engine keeps those of many (X-Scope-OrgID)
    metrics_tenant: str = ""
    # so many days stay here, too, for rules and the console
    metrics_tail_days: int = 8
    # so long one question waits for the engine in all
    metrics_timeout_s: float = 10.0
    # where a copy of all samples goes by remote_write; empty: nowhere
    remote_write_url: str = ""
    # with a user the secret is their password, without one a bearer token
    remote_write_user: str = ""
    # its first line; RONDA_REMOTE_WRITE_SECRET wins
    remote_write_secret_file: str = ""
    # X-Scope-OrgID, for receivers that keep several apart
    remote_write_tenant: str = ""
    # MB that wait for receivers that are away; what is older is dropped, counted
    outward_mb: int = 1024
    # USER@HOST:PORT of the sshd that agents open tunnels to; empty: there are none
    tunnel_ssh: str = ""
    # the one host key that they believe there: ssh-ed25519 AAAA...
    tunnel_host_key: str = ""
    # an agent's port of the centre's loopback is this and its number
    tunnel_ports: int = 20_000
    # so many devices are worked on by playbooks at the same time
    playbooks_at_once: int = 20
    # where each night's backup goes; empty: none is made by itself
    backup_folder: str = ""
    # when, in `timezone`
    backup_at: str = "01.30"
    # so many are kept, here and where they are copied to
    backup_keep: int = 14
    # without what its first line says nobody opens a night's backup
    backup_passphrase_file: str = ""
    # a night's work is stopped after so long
    backup_limit_s: float = 14400.0
    # sftp://USER@HOST:PORT/FOLDER where each is copied to; empty: nowhere
    backup_sftp: str = ""
    # the one host key that is believed, as `ssh-keyscan` prints it: ssh-ed25519 AAAA...
    backup_sftp_host_key: str = ""
    # the private key that signs in there
    backup_sftp_key_file: str = ""

    def check(self) -> None:
        """Refused names the first setting that cannot be."""
        for name, fits, problem in RULES:
            value = getattr(self, name)
            if not fits(value):
                raise Refused(name, problem.format(repr(value)))
        for name, refused, problem in (*together(self), *with_others(self)):
            if refused:
                raise Refused(name, problem)

    @property
    def folder(self) -> Path:
        return Path(self.data)

    @property
    def demo(self) -> bool:
        """A regency that does not exist, for training."""
        return (self.folder / DEMO).exists()

    @property
    def journal_folder(self) -> Path:
        return self.folder / "journal"

    @property
    def window(self) -> Path:
        return self.folder / "window"

    @property
    def reports_to(self) -> str:
        """The base URL agents report to."""
        scheme = "https" if self.cert else "http"
        return self.ingest_url or f"{scheme}://{self.ingest}"


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` as host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def load(
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Settings from all three places; Refused names the key and the file or variable."""
    table: dict[str, Any] = {}
    if file is None and environment.get("RONDA_CONFIG"):
        file = Path(environment["RONDA_CONFIG"])
    if file is not None:
        try:
            table = tomllib.loads(file.read_text())
        except (OSError, ValueError) as error:
            raise Refused(str(file), str(error)) from error
    if "channels" in table:
        # read by the floor that sends
        del table["channels"]
        table.setdefault("channels_file", str(file))
    try:
        settings = build(Settings, table)
    except Refused as refused:
        raise Refused(f"{file}: {refused.place}", refused.problem) from None
    settings = replace(settings, **_from_environment(environment))
    given = {k: v for k, v in (overrides or {}).items() if v is not None}
    settings = replace(settings, **given)
    settings.check()
    return tamed(settings) if settings.demo else settings


def tamed(settings: Settings) -> Settings:
    """Settings by which a centre asks and tells nobody outside of this machine."""
    return replace(
        settings,
        centre_targets=(),
        uplink_targets=(),
        heartbeat_url="",
        alertmanager_urls=(),
        parent_url="",
        channels_file="",
        capacity_hours="",
        capacity_url="",
        oidc_issuer="",
        backup_sftp="",
        metrics_url="",
        remote_write_url="",
        metrics_write_url="",
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spec in fields(Settings):
        text = environment.get(f"RONDA_{spec.name.upper()}")
        if text is not None:
            found[spec.name] = _parse(spec.type, text, f"RONDA_{spec.name.upper()}")
    return found


def _parse(hint: Any, text: str, place: str) -> Any:
    if hint == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if hint is bool:
        if text.lower() not in ("0", "1", "true", "false", "off", "on"):
            raise Refused(place, f"expected true or false, got {text!r}")
        return text.lower() in ("1", "true", "on")
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            raise Refused(place, f"expected a number, got {text!r}") from None
    return convert(hint, text, place)
