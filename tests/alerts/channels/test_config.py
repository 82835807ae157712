"""Channels as an operator writes them: taken whole, or refused with the place and no secret."""

from pathlib import Path

import pytest

import ronda
from agent.strict import Refused
from alerts.channels import NotifyFailed
from alerts.channels.config import KINDS, keys_of, load
from alerts.channels.shield import Shield, secrets_of
from alerts.channels.sms import SmsGateway
from alerts.channels.telegram import Telegram
from collector.settings import Settings
from collector.settings import load as load_settings
from tests.alerts.channels.listener import LOOPBACK, listening, reply

DOCS = Path(__file__).parent.parent.parent.parent / "docs" / "channels.md"
GOOD = """
[channels.sms]
kind = "gammu"

[channels.wa-cadangan]
kind = "waha"
url = "http://127.0.0.1:3000"
api_key = "sesame-open"
daily_cap = 40

[channels.telegram]
token = "123:sesame-open"

[channels.wa]
kind = "fonnte"
token = "sesame-open"
"""


def written(folder: Path, text: str) -> Settings:
    (folder / "channels.toml").write_text(text)
    return Settings(data=str(folder))


def test_ways_are_tried_by_column_and_then_as_they_stand(tmp_path: Path) -> None:
    lines = load(written(tmp_path, GOOD))
    assert [(line.name, line.serves) for line in lines] == [
        ("wa-cadangan", "whatsapp"),
        ("wa", "whatsapp"),
        ("telegram", "telegram"),
        ("sms", "sms"),
        ("webhook", "webhook"),
    ]
    assert lines[0].limits.daily_cap == 40
    assert lines[1].limits == KINDS["fonnte"].limits
    assert "sesame" not in repr(lines)


def test_without_a_file_there_are_webhooks(tmp_path: Path) -> None:
    assert [line.name for line in load(Settings(data=str(tmp_path)))] == ["webhook"]


@pytest.mark.slow
def test_channels_may_stand_in_ronda_toml(tmp_path: Path) -> None:
    file = tmp_path / "ronda.toml"
    file.write_text(f'data = "{tmp_path}"\n' + GOOD)
    settings = load_settings(file, {})
    assert "telegram" in [line.name for line in load(settings)]
    written(tmp_path, '[channels.telegram]\ntoken = "1:a"\n')
    with pytest.raises(Refused, match="channels.telegram: stands in another file already"):
        load(settings)


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[channels.telegram]\ntoken = "1:sesame', "channels.toml: "),
        ("channels = 5", "channels: expected tables"),
        ("[channels]\ntelegram = 5", "channels.telegram: expected a table"),
        ("[channels.telegram]", "channels.telegram.token: missing"),
        ("[channels.telegram]\ntoken = 5551234", "channels.telegram.token: expected text"),
        ("[channels.telegram]\ntoken = ['sesame']", "channels.telegram.token: expected text"),
        ('[channels.telegram]\ntoken = "1:sesame/x"', "channels.telegram.token: expected what"),
        ('[channels.telegram]\ntoken = "1:a"\ntokne = "sesame"', "tokne: unknown key; known are"),
        ('[channels.telegram]\ntoken = "1:a"\nweb = {}', "channels.telegram.web: unknown key"),
        ('[channels.wa]\ntoken = "sesame"', "channels.wa.kind: expected one of telegram, fonnte"),
        ('[channels.phone]\nkind = "gammu"', "channels.phone: a name is"),
        ('[channels.Tele]\nkind = "gammu"', "channels.Tele: a name is"),
        ('[channels.s]\nkind = "gammu"\nat_once = 0', "channels.s.at_once: must be 1 to 64"),
        ('[channels.s]\nkind = "gammu"\nper_s = -1', "channels.s.per_s: must be 0"),
        ('[channels.s]\nkind = "gammu"\nserves = "pigeon"', "channels.s.serves: expected one of"),
        ('[channels.s]\nkind = "gammu"\ndaily_cap = "9"', "daily_cap: expected a whole number"),
        ('[channels.s]\nkind = "sms"\nurl = "sesame"', "channels.s.url: not an http"),
        ('[channels.a]\nkind = "apprise"\nurl = "json://sesame"', "channels.a.serves: expected"),
        (
            '[channels.gowa]\nurl = "http://g:3000"\nhook_secret = "secret"',
            "channels.gowa.hook_secret: everybody knows",
        ),
        ('[channels.gowa]\nurl = "http://g:3000"\nreplies = true', "gowa.hook_secret: missing"),
        (
            '[channels.cloud]\nphone_number_id = "1"\ntoken = "sesame"\nreplies = true\n'
            'templates = {opened = "x"}',
            "channels.cloud.app_secret: missing",
        ),
        (
            '[channels.sms]\nurl = "http://s/{text}"\nheard = {from = "a"}',
            "channels.sms.heard: expected sender and text",
        ),
        ('[channels.webhook]\nformat = "slack"', "channels.webhook.format: expected alertm"),
        ('[channels.waha]\nurl = "http://w"\nhook_secret = 5551234', "hook_secret: expected text"),
        (
            '[channels.a]\nkind = "apprise"\nserves = "sms"\nurl = "sesame://x"',
            "channels.a.url: Apprise does not know",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        load(written(tmp_path, text))
    told = str(refused.value)
    assert told.startswith(str(tmp_path / "channels.toml")) and words in told
    assert "sesame" not in told.replace("tokne", "") and "5551234" not in told


def test_a_centre_with_a_bad_file_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, "[channels.telegram]")
    assert ronda.main(["up", "--data", str(tmp_path)]) == 2
    assert "channels.telegram.token: missing" in capsys.readouterr().err


def test_an_echoed_secret_stays_inside() -> None:
    echo = reply(200, '{"ok":false,"error_code":500,"description":"bot123:sesame is ill"}')
    with listening(echo) as there:
        bare = Telegram("123:sesame", there.base, LOOPBACK)
        channel = Shield(bare, secrets_of(bare))
        for ask in (lambda: channel.send("1", {"text": "x"}), channel.look):
            with pytest.raises(NotifyFailed) as failed:
                ask()
            assert failed.value.reason == "500 bot*** is ill"
            assert failed.value.__cause__ is None


def test_secrets_in_headers_and_addresses_are_known() -> None:
    gateway = SmsGateway(
        "https://sms.test/send?user=kominfo&password=rahasia99&to={number}",
        headers={"Authorization": "Bearer abcdef123"},
        form={"key": "k-e-y-1", "msg": "{text}"},
    )
    found = secrets_of(gateway)
    assert {"rahasia99", "Bearer abcdef123", "abcdef123", "k-e-y-1"} <= set(found)
    assert not any("{" in secret for secret in found)
    assert "rahasia99" not in repr(gateway) and "abcdef123" not in repr(gateway)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_channel_is_described_with_all_its_keys(kind: str) -> None:
    section = DOCS.read_text().partition(f"\n### {kind}\n")[2].partition("\n##")[0]
    assert section, f"write about {kind} into docs/channels.md"
    assert [key for key in keys_of(KINDS[kind].made) if f"`{key}`" not in section] == []
