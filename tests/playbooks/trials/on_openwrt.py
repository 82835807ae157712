"""What is tried on OpenWrt."""

from tests.playbooks.devices.street import GATE
from tests.playbooks.trials.trial import Trial

WIFI = 'a\'b "c" $d \\e;f#'
_SERVICES = "cat /tmp/log/services"

ON_OPENWRT = (
    Trial(
        "batasi-pemakai",
        {"client": "10.5.50.7", "up": "1", "down": "2", "hours": "1"},
        shows="nft list ruleset; ps",
        sees=r"(?s)daddr 10\.5\.50\.7 limit rate over 250 .*saddr 10\.5\.50\.7 limit rate over 125 "
        r".*sleep 900",
    ),
    Trial(
        "bersihkan-disk",
        before="touch -d '2026-01-01 00:00' /tmp/ronda-old; "
        "touch /tmp/ronda-new /overlay/upper/core",
        shows="echo /tmp/ronda-*; ls /overlay/upper",
        sees=r"^/tmp/ronda-new\n$",
    ),
    Trial(
        "bersihkan-sewa-dhcp",
        {"minutes": "45"},
        shows=f"grep leasetime /etc/config/dhcp; {_SERVICES}",
        sees=r"leasetime '45m'\n(?s:.*)dnsmasq restart",
    ),
    Trial("cadangkan-konfigurasi", archive=r"(?s)etc/config/network.*ipaddr '10\.99\.0\.2'"),
    Trial("diagnosa-jalur", {"target": GATE}, says=r"20 packets transmitted, 20 packets received"),
    Trial(
        "ganti-sandi-wifi",
        {"password": WIFI},
        shows=f"uci get wireless.@wifi-iface[0].key; uci changes; {_SERVICES}",
        sees=r"^a'b \"c\" \$d \\e;f#\n(?!wireless)(?s:.*)wifi reload",
    ),
    Trial("hidupkan-ulang-agen", shows=_SERVICES, sees="(?m)^ronda restart$"),
    # a device's own address is of nobody's business at the centre
    Trial("kumpulkan-bukti", says=r"(?s)\"version\": \"23\.05\.5\".*STA xx:xx:xx:xx:xx:xx"),
    Trial("mulai-ulang-hotspot", shows=_SERVICES, sees="(?m)^opennds restart$"),
    Trial("nyalakan-ulang-ap", restarts=True),
    Trial("nyalakan-ulang-router", restarts=True),
    Trial(
        "perbaiki-dns",
        shows="cat /etc/config/network /etc/resolv.conf; uci changes",
        sees=r"list dns '1\.1\.1\.1'\n\tlist dns '8\.8\.8\.8'\n(?s:.*)"
        r"nameserver 1\.1\.1\.1\nnameserver 8\.8\.8\.8\n$",
    ),
    Trial("perbarui-alamat-wan", shows=_SERVICES, sees=r"network stop\nwan up\nnetwork start"),
    Trial("perbarui-firmware", shows="cat /etc/openwrt_release", sees="23.05.6", restarts=True),
    Trial("perbarui-sertifikat", shows=_SERVICES, sees=r"(?m)^acme renew\nuhttpd reload"),
    Trial(
        "pindah-jalur",
        shows="mwan3 interfaces",
        sees=r"wan is offline (?s:.*)wan2 is online",
    ),
    Trial(
        "setel-waktu",
        {"zone": "Makassar"},
        shows=f"cat /etc/config/system; uci changes; {_SERVICES}",
        sees=r"timezone 'WITA-8'\n\toption zonename 'Asia/Makassar'\n(?s:.*)"
        r"list server 'id\.pool\.ntp\.org'\n(?s:.*)system reload\nsysntpd restart",
    ),
    Trial("ukur-kecepatan", shows=_SERVICES, sees="uclient-fetch https://", says=r"[0-9.]+ Mbps"),
)
