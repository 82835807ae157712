"""Why a device cannot be worked on over SSH, in English and Indonesian; `place` is the device."""

SSH = (
    # playbooks/transport/reasons.py
    (
        "%(place)s: refuses the connection: is its SSH service on, and on this port?",
        "%(place)s: menolak sambungan: layanan SSH-nya hidup, dan di port ini?",
    ),
    (
        "%(place)s: no way leads to it: is the VPN, the tunnel or its uplink up?",
        "%(place)s: tidak ada jalan ke sana: VPN, terowongan, atau internetnya hidup?",
    ),
    (
        "%(place)s: ends the connection at once: does it allow SSH from this address?",
        "%(place)s: langsung memutus sambungan: SSH dari alamat ini diizinkan?",
    ),
    (
        "%(place)s: does not answer: is it on, and does a firewall let SSH through?",
        "%(place)s: tidak menjawab: alatnya hidup, dan SSH diloloskan firewall?",
    ),
    (
        "%(place)s: does not answer within %(n)s s: is it on, and does a firewall let SSH through?",
        "%(place)s: tidak menjawab dalam %(n)s dtk: alatnya hidup, dan SSH diloloskan firewall?",
    ),
    (
        "%(place)s: takes the connection and says nothing for %(n)s s: restart its SSH service",
        "%(place)s: menerima sambungan tetapi diam %(n)s dtk: mulai ulang layanan SSH-nya",
    ),
    (
        "%(place)s: its name is not known here: enter an IP address",
        "%(place)s: namanya tidak dikenal di sini: isi alamat IP",
    ),
    (
        "%(place)s: is not reached by the machine on the way: is it on, and the address right? "
        "(%(code)s)",
        "%(place)s: tidak terjangkau dari mesin perantara: alatnya hidup, dan alamatnya benar? "
        "(%(code)s)",
    ),
    (
        "%(place)s: no machine to go through is set: name one",
        "%(place)s: mesin perantara belum diisi: sebutkan satu",
    ),
    (
        "%(place)s: speaks only SHA-1 algorithms: allow old algorithms for this device, "
        "see docs/decisions/old-algorithms.md",
        "%(place)s: hanya bisa algoritme SHA-1: izinkan algoritme lama untuk alat ini, "
        "lihat docs/decisions/old-algorithms.md",
    ),
    (
        "%(place)s: speaks only version 1 of SSH, which is broken: update it or replace it",
        "%(place)s: hanya bisa SSH versi 1 yang sudah jebol: perbarui atau ganti",
    ),
    (
        "%(place)s: has no algorithm in common with the centre: update it (%(code)s)",
        "%(place)s: tidak punya algoritme yang sama dengan pusat: perbarui (%(code)s)",
    ),
    (
        "%(place)s: what answers is no SSH server, or one that is busy: is this the right port?",
        "%(place)s: yang menjawab bukan server SSH, atau sedang sibuk: portnya benar?",
    ),
    ("%(place)s: SSH fails: %(code)s", "%(place)s: SSH gagal: %(code)s"),
    # playbooks/transport/connecting.py
    (
        "%(place)s: no key is known of it; it shows %(key)s: compare it on the device, then "
        "approve it",
        "%(place)s: kuncinya belum dikenal; ia menunjukkan %(key)s: cocokkan di alatnya, lalu "
        "setujui",
    ),
    (
        "%(place)s: shows another key than the one known of it, %(key)s: find out who replaced "
        "the device or stands in its place, then approve it",
        "%(place)s: menunjukkan kunci lain dari yang dikenal, %(key)s: cari tahu siapa yang "
        "mengganti alatnya atau menyamar sebagai alat itu, baru setujui",
    ),
    (
        "%(place)s: a key that is known of it is no public key such as ssh-ed25519 AAAA...: enter "
        "it again",
        "%(place)s: kunci yang tercatat bukan kunci publik seperti ssh-ed25519 AAAA...: isi lagi",
    ),
    # playbooks/transport/signing_in.py
    (
        "%(place)s: the password of %(person)s is not accepted: enter it again",
        "%(place)s: sandi %(person)s tidak diterima: isi lagi",
    ),
    (
        "%(place)s: takes no password of %(person)s, only %(code)s: enter a private key",
        "%(place)s: tidak menerima sandi %(person)s, hanya %(code)s: isi kunci pribadi",
    ),
    (
        "%(place)s: takes no key of %(person)s, only %(code)s: enter a password",
        "%(place)s: tidak menerima kunci %(person)s, hanya %(code)s: isi sandi",
    ),
    (
        "%(place)s: wants more than a password of %(person)s, also %(code)s: allow one of them to "
        "be enough",
        "%(place)s: minta lebih dari sandi %(person)s, juga %(code)s: atur agar satu saja cukup",
    ),
    (
        "%(place)s: the key of %(person)s is not accepted: put its public part on the device",
        "%(place)s: kunci %(person)s tidak diterima: pasang bagian publiknya di alat",
    ),
    (
        "%(place)s: the key of %(person)s is under a passphrase: enter it again",
        "%(place)s: kunci %(person)s terkunci frasa sandi: isi lagi",
    ),
    (
        "%(place)s: the key of %(person)s does not open with this passphrase: enter it again",
        "%(place)s: kunci %(person)s tidak terbuka dengan frasa sandi ini: isi lagi",
    ),
    (
        "%(place)s: the key of %(person)s is no private key of RSA, ECDSA or Ed25519: enter it "
        "again",
        "%(place)s: kunci %(person)s bukan kunci pribadi RSA, ECDSA, atau Ed25519: isi lagi",
    ),
    (
        "%(place)s: hangs up at the sign-in: wait some minutes, it may have had too many attempts",
        "%(place)s: memutus saat masuk: tunggu beberapa menit, mungkin terlalu banyak percobaan",
    ),
    # playbooks/transport/line.py, shell.py, routeros.py
    ("%(place)s: the connection was lost", "%(place)s: sambungan terputus"),
    (
        "%(place)s: a command did not end within %(n)s s and may still be running there",
        "%(place)s: satu perintah belum selesai dalam %(n)s dtk dan mungkin masih berjalan di sana",
    ),
    (
        "%(place)s: did not take a command within %(n)s s",
        "%(place)s: tidak menerima perintah dalam %(n)s dtk",
    ),
    (
        "%(place)s: takes no commands: allow them to this account",
        "%(place)s: tidak menerima perintah: izinkan untuk akun ini",
    ),
    (
        "%(place)s: opens no channel for a command: %(code)s",
        "%(place)s: tidak membuka saluran untuk perintah: %(code)s",
    ),
    (
        "%(place)s: gives this account no shell: %(text)s",
        "%(place)s: akun ini tidak diberi shell: %(text)s",
    ),
    (
        "%(place)s: what it prints is longer than %(n)s bytes",
        "%(place)s: keluarannya lebih dari %(n)s bita",
    ),
    (
        "%(place)s: what it prints is not whole (exit %(code)s): %(text)s",
        "%(place)s: keluarannya tidak utuh (kode %(code)s): %(text)s",
    ),
    (
        "%(place)s: what it prints is not whole (exit %(code)s)",
        "%(place)s: keluarannya tidak utuh (kode %(code)s)",
    ),
    (
        "%(place)s: what it prints is not whole: %(text)s",
        "%(place)s: keluarannya tidak utuh: %(text)s",
    ),
    ("%(place)s: what it prints is not whole", "%(place)s: keluarannya tidak utuh"),
    (
        "%(place)s: a script is longer than %(n)s bytes",
        "%(place)s: skripnya lebih dari %(n)s bita",
    ),
)
