"""The tables of ronda.db and history.db, as SQLAlchemy Core; migrations/ makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

metadata = MetaData()
history = MetaData()

# Times are UTC epoch seconds. `rev` is the journal position of the record that made the row what
# it is: readers ask "what changed since", floors above remember how far they have read.

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("name", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# receivers of remote_write; positions are of the bag, `journal` is what was folded by then
outlets = Table(
    "outlets",
    metadata,
    Column("name", String, primary_key=True),
    # nothing of before goes there: since when, and the journal's position then
    Column("begun_at", Float, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("journal", BigInteger, nullable=False),
    # samples put into the bag up to there, and the centre's time then
    Column("passed", BigInteger, nullable=False),
    Column("reached", Float, nullable=False),
    Column("sent", BigInteger, nullable=False, server_default="0"),
    Column("refused", BigInteger, nullable=False, server_default="0"),
    Column("dropped", BigInteger, nullable=False, server_default="0"),
    Column("dropped_at", Float),
    # when the sender last said how it goes, and what holds it up
    Column("told_at", Float),
    Column("trouble", Text, nullable=False, server_default=""),
    Column("refusal", Text, nullable=False, server_default=""),
)

areas = Table(
    "areas",
    metadata,
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("level", String, nullable=False),
    Column("parent", String, nullable=False, default=""),
    Column("lat", Float),
    Column("lon", Float),
    Column("kind", String, nullable=False, default=""),
    Column("boundary", Text),
)

sites = Table(
    "sites",
    metadata,
    Column("code", String, primary_key=True),
    # the site's place in the window and in blocks; given once, never reused
    Column("row", Integer, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("district", String, nullable=False, default=""),
    Column("regency", String, nullable=False, default=""),
    Column("lat", Float),
    Column("lon", Float),
    Column("isp", String, nullable=False, default=""),
    Column("upstream", String, nullable=False, default=""),
    Column("power_feeder", String, nullable=False, default=""),
    Column("hours", String, nullable=False, default="24h"),
    Column("report_every_s", Integer, nullable=False, default=60),
    Column("lifecycle", String, nullable=False, default="active"),
    Column("profile", String, nullable=False, default="fiber"),
    # none: as its profile has it, no cap
    Column("check_every_s", Integer),
    Column("bytes_per_day", BigInteger),
)

# Codes that sites and areas had before an area was split, and what they are now.
aliases = Table(
    "aliases",
    metadata,
    Column("old", String, primary_key=True),
    Column("new", String, nullable=False, index=True),
    Column("at", Float, nullable=False),
)

uplinks = Table(
    "uplinks",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("isp", String, nullable=False, default=""),
    Column("upstream", String, nullable=False, default=""),
    Column("type", String, nullable=False, default=""),
    Column("service_no", String, nullable=False, default=""),
    Column("contract_no", String, nullable=False, default=""),
    Column("mbps", Float),
    Column("sla", Float),
    Column("fee_rp", Float),
    Column("bill_day", Integer),
    Column("ends", String, nullable=False, default=""),
    Column("quota_gb", Float),
    Column("formula", String, nullable=False, default=""),
    Column("payer", String, nullable=False, default=""),
    Column("isp_phone", String, nullable=False, default=""),
    # how a refund is counted: evidence/terms.py
    Column("begins", String, nullable=False, default="", server_default=""),
    Column("tiers", String, nullable=False, default="", server_default=""),
    Column("min_event_s", Integer),
    Column("exclusions", String, nullable=False, default="", server_default=""),
    Column("clock_start", String, nullable=False, default="", server_default=""),
    Column("round_time", String, nullable=False, default="", server_default=""),
    Column("round_rp", String, nullable=False, default="", server_default=""),
)

devices = Table(
    "devices",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False, default=""),
    Column("host", String, nullable=False, default=""),
    Column("serial", String, nullable=False, default=""),
    Column("note", String, nullable=False, default=""),
    # in_use, spare, repair, missing, stolen
    Column("state", String, nullable=False, default="in_use", server_default="in_use"),
)

services = Table(
    "services",
    metadata,
    Column("name", String, primary_key=True),
    Column("site", String, primary_key=True, default=""),
    Column("scope", String, nullable=False, default="desa"),
    Column("owner", String, nullable=False, default=""),
    Column("depends_on", String, nullable=False, default=""),
    Column("kind", String, nullable=False, default="http"),
    Column("target", String, nullable=False, default=""),
    # where everybody else finds it, and the site whose agents look at it there
    Column("public", String, nullable=False, default="", server_default=""),
    Column("vantage", String, nullable=False, default="", server_default=""),
    # further settings of the probe, as JSON
    Column("settings", Text, nullable=False, default="{}"),
    Index("services_site", "site"),
    Index("services_vantage", "vantage"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("scope", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("order", Integer, nullable=False, default=1),
    Column("language", String, nullable=False, default="id"),
    Column("whatsapp", String, nullable=False, default=""),
    Column("telegram", String, nullable=False, default=""),
    Column("sms", String, nullable=False, default=""),
    Column("email", String, nullable=False, default=""),
    Column("webhook", String, nullable=False, default=""),
)

holidays = Table(
    "holidays",
    metadata,
    Column("date", String, primary_key=True),
    Column("name", String, nullable=False),
)

# Files somebody wants to bring into the inventory: `body` holds them until they are taken, and
# afterwards what they changed, for as long as that can be undone.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("by", String, nullable=False),
    Column("state", String, nullable=False, index=True),  # waiting, applied, undone
    Column("told", Text, nullable=False),  # JSON: the files, and what came of them by kind
    Column("body", LargeBinary),  # JSON, deflated
    Column("applied_at", Float),
    Column("applied_by", String, nullable=False, default="", server_default=""),
    Column("undone_at", Float),
    Column("undone_by", String, nullable=False, default="", server_default=""),
)

# What people do, and what imports change: applied by the fold between two records, at the
# journal position written into `applied`, so that a replay applies it at the same place.
acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("by", String, nullable=False),
    Column("verb", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("body", Text, nullable=False, default="{}"),
    Column("applied", BigInteger),
    # the chain: what the act said, as a digest under its own salt, and all before it
    Column("salt", String, nullable=False, default="", server_default=""),
    Column("digest", String, nullable=False, default="", server_default=""),
    Column("link", String, nullable=False, default="", server_default=""),
    Index("acts_applied", "applied"),
    Index("acts_subject", "subject", "id"),
    Index("acts_by", "by", "id"),
)

# Acts that say less than they once did, because a person's data were erased: by which act, and
# the digest of what they say since.
act_blanks = Table(
    "act_blanks",
    metadata,
    Column("act", Integer, primary_key=True, autoincrement=False),
    Column("erasure", Integer, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
)

# People whose data were erased: by what a restored centre knows them again, and nobody else.
erasures = Table(
    "erasures",
    metadata,
    Column("pseudonym", String, primary_key=True),
    Column("at", Float, nullable=False),
    Column("by", String, nullable=False),
    Column("salt", String, nullable=False),
    Column("marks", Text, nullable=False),  # JSON list of digests
)

agents = Table(
    "agents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("site", String, nullable=False, index=True),
    Column("name", String, nullable=False, default=""),
    Column("state", String, nullable=False),  # waiting, active, revoked
    Column("token_hash", String, unique=True),
    # the token before a rotation; works until `old_token_until`
    Column("old_token_hash", String, unique=True),
    Column("old_token_until", Float),
    Column("generation", Integer, nullable=False, default=1),
    Column("grants", Text, nullable=False, default="[]"),  # further site codes it may report for
    Column("host_keys", Text, nullable=False, default="[]"),
    Column("enrolled_at", Float),
    Column("config_etag", String, nullable=False, default=""),  # what the agent last said it runs
    Column("config_error", String, nullable=False, default=""),
    # which one it refused, and since when it says what it says
    Column("config_refused", String, nullable=False, default="", server_default=""),
    Column("config_told_at", Float),
    # the kinds of checks it knows and their keys, as it said; "" where it never did
    Column("knows", Text, nullable=False, default="", server_default=""),
    # counts every change of the row across the table: ingest asks for what is newer
    Column("rev", BigInteger, nullable=False, index=True),
)

codes = Table(
    "codes",
    metadata,
    Column("code_hash", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("issued_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("approval", Boolean, nullable=False, default=False),
    Column("nonce_hash", String),
    Column("used_at", Float),
    Column("agent", Integer),
)

layouts = Table(
    "layouts",
    metadata,
    Column("agent", Integer, primary_key=True),
    Column("layout", String, primary_key=True),
    Column("list", String, nullable=False),  # digest of one of layout_lists
    sqlite_with_rowid=False,
)

# Whole fleets report in a few dozen lists of names; each is here once, for good: its digest is
# that of its names.
layout_lists = Table(
    "layout_lists",
    metadata,
    Column("digest", String, primary_key=True),
    Column("names", Text, nullable=False),  # JSON list, in the order of the values
)

spools = Table(
    "spools",
    metadata,
    Column("agent", Integer, primary_key=True),
    Column("spool", String, primary_key=True),
    Column("boot", String, nullable=False, default=""),
    Column("first_seen", Float, nullable=False),
    Column("began", Float, nullable=False),  # placed time of the earliest entry seen
    Column("began_up", Float),  # uptime of that entry on its boot
    Column("seen", Text, nullable=False, default="[]"),  # JSON [[from, to], ...] of n taken in
    Column("dropped", Integer, nullable=False, default=0),
)

anchors = Table(
    "anchors",
    metadata,
    Column("agent", Integer, primary_key=True),
    Column("boot", String, primary_key=True),
    Column("up", Float, primary_key=True),
    Column("base", Float, nullable=False),  # collector time minus uptime
)

# what the fold keeps in mind of one agent: how its clock runs, what it last said
memories = Table(
    "memories",
    metadata,
    Column("agent", Integer, primary_key=True, autoincrement=False),
    # everything of this agent before this journal position is in here
    Column("upto", BigInteger, nullable=False),
    Column("clock_skew_s", Float),
    Column("body", Text, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False, default="other"),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("since", Float, nullable=False),
    Column("live", Boolean, nullable=False, default=True),
    Column("rev", BigInteger, nullable=False, index=True),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("site", String, primary_key=True),
    Column("check", String, primary_key=True),
    Column("at", Float, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("live", Boolean, nullable=False, default=True),
    Column("rev", BigInteger, nullable=False, index=True),
)

states = Table(
    "states",
    metadata,
    Column("site", String, primary_key=True),
    Column("since", Float, primary_key=True),
    Column("until", Float, index=True),  # none: it still holds
    Column("state", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("cause", String, nullable=False, default=""),
    Column("confidence", Float, nullable=False, default=0.0),
    Column("evidence", Text, nullable=False, default="[]"),
    Column("source", String, nullable=False, default="live"),  # live, backlog, person
    # who corrected the cause, when and why, with the guess that was there; JSON, empty for none
    Column("word", Text, nullable=False, default="", server_default=""),
    # of a maintenance: the intervals its agent told meanwhile; JSON
    Column("beneath", Text, nullable=False, default="[]", server_default="[]"),
    Column("rev", BigInteger, nullable=False, index=True),
)

# What a rule says of a series now; rows go when it is over.
alarms = Table(
    "alarms",
    metadata,
    Column("rule", String, primary_key=True),
    Column("series", String, primary_key=True),  # the labels of the alarm, in one spelling
    Column("site", String, nullable=False, index=True),  # empty: of no single site
    Column("labels", Text, nullable=False),
    Column("annotations", Text, nullable=False, default="{}"),
    Column("phase", String, nullable=False),  # pending, firing, keeping, held
    Column("since", Float, nullable=False),
    Column("active_at", Float, nullable=False),
    Column("fired_at", Float),
    Column("value", Float),
)

# A threshold of one site or area that wins over the rule's own.
overrides = Table(
    "overrides",
    metadata,
    Column("rule", String, primary_key=True),
    Column("scope", String, primary_key=True),  # site code, area code
    Column("threshold", Float),
    Column("for_s", Float),
    Column("off", Boolean, nullable=False, default=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # what it is about: one fault, or the parent of many; no two open ones have the same
    Column("key", String, nullable=False, default="", index=True, server_default=""),
    Column("parent_kind", String, nullable=False, default="", server_default=""),
    Column("parent", String, nullable=False, default="", server_default=""),
    Column("site", String, nullable=False, index=True),  # empty: of several sites, or of none
    Column("check", String, nullable=False, default=""),
    Column("rule", String, nullable=False, default="", server_default=""),
    Column("subject", String, nullable=False),
    Column("title", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("state", String, nullable=False),  # open, acknowledged, handled, resolved
    Column("cause", String, nullable=False, default=""),
    Column("confidence", Float, nullable=False, default=0.0),
    Column("evidence", Text, nullable=False, default="[]"),
    Column(
        "details", Text, nullable=False, default="{}", server_default="{}"
    ),  # what its messages need, as JSON
    # nobody can see how it is now
    Column("unseen", Boolean, nullable=False, default=False, server_default=false()),
    Column(
        "members", Integer, nullable=False, default=1, server_default="1"
    ),  # all that ever joined
    Column("down_since", Float, nullable=False),
    Column("opened_at", Float, nullable=False),
    Column("acknowledged_by", String, nullable=False, default="", server_default=""),
    Column("acknowledged_at", Float),
    Column("assigned_to", String, nullable=False, default="", server_default=""),
    Column("handled_at", Float),
    Column("resolved_at", Float),
    # the clock of the four hours stands while somebody else is waited for
    Column("paused_at", Float),
    Column("paused_why", String, nullable=False, default="", server_default=""),
    Column("paused_s", Float, nullable=False, default=0.0, server_default="0"),
    Column("snoozed_until", Float),
    Column("ticket", String, nullable=False, default="", server_default=""),
    Column("ticket_at", Float),
    # how far up it has been told, and when the next step is due
    Column("rung", Integer, nullable=False, default=0, server_default="0"),
    Column("told_at", Float),
    Column("merged_into", Integer),
    Column("rev", BigInteger, nullable=False, index=True),
)

# The faults that make up an incident.
members = Table(
    "members",
    metadata,
    Column("incident", Integer, primary_key=True),
    Column("key", String, primary_key=True, index=True),
    Column("site", String, nullable=False, index=True),
    Column("title", String, nullable=False, default=""),
    Column("bad_at", Float, nullable=False),
    Column("joined_at", Float, nullable=False),
    Column("good_at", Float),
    Column("unseen", Boolean, nullable=False, default=False),
)

# What was decided and done about an incident, in its order.
incident_log = Table(
    "incident_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("by", String, nullable=False, default=""),  # empty: Ronda
    Column("verb", String, nullable=False),
    Column("note", Text, nullable=False, default=""),
)

# Passwords of checks, sealed with the centre's secret; rows of services name them.
passwords = Table(
    "passwords",
    metadata,
    Column("name", String, primary_key=True),
    Column("box", LargeBinary, nullable=False),
    Column("set_at", Float, nullable=False),
    Column("by", String, nullable=False),
    # where it may go, `|` between targets; "" no area, any target
    Column("area", String, nullable=False, server_default=""),
    Column("targets", Text, nullable=False, server_default=""),
)

# What people photographed of an incident: re-encoded, without what cameras write beside it.
photos = Table(
    "photos",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes of the body
    Column("body", LargeBinary, nullable=False),  # JPEG
)

# Silence for a while, asked for by a person; it ends by itself.
mutes = Table(
    "mutes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),  # site:CODE, area:CODE, rule:NAME, check:CODE/NAME ...
    Column("by", String, nullable=False),
    Column("why", String, nullable=False),
    Column("begins", Float, nullable=False),
    Column("ends", Float, nullable=False),
    Column("lifted_at", Float),
)

# Planned work: once, or again and again.
windows = Table(
    "windows",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),
    Column("title", String, nullable=False),
    Column("mode", String, nullable=False),  # skip, mute, run
    Column("begins", String, nullable=False),  # local: 2026-11-28T22:00
    Column("minutes", Integer, nullable=False),
    Column("repeats", String, nullable=False, default=""),  # daily, weekly:1,3, monthly:15
    Column("zone", String, nullable=False),
    Column("last_day", String, nullable=False, default=""),
    Column("by", String, nullable=False),
    Column("cancelled_at", Float),
)

# Who is on duty of those who could be told.
duty = Table(
    "duty",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),  # as of contacts
    Column("person", String, nullable=False),
    Column("days", String, nullable=False, default=""),  # of the week, 1 is Monday: 1,2,3
    Column("begins", String, nullable=False, default=""),  # local time of day: 07:00
    Column("ends", String, nullable=False, default=""),
    Column("first_day", String, nullable=False, default=""),
    Column("last_day", String, nullable=False, default=""),
)

# When a person is not to be disturbed, except by what is grave enough.
quiet_hours = Table(
    "quiet_hours",
    metadata,
    Column("scope", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("begins", String, nullable=False),
    Column("ends", String, nullable=False),
    Column("spares", String, nullable=False, default="critical"),  # this severity comes through
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, nullable=False, index=True),
    Column("news", String, nullable=False),  # opened, resolved
    Column("person", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("target", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String, nullable=False),  # queued, claimed, sent, failed, skipped, task
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("answer", Text, nullable=False, default=""),
    # the person's other ways, to be tried when this one fails: JSON [[channel, target], ...]
    Column("further", Text, nullable=False, default="[]", server_default="[]"),
    Index("notices_due", "state", "next_try"),
)

# Trial messages: whom one was sent to, and whether they said that it came.
trials = Table(
    "trials",
    metadata,
    Column("call", Integer, primary_key=True, autoincrement=False),  # the act that asked for it
    Column("scope", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("asked_at", Float, nullable=False, index=True),
    Column("confirmed_at", Float),
)

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False, default=""),
    Column("areas", Text, nullable=False, default="[]"),
    Column("language", String, nullable=False, default="id"),
    Column("revocation", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("locked_until", Float),
    Column("created_at", Float, nullable=False),
    Column("rev", Integer, nullable=False, default=0, server_default="0"),
    # the administrator who did; empty: nobody did
    Column("locked_by", String, nullable=False, default="", server_default=""),
    Column("signed_in_at", Float),
    # by which the provider knows the person: entered by an administrator, bound at first use
    Column("email", String, nullable=False, default="", server_default=""),
    Column("subject", String, nullable=False, default="", server_default=""),
    # may sign in with a password, too
    Column("local", Boolean, nullable=False, default=True, server_default=true()),
)

# Second steps of signing in: the secret of each, sealed; it counts once it was confirmed.
second_steps = Table(
    "second_steps",
    metadata,
    Column("user", String, primary_key=True),
    Column("box", LargeBinary, nullable=False),
    Column("begun_at", Float, nullable=False),
    Column("confirmed_at", Float),
    # the newest step of time whose code was taken: no code is taken twice
    Column("last_step", BigInteger, nullable=False, default=0, server_default="0"),
)

# Codes for who has lost the phone; a row goes when its code was used.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String, primary_key=True),
    Column("user", String, nullable=False, index=True),
)

# Sessions of the console, each on one device, while nobody ended them; the cookie holds the key.
signins = Table(
    "signins",
    metadata,
    Column("key_hash", String, primary_key=True),
    Column("user", String, nullable=False, index=True),
    Column("revocation", Integer, nullable=False),  # the account's, when it began
    Column("began", Float, nullable=False),
    Column("address", String, nullable=False),
    Column("device", String, nullable=False),
)

signin_links = Table(
    "signin_links",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("user", String, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("area", String, nullable=False, default=""),
    Column("site", String, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
    # whose it is; empty: of the centre, made by a command
    Column("owner", String, nullable=False, default="", server_default=""),
    Column("expires_at", Float),
)

# Who asked on a public page to be told of a place: asked, waiting (for their yes), agreed,
# following, leaving. `told`: what they heard of and wait to hear the end of, as JSON.
followers = Table(
    "followers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("place", String, nullable=False),
    Column("way", String, nullable=False),  # email, telegram
    Column("address", String, nullable=False, index=True),
    Column("language", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("salt", String, nullable=False),  # what links of this row alone are made with
    Column("asked_at", Float, nullable=False),
    Column("confirmed_at", Float),
    Column("told", Text, nullable=False, default="[]"),
    UniqueConstraint("way", "address", "place"),
)

# Addresses that hear of incidents; `told_to` is the revision of incidents up to which each has.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False, unique=True),
    Column("url", String, nullable=False),
    Column("box", LargeBinary, nullable=False),  # its secret, sealed
    Column("areas", Text, nullable=False),  # JSON; none: everywhere
    Column("active", Boolean, nullable=False),
    Column("by", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("told_to", BigInteger),
)

# What people write down about a site; the text that counts is the newest.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("site", String, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", Float, nullable=False),
)

# Every text that a note ever had.
note_texts = Table(
    "note_texts",
    metadata,
    Column("note", Integer, primary_key=True, autoincrement=False),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("by", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
)

# Ways to look at the list of sites that somebody gave a name.
# A device that playbooks may work on, and how it is reached.
hosts = Table(
    "hosts",
    metadata,
    Column("site", String, primary_key=True),  # "": a machine of the centre, on the way to others
    Column("device", String, primary_key=True),
    Column("platform", String, nullable=False),  # routeros, openwrt, debian
    Column("address", String, nullable=False),
    Column("port", Integer, nullable=False, default=22),
    Column("user", String, nullable=False),
    Column("box", LargeBinary, nullable=False),  # password and private key, sealed
    Column("host_keys", Text, nullable=False, default="[]"),
    Column("way", String, nullable=False, default="direct"),  # direct, jump, tunnel
    Column("jump", String, nullable=False, default=""),  # the device of site "" it goes through
    Column("old_algorithms", Boolean, nullable=False, default=False),
    Column("values", Text, nullable=False, default="{}"),  # what parameters mean here; JSON
    # the fingerprint of another key that it showed, and when first; "" while there was none
    Column("strange_key", String, nullable=False, default=""),
    Column("strange_at", Float),
    Column("set_at", Float, nullable=False),
    Column("by", String, nullable=False),
)

# A playbook that somebody asked to be run, and what became of it.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("playbook", String, nullable=False, index=True),
    Column("digest", String, nullable=False),  # of the file as it was planned
    Column("level", String, nullable=False),
    Column("changes", Boolean, nullable=False),
    Column("params", Text, nullable=False, default="{}"),  # JSON, without secrets
    Column("box", LargeBinary),  # the secret ones, sealed; gone when the run has ended
    Column("dry", Boolean, nullable=False, default=False),
    Column("incident", Integer),
    Column("by", String, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("not_before", Float, nullable=False, default=0.0),
    Column("approved_by", String, nullable=False, default=""),
    Column("approved_at", Float),
    Column("state", String, nullable=False, index=True),  # proposed, waiting, running, ended, ...
    Column("reason", Text, nullable=False, default=""),
    Column("ended_at", Float),
)

# A run on one device.
run_hosts = Table(
    "run_hosts",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("site", String, primary_key=True),
    Column("device", String, primary_key=True),
    Column("place", Integer, nullable=False),  # in the order they are worked on
    Column("state", String, nullable=False, index=True),
    Column("reason", Text, nullable=False, default=""),
    Column("began_at", Float),
    Column("ended_at", Float),
    # until when the device may still undo it by itself
    Column("guard_until", Float),
    # tells what was shown of it from anything else that might be done
    Column("mark", String, nullable=False, default="", server_default=""),
)

# A playbook that is run again and again.
schedules = Table(
    "schedules",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("playbook", String, nullable=False),
    Column("params", Text, nullable=False, default="{}"),  # JSON
    Column("scope", String, nullable=False),  # the code of a site or an area
    Column("at", String, nullable=False),  # local: 02.30
    Column("days", String, nullable=False, default=""),  # of the week: 1,3; "": daily
    Column("zone", String, nullable=False),
    Column("by", String, nullable=False),
    Column("set_at", Float, nullable=False),
    Column("last_at", Float),  # when it was last begun, or left out
    Column("last_run", Integer),
    Column("last_said", Text, nullable=False, default=""),  # why none was begun
    Column("cancelled_at", Float),
)

# A green playbook that is begun by itself when an incident suggests it.
automatics = Table(
    "automatics",
    metadata,
    Column("playbook", String, primary_key=True),
    Column("a_day", Integer, nullable=False),  # at one site
    Column("by", String, nullable=False),
    Column("since", Float, nullable=False),
    Column("off_at", Float),
    Column("off_why", Text, nullable=False, default=""),
)

# Each step, written down before it is done and again after.
run_steps = Table(
    "run_steps",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("site", String, primary_key=True),
    Column("device", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("part", String, nullable=False),
    Column("shown", Text, nullable=False),
    Column("began_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("state", String, nullable=False),  # running, done, failed, interrupted
    Column("exit", Integer),
    Column("output", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)

# What was sealed, each bound to all before it and signed: a site's day, a refund sheet. Rows are
# added and never changed; a newer one names the one it stands in place of.
seals = Table(
    "seals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),  # day, sheet, terms
    Column("subject", String, nullable=False),  # site code, of a sheet the contract
    Column("day", String, nullable=False),  # 2026-10-31; of a sheet its month: 2026-10
    Column("sealed_at", Integer, nullable=False, index=True),
    Column("replaces", Integer, index=True),
    Column("body", LargeBinary, nullable=False),  # the record as JSON, deflated
    Column("told", String, nullable=False),  # digest of what it tells, whenever it was sealed
    Column("digest", String, nullable=False),
    Column("link", String, nullable=False),
    Column("signer", String, nullable=False),
    Column("signature", String, nullable=False),
    Index("seals_subject", "kind", "subject", "day"),
)

# Stretches that no provider answers for: floods, quakes, what was agreed beforehand.
exemptions = Table(
    "exemptions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),  # site code, area code, isp:NAME, *
    Column("kind", String, nullable=False),  # force_majeure, planned
    Column("begins", Float, nullable=False),
    Column("ends", Float, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("withdrawn_at", Float),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("user", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("query", String, nullable=False),
    Column("saved_at", Float, nullable=False),
)

# Read-only screens: a link each, bound to areas, until it is revoked.
walls = Table(
    "walls",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("token_hash", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("areas", Text, nullable=False, default="[]"),
    Column("language", String, nullable=False, default="id"),
    Column("by", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
)

# Centres that report here: the site that stands for each, the area it answers for, its console.
centres = Table(
    "centres",
    metadata,
    Column("site", String, primary_key=True),
    Column("area", String, nullable=False, unique=True),
    Column("url", String, nullable=False, default="", server_default=""),
    Column("by", String, nullable=False),
    Column("created_at", Float, nullable=False),
)

# What citizens reported without an account; of who it was only a digest that ages.
citizen_reports = Table(
    "citizen_reports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", String, nullable=False, unique=True),
    Column("site", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("via", String, nullable=False, default="web"),
    Column("language", String, nullable=False, default="id"),
    # what moderation left of it; why somebody has to look first; whether somebody lets it be shown
    Column("text", Text, nullable=False, default=""),
    Column("held", String, nullable=False, default=""),
    Column("shown", Boolean, nullable=False, default=False),
    Column("reporter", String, nullable=False, default=""),
    Column("at", Float, nullable=False),
    Column("state", String, nullable=False, default="waiting"),
    Column("incident", Integer, nullable=False, default=0),
    Column("why", String, nullable=False, default=""),
    # since when it is one of those for which an incident was opened
    Column("raised_at", Float),
    Column("handled_at", Float),
    Column("over_at", Float),
    Column("answer", Text, nullable=False, default=""),
    Column("answered_at", Float),
    Column("by", String, nullable=False, default=""),
    # what whoever left a contact is still to hear
    Column("tell", String, nullable=False, default=""),
    Index("citizen_reports_state", "state", "at"),
    Index("citizen_reports_site", "site", "at"),
    Index("citizen_reports_reporter", "reporter", "at"),
    Index("citizen_reports_incident", "incident"),
    Index("citizen_reports_tell", "tell"),
)

# How a citizen wants to hear what became of it: a telephone number, an e-mail address, a chat.
citizen_contacts = Table(
    "citizen_contacts",
    metadata,
    Column("report", Integer, primary_key=True, autoincrement=False),
    Column("contact", String, primary_key=True),
    # where it was written from; empty: the form
    Column("channel", String, nullable=False, default=""),
    Column("language", String, nullable=False, default="id"),
    Column("at", Float, nullable=False),
    Index("citizen_contacts_contact", "contact"),
    Index("ix_citizen_contacts_at", "at"),
)

# history.db

series_columns = Table(
    "series_columns",
    history,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),  # without the site's labels
)

blocks = Table(
    "blocks",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    Column("hour", Integer, primary_key=True, autoincrement=False),  # hours since the epoch
    # 0 and below: packed from the window; one more than the journal position at which the late
    # batch begins, or two more than that at which the clock was set back
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("group", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# How far each site's window has gone into blocks; written in the same transaction as they are.
packed = Table(
    "packed",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    # minutes since the epoch: every sample before it that was taken into the window is in blocks
    Column("until", Integer, nullable=False),
)

# A site's day, once it is over and complete: head and what its pieces leave over.
days = Table(
    "days",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),  # days since the epoch, UTC
    # counts how often it was packed: pieces of another version belong to another head
    Column("version", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("rest", LargeBinary, nullable=False),
)

day_pieces = Table(
    "day_pieces",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# What numbers came to by the hour or day: kept long after the numbers themselves.
rollups = Table(
    "rollups",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    Column("step_s", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("payload", LargeBinary, nullable=False),
    # the year of a site lies together
    sqlite_with_rowid=False,
)

# Of packed days that would go to the external engine those that it did not give back.
stays = Table(
    "stays",
    history,
    Column("site_row", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    # of the day as it is packed; 0: of what came late for a day that is only in the engine
    Column("version", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("again_at", Float, nullable=False),
    Column("missing", Integer, nullable=False),  # samples
)

# Series that others sent by remote_write, in the order of their first appearance.
foreign_series = Table(
    "foreign_series",
    history,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False, unique=True),  # digest of the labels
    # JSON, sorted by name; bytes, because a label may hold what no text column takes
    Column("labels", LargeBinary, nullable=False),
)

foreign_blocks = Table(
    "foreign_blocks",
    history,
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),  # days since the epoch, UTC
    # 0: packed; else one more than the journal position at which the batch began
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("foreign_blocks_part", "part"),
)

# Alerts that an Alertmanager was or may have been sent and not told the end of, by their labels.
alertmanager_alerts = Table(
    "alertmanager_alerts",
    metadata,
    Column("target", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("incident", Integer, nullable=False),
    Column("labels", Text, nullable=False),  # JSON
    Column("starts_at", Float, nullable=False),
)

# Alerts of other systems, as their Alertmanager told them last; `key` is a digest of their labels.
foreign_alerts = Table(
    "foreign_alerts",
    metadata,
    Column("key", String, primary_key=True),
    Column("site", String, nullable=False),  # "": of no site
    Column("name", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("title", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("heard_at", Float, nullable=False),
    Column("ended_at", Float),
)
