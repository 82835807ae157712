"""What agents and the centre may say, in English, and the same in Indonesian.

Where two sentences fit a text, the one that stands first counts; `collector.reasons` looks them up.
"""

from collector.sentences_alertmanager import ALERTMANAGER
from collector.sentences_alerts import ALERTS
from collector.sentences_apps import APPS
from collector.sentences_cells import CELLS
from collector.sentences_centres import REASONS
from collector.sentences_files import FILES
from collector.sentences_hotspot import HOTSPOT
from collector.sentences_measures import MEASURES
from collector.sentences_pages import PAGES
from collector.sentences_scripts import SCRIPTS
from collector.sentences_ssh import SSH

# what people said: first, for a note may hold any words
_PEOPLE = (
    ("%(person)s says: %(note)s", "menurut %(person)s: %(note)s"),
    ("%(person)s says so", "menurut %(person)s"),
    ("%(person)s works on it: %(note)s", "sedang dikerjakan %(person)s: %(note)s"),
    ("%(person)s works on it", "sedang dikerjakan %(person)s"),
    ("maintenance", "pemeliharaan"),
)
# agent/probes, agent/dial
_AGENTS = (
    ("no answer from DNS server %(place)s", "server DNS %(place)s tidak menjawab"),
    ("no answer from %(place)s", "%(place)s tidak menjawab"),
    ("no answer within %(n)s s", "tidak ada jawaban dalam %(n)s dtk"),
    ("%(place)s answers no DNS", "%(place)s tidak menjawab DNS"),
    (
        "DNS server %(place)s cannot resolve %(name)s (%(code)s)",
        "server DNS %(place)s tidak bisa mencari %(name)s (%(code)s)",
    ),
    (
        "DNS server %(place)s knows no address of %(name)s",
        "server DNS %(place)s tidak tahu alamat %(name)s",
    ),
    ("%(place)s says there is no name %(name)s", "menurut %(place)s nama %(name)s tidak ada"),
    ("the name %(name)s cannot be looked up now", "nama %(name)s sedang tidak bisa dicari"),
    ("the name %(name)s is not found", "nama %(name)s tidak ditemukan"),
    ("no route to %(place)s", "tidak ada jalan ke %(place)s"),
    ("%(place)s refuses the connection", "%(place)s menolak sambungan"),
    ("%(place)s broke the connection off", "%(place)s memutus sambungan"),
    ("%(place)s accepts but says nothing", "%(place)s menerima sambungan tetapi diam"),
    ("no TLS with %(place)s: %(code)s", "TLS dengan %(place)s gagal: %(code)s"),
    (
        "HTTP %(code)s to %(place)s instead of %(wanted)s",
        "HTTP %(code)s ke %(place)s, seharusnya %(wanted)s",
    ),
    ("HTTP %(code)s instead of %(wanted)s", "HTTP %(code)s, seharusnya %(wanted)s"),
    ("redirected to %(place)s", "dialihkan ke %(place)s"),
    (
        "the page lacks %(text)s in its first %(n)s kB",
        "halaman tidak memuat %(text)s di %(n)s kB pertamanya",
    ),
    ("the page lacks %(text)s", "halaman tidak memuat %(text)s"),
    ("the page holds %(text)s", "halaman memuat %(text)s"),
    ("certificate expired %(span)s ago", "sertifikat habis %(span)s lalu"),
    ("certificate is valid only in %(span)s", "sertifikat baru berlaku %(span)s lagi"),
    ("certificate of %(place)s: %(code)s", "sertifikat %(place)s: %(code)s"),
    ("the answer breaks off in the middle", "jawaban terputus di tengah"),
    ("the answer is not HTTP", "jawabannya bukan HTTP"),
    ("the centre cannot be reached: %(code)s", "pusat tidak bisa dihubungi: %(code)s"),
    (
        "another page instead of the centre's: %(text)s",
        "halaman lain muncul, bukan halaman pusat: %(text)s",
    ),
    ("another page instead of the centre's", "halaman lain muncul, bukan halaman pusat"),
    ("sent to %(place)s instead of the centre", "dialihkan ke %(place)s, bukan ke pusat"),
    ("no process %(name)s", "program %(name)s tidak berjalan"),
    ("no service %(name)s on this machine", "layanan %(name)s tidak ada di mesin ini"),
    ("%(name)s does not run", "%(name)s tidak berjalan"),
    (
        "%(name)s fails and is started over and over (%(code)s)",
        "%(name)s gagal dan terus dimulai ulang (%(code)s)",
    ),
    ("%(name)s failed (%(code)s)", "%(name)s gagal (%(code)s)"),
    ("no %(name)s on this system", "%(name)s tidak ada di sistem ini"),
    # wifi, routeros
    (
        "%(place)s answers, but has no REST API of RouterOS 7",
        "%(place)s menjawab, tetapi tidak punya REST API RouterOS 7",
    ),
    (
        "%(place)s shows another certificate than the one that was written down: %(code)s",
        "sertifikat %(place)s bukan yang tercatat: %(code)s",
    ),
    ("the router does not tell everything", "router tidak menjawab semuanya"),
    ("not everything could be read within %(n)s s", "tidak semuanya terbaca dalam %(n)s dtk"),
    (
        "%(n)s access points, only %(count)s are read",
        "%(n)s pemancar wifi, hanya %(count)s yang dibaca",
    ),
    (
        "no access point and no DHCP server here",
        "tidak ada pemancar wifi dan server DHCP di sini",
    ),
)
# collector/judge, collector/fold
_CENTRE = (
    ("no uplink works: %(name)s", "tidak ada jalur yang bekerja: %(name)s"),
    ("no uplink works", "tidak ada jalur yang bekerja"),
    ("%(n)s of packets are lost", "%(n)s paket hilang"),
    ("answers take %(n)s ms", "jawaban memakan %(n)s ms"),
    ("on the backup uplink", "lewat jalur cadangan"),
    ("%(n)s of %(wanted)s Mbit/s are measured", "terukur %(n)s dari %(wanted)s Mbit/dtk"),
    ("never reported", "belum pernah lapor"),
    ("silent", "tidak melapor"),
    ("switched off", "dimatikan"),
    ("site silent", "lokasi tidak melapor"),
    ("site switched off", "lokasi dimatikan"),
    ("who looks at it is silent", "agen yang memeriksanya tidak melapor"),
    (
        "%(place)s is the centre's own: list it in allow_targets to reach it",
        "%(place)s milik pusat sendiri: masukkan ke allow_targets agar boleh diperiksa",
    ),
    ("the centre was away", "pusat tidak melihat"),
    ("its agent's figures say so", "menurut angka dari agennya"),
    ("it ran on battery before it fell silent", "memakai baterai sebelum berhenti melapor"),
    (
        "a page of the provider came instead of the right one",
        "halaman penyedia muncul, bukan halaman yang benar",
    ),
    (
        "the link to the provider's device went before the silence",
        "kabel ke perangkat penyedia terputus sebelum berhenti melapor",
    ),
    (
        "the link to the provider's device held to the end",
        "kabel ke perangkat penyedia tetap tersambung sampai akhir",
    ),
    ("the link to the provider's device was lost", "kabel ke perangkat penyedia terputus"),
    ("the optical receiver saw no light", "penerima optik tidak melihat cahaya"),
    (
        "%(n)s more site of %(group)s fell silent at the same time, all on one provider",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, semua di satu penyedia",
    ),
    (
        "%(n)s more sites of %(group)s fell silent at the same time, all on one provider",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, semua di satu penyedia",
    ),
    (
        "%(n)s more site of %(group)s fell silent at the same time, all on %(isp)s",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, semua di %(isp)s",
    ),
    (
        "%(n)s more sites of %(group)s fell silent at the same time, all on %(isp)s",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, semua di %(isp)s",
    ),
    (
        "%(n)s more site of %(group)s fell silent at the same time, on %(count)s providers",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, di %(count)s penyedia",
    ),
    (
        "%(n)s more sites of %(group)s fell silent at the same time, on %(count)s providers",
        "%(n)s lokasi lain di %(group)s berhenti melapor bersamaan, di %(count)s penyedia",
    ),
    (
        "its agent had started %(span)s before it came back",
        "agennya menyala %(span)s sebelum melapor lagi",
    ),
    (
        "its agent ran on through the silence of %(span)s",
        "agennya tetap menyala selama %(span)s tidak melapor",
    ),
    ("its agent ran and saw the uplink down", "agennya menyala dan melihat jalur putus"),
    (
        "its agent ran, the link to the provider's device held, nothing answered beyond",
        "agennya menyala, kabel ke perangkat penyedia tersambung, di luar itu tidak ada jawaban",
    ),
)
# collector/cause, neighbours, contracts, alarm_cause
_CAUSES = (
    (
        "%(n)s more site of %(group)s lost their uplink at the same time, all on one provider",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, semua di satu penyedia",
    ),
    (
        "%(n)s more site of %(group)s lost their uplink at the same time, all on %(isp)s",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, semua di %(isp)s",
    ),
    (
        "%(n)s more site of %(group)s lost their uplink at the same time, on %(count)s providers",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, di %(count)s penyedia",
    ),
    (
        "%(n)s more sites of %(group)s lost their uplink at the same time, all on one provider",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, semua di satu penyedia",
    ),
    (
        "%(n)s more sites of %(group)s lost their uplink at the same time, all on %(isp)s",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, semua di %(isp)s",
    ),
    (
        "%(n)s more sites of %(group)s lost their uplink at the same time, on %(count)s providers",
        "%(n)s lokasi lain di %(group)s kehilangan jalur bersamaan, di %(count)s penyedia",
    ),
    ("it ran on battery before it was switched off", "memakai baterai sebelum dimatikan"),
    (
        "it ran on battery while no uplink worked",
        "memakai baterai selama tidak ada jalur yang bekerja",
    ),
    ("%(n)s of them ran on battery before", "%(n)s di antaranya memakai baterai sebelumnya"),
    (
        "%(n)s of them still run: it is not the power",
        "%(n)s di antaranya tetap menyala: bukan listrik",
    ),
    ("mobile lines of another provider went as well", "jalur seluler penyedia lain ikut mati"),
    (
        "its mobile line of another provider went as well",
        "jalur selulernya dari penyedia lain ikut mati",
    ),
    (
        "its lines of %(count)s providers went at the same time",
        "jalurnya dari %(count)s penyedia mati bersamaan",
    ),
    ("the optical receiver saw less and less light", "penerima optik melihat cahaya makin lemah"),
    (
        "names were not found any more while addresses answered",
        "nama tidak ditemukan lagi sementara alamat menjawab",
    ),
    ("the bill is due today", "tagihan jatuh tempo hari ini"),
    ("the bill was due %(span)s ago", "tagihan jatuh tempo %(span)s lalu"),
    ("the bill is due in %(span)s", "tagihan jatuh tempo %(span)s lagi"),
    ("the contract ends today", "kontrak habis hari ini"),
    ("the contract ended %(span)s ago", "kontrak habis %(span)s lalu"),
    ("the contract ends in %(span)s", "kontrak habis %(span)s lagi"),
    ("contracts often end with the year", "kontrak sering habis di akhir tahun"),
    (
        "its router had started %(span)s before it came back",
        "routernya menyala %(span)s sebelum lokasi melapor lagi",
    ),
    (
        "its router had started %(span)s before the uplink worked again",
        "routernya menyala %(span)s sebelum jalur bekerja lagi",
    ),
    (
        "its router had run for %(span)s, right through the silence",
        "routernya menyala terus selama %(span)s, juga saat lokasi tidak melapor",
    ),
    (
        "one of its devices restarted while the others ran on",
        "satu perangkatnya menyala ulang, yang lain tetap menyala",
    ),
    ("the mains were there all the time", "listrik PLN tetap ada"),
    ("it depends on %(name)s, which is down", "bergantung pada %(name)s, yang sedang mati"),
    ("the clock of its agent is wrong", "jam agennya salah"),
    (
        "a certificate that is good elsewhere seems too new here",
        "sertifikat yang baik di tempat lain tampak belum berlaku di sini",
    ),
    ("the UPS of the site reports it", "menurut UPS lokasi"),
    ("hardly an address is left for phones", "alamat untuk ponsel hampir habis"),
    ("the machine of the agent says so itself", "menurut mesin agennya sendiri"),
    ("phones on the hotspot find no names", "ponsel di hotspot tidak menemukan nama"),
    (
        "phones sign in and reach nothing beyond",
        "ponsel bisa masuk tetapi tidak sampai ke internet",
    ),
    (
        "the way of a phone into the hotspot ends at %(step)s",
        "jalan ponsel ke hotspot berhenti di %(step)s",
    ),
    ("the site works, its access point does not", "lokasi normal, pemancar wifinya tidak"),
    ("the site works, its hotspot does not", "lokasi normal, hotspotnya tidak"),
    ("the site works, this device does not", "lokasi normal, perangkat ini tidak"),
    ("the site works, this service does not", "lokasi normal, layanan ini tidak"),
    (
        "the site works, this has been gone for %(span)s",
        "lokasi normal, tetapi alat ini hilang sejak %(span)s",
    ),
    ("all %(n)s devices went, its agent did not", "semua %(n)s perangkat mati, agennya tidak"),
    ("the site runs on battery", "lokasi memakai baterai"),
    ("names are not found", "nama tidak ditemukan"),
    ("addresses answer, names are not found", "alamat menjawab, nama tidak ditemukan"),
    ("neither names nor addresses answer", "nama maupun alamat tidak menjawab"),
    ("all %(n)s services of this machine are down", "semua %(n)s layanan di mesin ini mati"),
    ("in its own village it does not work either", "dari desanya sendiri juga tidak bekerja"),
    (
        "it works from outside and not in its own village",
        "dari luar bekerja, dari desanya sendiri tidak",
    ),
    (
        "it works in its own village and not from outside",
        "dari desanya sendiri bekerja, dari luar tidak",
    ),
    ("its certificate is refused", "sertifikatnya ditolak"),
    ("its name is not found", "namanya tidak ditemukan"),
    ("the machine it runs on does not answer", "mesin tempatnya berjalan tidak menjawab"),
)
SENTENCES = (
    *_PEOPLE,
    *ALERTMANAGER,
    *ALERTS,
    *APPS,
    *HOTSPOT,
    *MEASURES,
    *_AGENTS,
    *SCRIPTS,
    *_CENTRE,
    *_CAUSES,
    *FILES,
    *CELLS,
    *PAGES,
    *REASONS,
    *SSH,
)
# what sites that fell together share
GROUPS = (
    ("the upstream %(name)s", "jalur hulu %(name)s"),
    ("the power feeder %(name)s", "penyulang %(name)s"),
    ("the power feeder", "penyulang yang sama"),
    ("the district %(name)s", "kecamatan %(name)s"),
    ("the district", "kecamatan yang sama"),
)
# lengths of time
SPANS = (
    ("%(n)s days", "%(n)s hari"),
    ("%(n)s day", "%(n)s hari"),
    ("%(n)s hours", "%(n)s jam"),
    ("%(n)s hour", "%(n)s jam"),
    ("%(n)s minutes", "%(n)s menit"),
    ("%(n)s minute", "%(n)s menit"),
    ("%(n)s h", "%(n)s jam"),
    ("%(n)s min", "%(n)s mnt"),
    ("%(n)s s", "%(n)s dtk"),
    ("a moment", "sebentar"),
)
