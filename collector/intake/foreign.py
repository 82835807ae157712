"""What the console hands over of others' series: checked to be the console's, and written down."""

from collector.foreign.carrying import unpack
from collector.foreign.handing import SEAL, is_sealed
from collector.intake.body import Given, Problem, Reply
from collector.intake.commit import JournalFailed, JournalFull, JournalTooLarge
from collector.intake.desk import Desk
from collector.intake.reports import BUSY_RETRY_S, FULL_RETRY_S
from collector.journal.framing import Kind


async def keep(desk: Desk, headers: Given, payload: bytes) -> Reply:
    """204 once it is on disk; Problem 401 for anybody but the console of this centre."""
    if not is_sealed(desk.secret, payload, headers.get(SEAL, "")):
        raise Problem(401, "only for the console of this centre")
    try:
        unpack(payload)
        await desk.commit.append(Kind.REMOTE_WRITE, desk.clock(), 0, payload)
    except ValueError as error:
        raise Problem(400, str(error)) from None
    except JournalTooLarge as error:
        raise Problem(413, str(error)) from None
    except JournalFull as error:
        raise Problem(503, str(error), FULL_RETRY_S) from None
    except JournalFailed as error:
        raise Problem(503, str(error), BUSY_RETRY_S) from None
    return Reply(204)
