"""Which settings go together: each by itself may be right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.settings import Settings

Rules = Sequence[tuple[str, object, str]]


def together(settings: "Settings") -> Rules:
    """Of what goes together: setting, whether it is refused, why."""
    s = settings
    return (
        ("key", s.cert and not s.key, "cert and key go together"),
        ("cert", s.key and not s.cert, "cert and key go together"),
        ("own_ca", s.cert and s.own_ca, "there is a cert already"),
        ("oidc_client_id", s.oidc_issuer and not s.oidc_client_id, "must be set"),
        ("public_url", s.oidc_issuer and not s.public_url, "must be set for oidc_issuer"),
        ("rollup_days", s.rollup_days < s.history_days, "must be history_days or more"),
        (
            "tunnel_host_key",
            s.tunnel_ssh and not s.tunnel_host_key,
            "must be set for tunnel_ssh",
        ),
    )


def with_others(settings: "Settings") -> Rules:
    """The same of what goes to other machines."""
    s = settings
    return (
        (
            "backup_passphrase_file",
            s.backup_folder and not s.backup_passphrase_file,
            "must be set: a night's backup is encrypted",
        ),
        (
            "backup_sftp",
            s.backup_sftp and not (s.backup_sftp_host_key and s.backup_sftp_key_file),
            "wants backup_sftp_host_key and backup_sftp_key_file",
        ),
        ("backup_sftp", s.backup_sftp and not s.backup_folder, "wants backup_folder"),
        (
            "metrics_url",
            s.metrics_write_url and not s.metrics_url,
            "must be set for metrics_write_url: what goes to an engine is read there, too",
        ),
        (
            "metrics_write_url",
            s.metrics_url and not s.metrics_write_url,
            "must be set for metrics_url: what is read from an engine is sent there, too",
        ),
        (
            "metrics_tail_days",
            s.metrics_url and s.metrics_tail_days > s.history_days,
            "must be history_days or less",
        ),
    )
