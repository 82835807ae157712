"""What ingest must know of the rest of the centre; looked up once a second, beside the work."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from collector.agents import AgentRow, changed_agents, report_intervals
from collector.db import meta_get, reading
from collector.intake.orders import VERB
from collector.schema import acts, positions

log = logging.getLogger(__name__)

# the fold tells of itself once a second; older news means that it stands still
_STATUS_GOOD_S = 5.0
_ACTS_AT_ONCE = 500
# what is done by these is in no configuration; nor is anything that is called KIND:NAME, an
# incident or an account. In a country there is one every few seconds.
_OF_NO_AGENT = frozenset(
    {"mute", "note", "cause", "override", "codes", "ready_by", "contact_trial", "contact_test"}
    | {"host_key", "automatic", "automatic_off"}
)
# parts of the inventory that no agent is told of
_OF_PEOPLE = ("contacts", "holidays")


@dataclass(frozen=True, slots=True)
class Look:
    """What the database said this time."""

    epoch: str
    centre: str
    fold_lag_s: float | None
    fold_at: float | None
    fold_position: int
    agents: list[AgentRow]
    last_act: int
    # subjects of the acts since the last look that agents may have to hear of; None: too many
    acts_on: list[str] | None
    # agents whose sites are to report at another interval than was known of them
    intervals: dict[int, int]
    orders: list[str]  # the bodies of those that ask something of agents


@dataclass(slots=True)
class Centre:
    """What ingest last heard of the centre; kept while the database is away."""

    epoch: str = ""
    name: str = ""
    fold_lag_s: float | None = None
    fold_at: float | None = None
    fold_position: int = 0
    last_act: int = 0
    database: str = "not read yet"
    loaded: bool = field(default=False)

    def take(self, look: Look) -> None:
        self.epoch, self.name = look.epoch, look.centre
        self.fold_lag_s, self.fold_at = look.fold_lag_s, look.fold_at
        self.fold_position, self.last_act = look.fold_position, look.last_act
        self.database = "ok"

    def lag_s(self, now: float) -> float:
        """How far the fold is behind; 0 before the first fold ever told of itself."""
        if self.fold_lag_s is None or self.fold_at is None:
            return 0.0
        quiet_s = now - self.fold_at
        return self.fold_lag_s + (quiet_s if quiet_s > _STATUS_GOOD_S else 0.0)


def look(
    engine: Engine, agents_rev: int, last_act: int, every_s_of: Callable[[int], int | None]
) -> Look:
    """Read what changed; raises SQLAlchemyError when the database is locked or gone.

    `every_s_of` gives the interval known of an agent, if any is.
    """
    with reading(engine) as connection:
        newest, subjects, orders = _acts_since(connection, last_act)
        changed: dict[int, int] = {}
        if agents_rev >= 0 and (subjects is None or {"", "sites"} & set(subjects)):
            changed = _intervals(connection, every_s_of)
        lag_s, at = _fold_status(meta_get(connection, "fold_status"))
        return Look(
            epoch=meta_get(connection, "epoch"),
            centre=meta_get(connection, "centre"),
            fold_lag_s=lag_s,
            fold_at=at,
            fold_position=folded_to(connection),
            agents=changed_agents(connection, agents_rev),
            last_act=newest,
            acts_on=subjects,
            orders=orders,
            intervals=changed,
        )


def fold_position(engine: Engine) -> int:
    """The same, for who has no transaction open."""
    with reading(engine) as connection:
        return folded_to(connection)


def why(error: SQLAlchemyError) -> str:
    """One line for people, without the statement."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _acts_since(connection: Connection, last: int) -> tuple[int, list[str] | None, list[str]]:
    newest = connection.execute(select(func.coalesce(func.max(acts.c.id), 0))).scalar_one()
    between = (acts.c.id > last, acts.c.id <= newest)
    asked = select(acts.c.body).where(*between, acts.c.verb == VERB).order_by(acts.c.id)
    orders = [row.body for row in connection.execute(asked)]
    if newest - last > _ACTS_AT_ONCE:
        return newest, None, orders
    done = connection.execute(select(acts.c.verb, acts.c.subject).where(*between))
    return newest, [row.subject for row in done if concerns_agents(row.verb, row.subject)], orders


def concerns_agents(verb: str, subject: str) -> bool:
    """May their configuration be another one for it? Of what nobody foresaw, yes."""
    # of SITE/DEVICE the second may be called anything
    of_another_kind = ":" in subject.partition("/")[0]
    return not (verb == VERB or verb in _OF_NO_AGENT or subject in _OF_PEOPLE or of_another_kind)


def _intervals(connection: Connection, known: Callable[[int], int | None]) -> dict[int, int]:
    found = report_intervals(connection)
    return {agent: every_s for agent, every_s in found if known(agent) not in (None, every_s)}


def folded_to(connection: Connection) -> int:
    """How far the fold has committed."""
    query = select(positions.c.position).where(positions.c.name == "fold")
    return int(connection.execute(query).scalar() or 0)


def _fold_status(text: str) -> tuple[float | None, float | None]:
    if not text:
        return None, None
    try:
        status = json.loads(text)
        return float(status["lag_s"]), float(status["at"])
    except (ValueError, KeyError, TypeError):
        log.warning("meta fold_status is unreadable: %.100s", text)
        return None, None
