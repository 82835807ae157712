"""What is tried on RouterOS, of version 6 as of version 7."""

from tests.playbooks.trials.trial import Trial

_LOG = "/log print"

ON_ROUTEROS = (
    Trial(
        "batasi-pemakai",
        {"client": "10.5.50.7", "up": "1", "down": "2", "hours": "1"},
        shows="/queue simple print; /system scheduler print",
        sees=r"name=ronda-limit-7 target=10\.5\.50\.7 max-limit=1M/2M (?s:.*)interval=1h",
    ),
    Trial(
        "bersihkan-disk",
        before='/file add name="ronda-lama.rsc"; /file add name="flash/ronda-lama.txt"',
        shows="/file print",
        sees=r"^[^\n]*\n[^\n]*flash/ronda-lama\.txt[^\n]*\n$",
    ),
    Trial(
        "bersihkan-sewa-dhcp",
        {"dhcp": "dhcp-hs", "minutes": "45"},
        shows="/ip dhcp-server print; /ip dhcp-server lease print",
        sees=r"lease-time=45m(?s:.*)10\.5\.50\.7(?!.*10\.5\.50\.8)(?s:.*)10\.5\.50\.9",
    ),
    Trial("cadangkan-konfigurasi", archive=r"/ip route\s+add dst-address=0\.0\.0\.0/0"),
    Trial("diagnosa-jalur", says=r"(?s)sent=10 received=10 .*sent=20 received=20 "),
    Trial(
        "ganti-sandi-wifi",
        {"profile": "kantor", "password": 'a\'b "c" $d \\e;f#'},
        shows=':put [/interface wireless security-profiles get [find name="kantor"] '
        "wpa2-pre-shared-key]; :put [:len [/interface wireless security-profiles find]]",
        sees=r"^a'b \"c\" \$d \\e;f#\n1\n$",
    ),
    Trial(
        "hidupkan-ulang-agen",
        before='/system scheduler add name="ronda" interval=1d on-event=":put 1"',
        shows=_LOG,
        sees=r"/system scheduler enable by admin",
    ),
    Trial("kumpulkan-bukti", says=r"(?s)board-name: hAP.*leases 1.*guests 1"),
    Trial(
        "mulai-ulang-hotspot",
        {"hotspot": "hs1"},
        shows=_LOG,
        sees="/ip hotspot disable (?s:.*)/ip hotspot enable ",
    ),
    Trial(
        "nyalakan-ulang-ap",
        {"port": "ether5", "ap": "10.5.50.9"},
        shows=_LOG,
        sees="/interface ethernet poe power-cycle ",
    ),
    Trial("nyalakan-ulang-router", restarts=True),
    Trial("perbaiki-dns", shows=":put [/ip dns get servers]", sees="^1.1.1.1,8.8.8.8\n$"),
    Trial("perbarui-alamat-wan", shows=_LOG, sees="/ip dhcp-client release "),
    Trial(
        "perbarui-alamat-wan",
        {"wan": "pppoe-out1"},
        before="/interface pppoe-client enable [find]",
        shows=_LOG,
        sees="/interface pppoe-client disable (?s:.*)/interface pppoe-client enable ",
        case="by PPPoE",
    ),
    Trial(
        "perbarui-firmware",
        shows=":put [/system package update get installed-version]; /file print",
        sees=r"^[67]\.99\n[^\n]*\n$",
        restarts=True,
    ),
    Trial(
        "pindah-jalur",
        shows=':put ([/ip route get [find comment="ISP2"] distance] . "/" . '
        '[/ip route get [find comment="ISP1"] distance])',
        sees="^1/10\n$",
    ),
    Trial(
        "setel-waktu",
        {"zone": "Makassar"},
        shows="/system clock print; /system ntp client print; /export",
        sees=r"time-zone-name: Asia/Makassar(?s:.*)enabled: yes(?s:.*)"
        r"(address=id\.pool\.ntp\.org|primary-ntp=192\.0\.2\.2)",
    ),
    Trial(
        "tutup-layanan",
        {"manage": "10.0.0.0/24"},
        shows=":foreach one in=[/ip service find disabled=no] "
        'do={:put ([/ip service get $one name] . " " . [/ip service get $one address])}',
        sees=r"^ssh 10\.0\.0\.0/24\nwww-ssl \nwinbox 10\.0\.0\.0/24\napi-ssl \n$",
    ),
    Trial("ukur-kecepatan", shows=_LOG, sees="/tool fetch "),
)
