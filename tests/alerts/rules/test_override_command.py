"""`ronda rules override`: another threshold at one place, and back again."""

import argparse

import pytest

from agent.strict import Refused
from alerts import cli, overrides
from collector.db import reading
from tests.alerts.village import CODE, Village, village


def ronda(here: Village, *words: str) -> int:
    parser = argparse.ArgumentParser()
    cli.commands(parser.add_subparsers())
    args = parser.parse_args(["rules", "override", *words, "--data", str(here.folder)])
    return int(args.run(args))


def held(here: Village) -> list[overrides.Override]:
    with reading(here.store) as connection:
        return overrides.everything(connection)


@pytest.mark.slow
def test_an_override_is_set_changed_and_taken_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with village(tmp_path_factory.mktemp("centre")) as here:
        assert ronda(here, "UplinkSlow", CODE, "--threshold", "0.6", "--for", "10m") == 0
        assert held(here) == [overrides.Override("UplinkSlow", CODE, 0.6, 600.0)]
        assert ronda(here, "UplinkSlow", CODE, "--off") == 0
        assert held(here) == [overrides.Override("UplinkSlow", CODE, off=True)]
        assert ronda(here, "UplinkSlow", CODE, "--remove") == 0
        assert held(here) == []
        assert ronda(here, "UplinkSlow", CODE, "--remove") == 1


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("NoSuchRule", CODE, "--off"), "rule"),
        (("UplinkSlow", "99.99", "--off"), "scope"),
        (("UplinkDown", CODE, "--threshold", "1"), "threshold"),
        (("UplinkSlow", CODE, "--for", "soon"), "for"),
        (("UplinkSlow", CODE), "override"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path_factory: pytest.TempPathFactory, words: tuple[str, ...], place: str
) -> None:
    with village(tmp_path_factory.mktemp("centre")) as here:
        with pytest.raises(Refused) as refused:
            ronda(here, *words)
        assert refused.value.place == place
