"""What a request is told while the database does not answer."""

import contextlib
import logging
from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from collector.intake.body import Problem
from collector.intake.watch import why

log = logging.getLogger(__name__)

RETRY_S = 5


@contextlib.contextmanager
def database_trouble() -> Iterator[None]:
    """Problem 503 for what SQLAlchemy says."""
    try:
        yield
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", why(error))
        raise Problem(503, "the database does not answer now", RETRY_S) from None
