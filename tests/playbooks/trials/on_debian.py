"""What is tried on Debian."""

from tests.playbooks.devices.street import GATE
from tests.playbooks.trials.trial import Trial

_SERVICES, _COMMANDS = "cat /run/log/services", "cat /run/log/commands"
_APP = "/var/www/html/storage/logs"
_CERTIFICATE = "/etc/letsencrypt/live/sukamaju.desa.id"
_ISSUE = (
    "OPENSSL_CONF=/host/etc/ssl/openssl.cnf openssl req -x509 -nodes -subj /CN=desa "
    "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
)

ON_DEBIAN = (
    Trial(
        "bersihkan-disk",
        before=f"mkdir -p {_APP} /var/www/html/desa/upload; touch /var/www/html/desa/upload/foto; "
        f"touch -d '2026-01-01' /tmp/ci_session1 {_APP}/log-2026-01-01.php; "
        "touch /tmp/ci_session2; "
        f"echo galat >{_APP}/log-2026-11-29.php",
        shows=f"ls /tmp {_APP} /var/www/html/desa/upload; {_COMMANDS}",
        sees=r"^/tmp:\nci_session2\n\n(?s:.*)foto\n\n(?s:.*)logs:\nlog-2026-11-29\.php\n(?s:.*)"
        r"vacuum-size=200M\napt-get clean\ndocker image prune -f\n$",
        archive="galat",
    ),
    Trial("cadangkan-konfigurasi", archive=r"(?s)etc/network/up.*ip addr add 10\.99\.0\.2"),
    Trial("diagnosa-jalur", {"target": GATE}, says="20 packets transmitted, 20 received"),
    Trial(
        "hidupkan-ulang-agen",
        shows=_SERVICES,
        sees="ronda-agent restart\nwg-quick@wg0 restart\n",
    ),
    Trial("kumpulkan-bukti", says=r"(?s)bookworm.*default via 10\.99\.0\.1"),
    Trial("mulai-ulang-aplikasi", shows=_SERVICES, sees="php8.2-fpm restart\nnginx reload\n"),
    Trial(
        "mulai-ulang-aplikasi",
        {"how": "docker"},
        before="mkdir -p /etc/answers; echo running >/etc/answers/docker",
        shows=_COMMANDS,
        sees="docker restart opensid\n",
        case="in a container",
    ),
    Trial(
        "mulai-ulang-basis-data",
        before="mkdir -p /var/lib/mysql /run/services; echo failed >/run/services/mariadb",
        shows=f"{_SERVICES}; mysqladmin ping; {_COMMANDS}",
        sees="(?s)mariadb restart\nmysqld is alive\n.*mysqlcheck --all-databases --check",
    ),
    Trial(
        "mulai-ulang-basis-data",
        before="mkdir -p /var/lib/mysql /run/log; touch /run/log/services",
        shows=f"{_SERVICES}; echo end",
        sees="^end\n$",
        case="that answers",
    ),
    Trial("mulai-ulang-hotspot", shows=_SERVICES, sees="freeradius restart\n"),
    Trial("nyalakan-ulang-router", restarts=True),
    Trial(
        "perbaiki-dns",
        shows="cat /etc/resolv.conf",
        sees="^nameserver 1.1.1.1\nnameserver 8.8.8.8\n$",
    ),
    Trial(
        "perbaiki-dns",
        before="echo systemd-resolved >>/etc/systemd/known",
        shows=f"cat /etc/systemd/resolved.conf.d/ronda.conf /etc/resolv.conf; {_COMMANDS}",
        sees=r"^\[Resolve\]\nDNS=1\.1\.1\.1 8\.8\.8\.8\nnameserver 1\.1\.1\.1\n(?s:.*)flush-caches",
        case="with resolved",
    ),
    Trial(
        "perbarui-alamat-wan",
        shows=f"{_COMMANDS}; ip -4 -o addr show dev eth0",
        sees=r"ifdown --force eth0\nifup eth0\n.*inet 10\.99\.0\.2/24",
    ),
    Trial(
        "perbarui-firmware",
        shows=_COMMANDS,
        sees="(?s)apt-get -q update\napt-get -q -y .*confold .*confdef upgrade\n",
    ),
    Trial(
        "perbarui-sertifikat",
        {"certificate": "sukamaju.desa.id"},
        before=f"mkdir -p /etc/letsencrypt/renewal {_CERTIFICATE}; "
        "touch /etc/letsencrypt/renewal/sukamaju.desa.id.conf; "
        f"{_ISSUE} -keyout /tmp/key -days 1 -out {_CERTIFICATE}/cert.pem; "
        f"{_ISSUE} -keyout /tmp/key -days 90 -out /etc/letsencrypt/new.pem",
        shows=f"openssl x509 -noout -checkend 6000000 -in {_CERTIFICATE}/cert.pem; {_SERVICES}",
        sees="will not expire\nnginx reload\n",
    ),
    Trial(
        "setel-waktu",
        {"zone": "Makassar"},
        shows="cat /etc/timezone /etc/systemd/timesyncd.conf.d/ronda.conf; timedatectl show",
        sees=r"^Asia/Makassar\n\[Time\]\nNTP=id\.pool\.ntp\.org\n(?s:.*)NTP=yes",
    ),
    Trial(
        "ukur-kecepatan",
        before="mkdir -p /etc/answers; echo '3125000 bytes per second' >/etc/answers/curl",
        shows=_COMMANDS,
        sees=r"https://speed\.cloudflare\.com/__down\?bytes=25000000\n",
        says="3125000 bytes per second",
    ),
)
