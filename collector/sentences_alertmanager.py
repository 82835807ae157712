"""What is said of Alertmanagers, ours to them and theirs to us, in English and in Indonesian."""

# why an alert of theirs is not taken
_REASONS = (
    ("it has no label alertname", "tidak punya label alertname"),
    (
        "the label site names no active site of the token's areas",
        "label site bukan lokasi aktif di wilayah token",
    ),
    (
        "it has no label site, and the token is not for everywhere",
        "tidak punya label site, dan token hanya untuk wilayah tertentu",
    ),
    ("too many alerts of others are open", "terlalu banyak peringatan dari luar masih terbuka"),
)
# the same behind names of alerts, several of them
REFUSALS = (
    *((f"%(refusals)s: {english}", f"%(refusals)s: {said}") for english, said in _REASONS),
    ("%(refusals)s, %(name)s", "%(refusals)s, %(name)s"),
)
ALERTMANAGER = (
    ("its Alertmanager says that it is over", "kata Alertmanager-nya sudah selesai"),
    (
        "its Alertmanager has not told of it for a day",
        "sehari tidak dikabarkan lagi oleh Alertmanager-nya",
    ),
    *_REASONS,
    (
        "%(place)s: %(n)s open incidents, %(age)s s ago: %(answer)s",
        "%(place)s: %(n)s gangguan terbuka, %(age)s dtk lalu: %(answer)s",
    ),
    ("%(place)s: none yet", "%(place)s: belum ada"),
    ("start the centre; its engine sends", "jalankan pusat; mesin penilainya yang mengirim"),
    ("the engine does not send: see its log", "mesin penilai tidak mengirim: baca catatannya"),
    (
        "end incidents that are over, or mute their causes",
        "selesaikan gangguan yang sudah pulih, atau heningkan penyebabnya",
    ),
    (
        "%(n)s in the last message with any were not taken: %(refusals)s",
        "%(n)s di pesan terakhir yang memuatnya tidak diterima: %(refusals)s",
    ),
    (
        "see what the sender's labels say, and the token's areas",
        "periksa label dari pengirimnya, dan wilayah tokennya",
    ),
)
