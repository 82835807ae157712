"""Rules against what came in time: alarms begin, go on and end."""

from alerts.evaluation.model import Alarm, Change, Why
from alerts.evaluation.rounds import Rounds

__all__ = ["Alarm", "Change", "Rounds", "Why"]
