"""A report as it travels and as the journal keeps it; the field names are the JSON keys."""

import msgspec

PROTOCOL = 1

MAX_SENT_BYTES = 1 << 20
MAX_INFLATED_BYTES = 8 << 20
MAX_ENTRIES = 5000
MAX_LAYOUTS_A_REPORT = 8
MAX_LAYOUTS_AN_AGENT = 64
MAX_SERIES = 2000
MAX_NAME_BYTES = 512
MAX_CHECK_CHARS = 100
MAX_REASON_CHARS = 500
MAX_ID_CHARS = 64
# an agent may not be silent for longer than this by its own word, twice and a half
LONGEST_EVERY_S = 3600.0
# whole numbers above this are not exact in the JSON of every language
MAX_N = 1 << 53


class Frame(msgspec.Struct, gc=False, omit_defaults=True):
    """The numbers of one moment, in the order of a layout; None could not be measured."""

    n: int
    at: float
    layout: str
    values: list[float | None]
    up: float | None = None


class Finding(msgspec.Struct, gc=False, omit_defaults=True):
    """A check's verdict changed; `site` only when it is about another site than the agent's.

    `kind` is the collector's own note, of the configuration: what an agent sends there is replaced.
    """

    n: int
    at: float
    check: str
    verdict: str
    reason: str = ""
    up: float | None = None
    site: str = ""
    kind: str = ""


class Used(msgspec.Struct, gc=False, omit_defaults=True):
    """Bytes an agent had on the line on this day of the site, and in its month; `most` a day."""

    day: str
    today: int
    month: int
    most: int | None = None


class Report(msgspec.Struct, gc=False, omit_defaults=True):
    """Entries of one spool; `up` only when they are of the boot that sends, `bye` at a shutdown.

    `every_s`: how often the agent reports for now, where that is not what it was told.
    """

    v: int
    spool: str
    sent_at: float
    boot: str = ""
    up: float | None = None
    layouts: dict[str, list[str]] = {}
    frames: list[Frame] = []
    findings: list[Finding] = []
    dropped: int = 0
    bye: bool = False
    every_s: float | None = None
    used: Used | None = None


class Tick(msgspec.Struct, gc=False, omit_defaults=True):
    """A second of the centre: was it taking reports, and did it see its own uplink (None: not
    looked at)? `by` which ingest, where there may be several."""

    accepting: bool
    uplink: bool | None = None
    by: str = ""


class Beat(msgspec.Struct, gc=False, array_like=True):
    """How it stands with one agent's beacons: 0 none missed, 1 one, 3 three; `at` is when it was
    last heard, by our clock."""

    agent: int
    missed: int
    at: float
    flags: int


class Beats(msgspec.Struct, gc=False, omit_defaults=True):
    """What changed in a second. `began`: ingest knows nothing of before, timers begin anew; `loss`
    is the share of an agent's beacons that did not come, told now and then; `by` as of a tick."""

    began: bool = False
    beats: list[Beat] = []
    loss: list[tuple[int, float]] = []
    by: str = ""


class Rejection(msgspec.Struct, gc=False):
    """An entry we do not keep; n is 0 for what has no readable number of its own."""

    n: int
    reason: str


class Answer(msgspec.Struct, gc=False):
    """What a report is answered; what is not in `rejected` or `need_layouts` is on disk."""

    kept: int
    rejected: list[Rejection]
    need_layouts: list[str]
    config: str
    epoch: str
    time: float
    do: list[str]


read_report = msgspec.json.Decoder(Report).decode
read_beats = msgspec.json.Decoder(Beats).decode
read_tick = msgspec.json.Decoder(Tick).decode
_encoder = msgspec.json.Encoder()


def write(thing: msgspec.Struct) -> bytes:
    """Canonical JSON; numbers to the bit."""
    return _encoder.encode(thing)
