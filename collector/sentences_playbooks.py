"""Why a playbook may not run, waits, or ended as it did; in English and Indonesian.

Looked up by `collector.reasons.run` alone: some hold other sentences, and would fit too much.
"""

from collector.sentences_devices import OF_DEVICE

Pairs = tuple[tuple[str, str], ...]

# sentences around sentences: the longest first
_AROUND: Pairs = (
    (
        "%(step_why)s; not known whether it was undone: %(also_why)s",
        "%(step_why)s; tidak diketahui apakah sudah dikembalikan: %(also_why)s",
    ),
    ("%(step_why)s; nothing was changed", "%(step_why)s; tidak ada yang berubah"),
    ("%(step_why)s; what was done stays", "%(step_why)s; yang sudah dikerjakan tetap berlaku"),
    ("%(step_why)s; undoing it failed", "%(step_why)s; pengembaliannya gagal"),
    ("step %(step_no)s: %(step_why)s", "langkah %(step_no)s: %(step_why)s"),
    ("interrupted at step %(step_no)s", "terputus di langkah %(step_no)s"),
    ("stopped by %(name)s", "dihentikan oleh %(name)s"),
    ("nobody approved it within a day", "tidak ada yang menyetujuinya dalam sehari"),
    ("it could not begin within a day", "belum bisa dimulai dalam sehari"),
    ("%(n)s of %(all)s failed", "%(n)s dari %(all)s gagal"),
)
# playbooks/blocking, asking, host_rows, plan
_BEFORE: Pairs = (
    ("the site is not active", "lokasi ini tidak aktif"),
    (
        "nothing of it is looked at beforehand: look at its plan",
        "tidak ada yang diperiksa sebelumnya: lihat rencananya",
    ),
    (
        "blocked: the cause of the outage is %(outage)s",
        "ditahan: penyebab gangguannya %(outage)s",
    ),
    ("blocked: the site runs on its battery", "ditahan: lokasi ini memakai baterai"),
    (
        "blocked: no maintenance window is open for the site",
        "ditahan: lokasi ini tidak sedang dalam jadwal pemeliharaan",
    ),
    ("waits for run %(n)s at this site", "menunggu pekerjaan %(n)s di lokasi ini"),
    (
        "%(n)s are open: wait for their end, or stop some",
        "%(n)s pekerjaan masih terbuka: tunggu selesai, atau hentikan sebagian",
    ),
    (
        "%(n)s of %(name)s are open: wait for their end, or stop some",
        "%(n)s pekerjaan %(name)s masih terbuka: tunggu selesai, atau hentikan sebagian",
    ),
    (
        "no incident %(n)s is of these sites: name one that is",
        "tidak ada gangguan %(n)s di lokasi-lokasi ini: sebut yang benar",
    ),
    (
        "two people are needed for it, and a program is none: ask yourself",
        "perlu dua orang, dan program bukan orang: mintalah sendiri",
    ),
    (
        "no device is kept for this site; see: ronda hosts set",
        "belum ada perangkat yang disimpan untuk lokasi ini",
    ),
    (
        "no such device is kept; see: ronda hosts set",
        "perangkat ini tidak disimpan",
    ),
    (
        "no device of it fits %(playbook)s (%(wanted)s)",
        "tidak ada perangkatnya yang cocok untuk %(playbook)s (%(wanted)s)",
    ),
    (
        "no device of it fits %(playbook)s (%(wanted)s): %(device)s",
        "perangkat %(device)s tidak cocok untuk %(playbook)s (%(wanted)s)",
    ),
    (
        "several devices fit, name one of them: %(names)s",
        "beberapa perangkat cocok, pilih salah satu: %(names)s",
    ),
    ("none is named", "belum ada yang dipilih"),
    ("at most %(n)s in one run", "paling banyak %(n)s dalam satu pekerjaan"),
    (
        "its login cannot be read by this centre: enter it again",
        "akun masuknya tidak bisa dibaca oleh pusat ini: isi lagi",
    ),
    (
        "%(playbook)s is not for %(platform)s, only for %(known)s",
        "%(playbook)s bukan untuk %(platform)s, hanya untuk %(known)s",
    ),
    ("there is none called %(name)s; see: ronda playbooks list", "tidak ada yang bernama %(name)s"),
)
# playbooks/values, host_rows
_VALUES: Pairs = (
    ("missing", "wajib diisi"),
    (
        "unknown parameter; known are %(names)s",
        "parameter tidak dikenal; yang dikenal: %(names)s",
    ),
    ("unknown parameter; there are none", "parameter tidak dikenal; tidak ada parameter"),
    ("longer than %(n)s characters", "lebih dari %(n)s huruf"),
    (
        "expected one of %(names)s, got %(text)s",
        "harus salah satu dari %(names)s, bukan %(text)s",
    ),
    ("must be %(n)s or more", "minimal %(n)s"),
    ("must be %(n)s or less", "maksimal %(n)s"),
    (
        "expected an IP address without a zone, got %(text)s",
        "harus alamat IP tanpa zona, bukan %(text)s",
    ),
    ("expected an IP address, got %(text)s", "harus alamat IP, bukan %(text)s"),
    (
        "expected a network such as 10.0.0.0/24, got %(text)s",
        "harus jaringan seperti 10.0.0.0/24, bukan %(text)s",
    ),
    (
        "expected a network without a zone, got %(text)s",
        "harus jaringan tanpa zona, bukan %(text)s",
    ),
    ("expected a host name, got %(text)s", "harus nama host, bukan %(text)s"),
    (
        "expected an interface such as ether1 or br-lan, got %(text)s",
        "harus antarmuka seperti ether1 atau br-lan, bukan %(text)s",
    ),
    (
        "expected letters, digits and . _ @ : -, got %(text)s",
        "harus huruf, angka dan . _ @ : -, bukan %(text)s",
    ),
    ("expected the name of an archive, got %(text)s", "harus nama salinan, bukan %(text)s"),
    ("expected a whole number, got %(text)s", "harus bilangan bulat, bukan %(text)s"),
    (
        "expected 1 to 255 printable ASCII characters",
        "harus 1 sampai 255 huruf, angka atau tanda biasa",
    ),
    (
        "expected the code of a site, got %(text)s",
        "harus kode lokasi, bukan %(text)s",
    ),
    ("expected 1 to 65535, got %(n)s", "harus 1 sampai 65535, bukan %(n)s"),
    ("a password or a private key is needed", "perlu sandi atau kunci privat"),
    (
        "the machine on the way is named with the way jump, and only then",
        "mesin perantara disebut bila lewat mesin lain, dan hanya saat itu",
    ),
    (
        "no machine of the centre is called %(name)s: keep it first, with site -",
        "tidak ada mesin pusat yang bernama %(name)s: simpan dulu, dengan situs -",
    ),
    ("choose one of the list", "pilih salah satu dari daftar"),
    (
        "the way to it or the user changed: enter its login again",
        "jalan ke sana atau penggunanya berubah: isi lagi akun masuknya",
    ),
    (
        "somebody else changed it meanwhile: look at it again",
        "sementara itu sudah diubah orang lain: periksa lagi",
    ),
    ("there is no such site", "lokasi ini tidak ada"),
    ("expected NAME=VALUE, got %(text)s", "harus NAMA=NILAI, bukan %(text)s"),
    ("no public key: %(text)s", "bukan kunci publik: %(text)s"),
    ("a site has at most %(n)s: remove one", "satu lokasi paling banyak %(n)s: hapus satu dulu"),
    ("at most %(n)s of %(m)s characters", "paling banyak %(n)s, masing-masing %(m)s huruf"),
    ("at most %(n)s", "paling banyak %(n)s"),
    (
        "expected a name and a printable value",
        "harus nama dan nilai yang bisa dicetak",
    ),
)
# playbooks/outcomes, looks, evidence
_OUTCOMES: Pairs = (
    ("ended with %(n)s: %(line)s", "berakhir dengan kode %(n)s: %(line)s"),
    ("ended: %(line)s", "berakhir: %(line)s"),
    ("must not have %(text)s, got: %(line)s", "tidak boleh memuat %(text)s, dijawab: %(line)s"),
    ("expected %(text)s, got: %(line)s", "seharusnya %(text)s, dijawab: %(line)s"),
    ("%(name)s: not found in: %(line)s", "%(name)s tidak ditemukan di: %(line)s"),
    (
        "reported what it measured %(n)s s after it",
        "melaporkan yang diukurnya %(n)s dtk sesudahnya",
    ),
    (
        "has reported nothing since that was measured since",
        "belum melaporkan apa pun yang diukur sesudahnya",
    ),
    ("has not reported since", "belum melapor sejak itu"),
    ("the site has no check %(name)s", "lokasi ini tidak punya pemeriksaan %(name)s"),
    ("%(name)s has not been probed since", "%(name)s belum diperiksa sejak itu"),
    ("%(name)s is good", "%(name)s baik"),
    ("%(name)s is bad: %(step_why)s", "%(name)s terganggu: %(step_why)s"),
    ("%(name)s is unknown: %(step_why)s", "%(name)s tidak diketahui: %(step_why)s"),
    (
        "the question cannot be answered: %(line)s",
        "pertanyaannya tidak bisa dijawab: %(line)s",
    ),
    ("does not hold: %(line)s", "tidak terpenuhi: %(line)s"),
    ("holds", "terpenuhi"),
)
# playbooks/runner, settling, hands, foreman
_RUNNING: Pairs = (
    (
        "the device does not say that its net is armed",
        "perangkat tidak menyatakan pengaman baliknya terpasang",
    ),
    (
        "the proof came too late: the device is about to undo it by itself",
        "buktinya terlambat: perangkat segera mengembalikan sendiri",
    ),
    ("the net could not be stopped: %(net)s", "pengaman balik tidak bisa dihentikan: %(net)s"),
    ("the net says %(net)s", "keadaan pengaman balik: %(net)s"),
    ("the net is silent", "pengaman balik tidak menjawab"),
    (
        "the device does not say how its net stands",
        "perangkat tidak memberi tahu keadaan pengaman baliknya",
    ),
    (
        "proved; its last answer was not heard",
        "terbukti baik; jawaban terakhirnya tidak terdengar",
    ),
    (
        "%(name)s: archive: %(text)s is none of this device; %(line)s",
        "%(name)s: %(text)s bukan salinan alat ini; %(line)s",
    ),
    (
        "ronda-agent.pyz: is not signed by the key of this centre: do not use it",
        "ronda-agent.pyz tidak ditandatangani dengan kunci pusat ini: jangan dipakai",
    ),
    (
        "the playbook was changed after it was planned: look at its plan, and ask again",
        "langkah kerjanya berubah setelah direncanakan: lihat rencananya, lalu minta lagi",
    ),
    (
        "params: the secrets of the run cannot be read by this centre: "
        "ask again, and give them anew",
        "isian rahasia pekerjaan ini tidak bisa dibaca oleh pusat ini: minta lagi, isi lagi",
    ),
    (
        "%(name)s: archive: %(text)s cannot be opened by this centre: "
        "it needs the secret.key that sealed it",
        "%(name)s: %(text)s tidak bisa dibuka oleh pusat ini: perlu secret.key yang menyegelnya",
    ),
    (
        "its agent opened no tunnel within %(n)s s: does the site report, "
        "and is an ssh client there?",
        "agennya tidak membuka terowongan dalam %(n)s dtk: apakah lokasi ini melapor, "
        "dan ada klien ssh di sana?",
    ),
    (
        "it is reached by a tunnel, and tunnel_ssh is not set: see docs/tunnels.md",
        "ia dicapai lewat terowongan, dan tunnel_ssh belum diisi: lihat docs/tunnels.md",
    ),
    ("the centre could not go on", "pusat tidak bisa melanjutkan"),
    ("the centre stopped", "pusat berhenti"),
    (
        "(the line was lost while it ran: %(also_why)s)",
        "(sambungan putus saat dijalankan: %(also_why)s)",
    ),
)
RUNS: Pairs = (
    *_AROUND,
    *((f"%(device)s: {english}", f"%(device)s: {said}") for english, said in OF_DEVICE),
    *OF_DEVICE,
    *_BEFORE,
    *_RUNNING,
    *_OUTCOMES,
    *_VALUES,
)
# the cause of an outage, as code that a sentence names
OUTAGES: Pairs = (
    ("power", "listrik padam"),
    ("fiber", "kabel FO putus"),
    ("isp", "gangguan penyedia"),
    ("suspended", "isolir"),
    ("backbone", "gangguan jaringan tulang punggung"),
    ("device", "gangguan perangkat"),
    ("dns", "gangguan DNS"),
    ("wifi", "gangguan wifi"),
    ("app", "gangguan aplikasi"),
    ("server", "gangguan server"),
    ("clock", "jam salah"),
    ("theft", "perangkat hilang"),
    ("maintenance", "pemeliharaan"),
    ("unknown", "belum diketahui"),
)
# how the net under a run stands
NETS: Pairs = (
    ("armed", "terpasang"),
    ("undoing", "sedang mengembalikan"),
    ("undone", "sudah mengembalikan"),
    ("failed", "gagal mengembalikan"),
    ("disarmed", "dilepas"),
    ("absent", "tidak ada"),
    ("no answer", "tidak ada jawaban"),
)
