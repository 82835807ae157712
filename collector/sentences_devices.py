"""What is said of a device, whose name may stand before it: playbooks/transport, marks."""

OF_DEVICE: tuple[tuple[str, str], ...] = (
    (
        "what would be done is not what was planned: look at its plan, and ask again",
        "yang akan dikerjakan bukan lagi yang direncanakan: lihat rencananya, lalu minta lagi",
    ),
    (
        "does not answer within %(n)s s: is it on, and does a firewall let SSH through?",
        "tidak menjawab dalam %(n)s dtk: apakah menyala, dan apakah firewall meloloskan SSH?",
    ),
    (
        "does not answer: is it on, and does a firewall let SSH through?",
        "tidak menjawab: apakah menyala, dan apakah firewall meloloskan SSH?",
    ),
    (
        "takes the connection and says nothing for %(n)s s: restart its SSH service",
        "menerima sambungan tetapi diam %(n)s dtk: mulai ulang layanan SSH-nya",
    ),
    (
        "refuses the connection: is its SSH service on, and on this port?",
        "menolak sambungan: apakah layanan SSH-nya menyala, dan di port ini?",
    ),
    (
        "no way leads to it: is the VPN, the tunnel or its uplink up?",
        "tidak ada jalan ke sana: apakah VPN, terowongan atau jalurnya hidup?",
    ),
    (
        "ends the connection at once: does it allow SSH from this address?",
        "langsung memutus sambungan: apakah SSH dari alamat ini diizinkan?",
    ),
    (
        "speaks only SHA-1 algorithms: allow old algorithms for this device, see %(page)s",
        "hanya bisa algoritma SHA-1: izinkan algoritma lama untuk perangkat ini, lihat %(page)s",
    ),
    (
        "speaks only version 1 of SSH, which is broken: update it or replace it",
        "hanya bisa SSH versi 1 yang sudah tidak aman: perbarui atau ganti",
    ),
    (
        "has no algorithm in common with the centre: update it (%(line)s)",
        "tidak punya algoritma yang sama dengan pusat: perbarui (%(line)s)",
    ),
    (
        "its name is not known here: enter an IP address",
        "namanya tidak dikenal di sini: isi alamat IP",
    ),
    (
        "is not reached by the machine on the way: is it on, and the address right? (%(line)s)",
        "tidak terjangkau dari mesin perantara: apakah menyala dan alamatnya benar? (%(line)s)",
    ),
    (
        "what answers is no SSH server, or one that is busy: is this the right port?",
        "yang menjawab bukan server SSH, atau sedang sibuk: apakah portnya benar?",
    ),
    ("SSH fails: %(line)s", "SSH gagal: %(line)s"),
    (
        "no key is known of it; it shows %(key)s: compare it on the device, then approve it",
        "kuncinya belum dikenal; ia menunjukkan %(key)s: cocokkan di perangkat, lalu setujui",
    ),
    (
        "shows another key than the one known of it, %(key)s: find out who replaced the "
        "device or stands in its place, then approve it",
        "menunjukkan kunci lain dari yang dikenal, %(key)s: cari tahu siapa yang mengganti "
        "perangkat atau menyamar, lalu setujui",
    ),
    (
        "no machine to go through is set: name one",
        "mesin perantara belum diisi: pilih satu",
    ),
    (
        "the password of %(user)s is not accepted: enter it again",
        "sandi %(user)s ditolak: isi lagi",
    ),
    (
        "hangs up at the sign-in: wait some minutes, it may have had too many attempts",
        "memutus saat masuk: tunggu beberapa menit, mungkin terlalu banyak percobaan",
    ),
    (
        "gives this account no shell: %(line)s",
        "tidak memberi akun ini shell: %(line)s",
    ),
)
