"""The alerts floor as a centre runs it: rule files watched, rules evaluated, incidents told."""

import logging
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from alerts import overrides
from alerts.engine import Alerts
from alerts.evaluation import Rounds
from alerts.evaluation.rounds import SLICE_S
from alerts.rules.rule import RuleSet
from alerts.rules.template_words import Context
from alerts.rules.templating import render
from alerts.rules.watching import Watch
from collector.settings import Settings
from collector.yaml_files.problems import Problem

log = logging.getLogger(__name__)


class Current:
    """The rules of now; what is wrong with their files is logged once."""

    def __init__(self, watch: Watch, clock: Callable[[], float]) -> None:
        self._watch, self._clock = watch, clock
        self._said: tuple[Problem, ...] = ()

    @property
    def problems(self) -> list[str]:
        return [str(problem) for problem in self._said]

    def __call__(self) -> RuleSet:
        self._watch.look(self._clock())
        if self._watch.problems != self._said:
            self._said = self._watch.problems
            for problem in self._said:
                log.warning("rules: %s", problem)
        return self._watch.loaded.rules


def open_floor(
    settings: Settings, store: Engine, clock: Callable[[], float], slice_s: float = SLICE_S
) -> Alerts:
    """What `collector.engine` is handed; `clock` only says when to look at the rule files, and
    `slice_s` for how long rules may be evaluated in one step.
    """
    current = Current(Watch(settings.data), clock)

    def written(text: str, labels: Mapping[str, str], value: float) -> str:
        return render(text, Context(labels, value, now=clock()))

    rounds = Rounds(settings, store, current, overrides.everything, written, slice_s=slice_s)
    return Alerts(settings, store, rounds, problems=lambda: current.problems)
