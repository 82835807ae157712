"""What `doctor` finds about receivers of remote_write, in English, and the same in Indonesian.

How a receiver stands is a sentence of four parts, of which three may be missing: each way to put
them together is one here, the fuller ones first.
"""

from itertools import product

_SENT = (
    "%(place)s: %(n)s samples sent since %(since)s, %(waiting)s MiB of %(most)s MiB wait",
    "%(place)s: %(n)s sampel terkirim sejak %(since)s, %(waiting)s MiB dari %(most)s MiB menunggu",
)
_NONE = ("", "")
_REFUSED = (", %(refused)s refused (%(refusal)s)", ", %(refused)s ditolak (%(refusal)s)")
_DROPPED = (
    ", %(dropped)s dropped, the last %(dropped_at)s",
    ", %(dropped)s dibuang, terakhir %(dropped_at)s",
)
_TAILS = (
    ("; nothing goes there now", "; sekarang tidak ada yang dikirim"),
    ("; nothing of after %(reached)s: %(why)s", "; tidak ada yang sesudah %(reached)s: %(why)s"),
    ("; %(behind)s s behind", "; tertinggal %(behind)s dtk"),
    _NONE,
)
OUTWARD = (
    ("nothing was sent to %(place)s yet", "belum ada yang dikirim ke %(place)s"),
    ("mend the setting; nothing is sent without", "betulkan setelan; tanpa itu tidak dikirim"),
    ("see the reason; what waits stays", "lihat alasannya; yang menunggu tetap tersimpan"),
    (
        "see why it was away so long, or raise outward_mb",
        "cari tahu mengapa begitu lama tidak terjangkau, atau naikkan outward_mb",
    ),
    ("start the centre, see its log", "jalankan pusat, lihat lognya"),
    ("start the centre", "jalankan pusat"),
    ("wait; it catches up", "tunggu; akan terkejar"),
    *(
        ("".join(part[0] for part in parts), "".join(part[1] for part in parts))
        for parts in product((_SENT,), (_REFUSED, _NONE), (_DROPPED, _NONE), _TAILS)
    ),
)
