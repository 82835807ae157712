"""Everything else goes through Apprise, one address at a time."""

import json

import pytest

from alerts.channels import NotifyFailed
from alerts.channels.other import Other
from tests.alerts.channels.listener import listening, reply

# Apprise imports a module that Python 3.13 drops, where it is still there
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


def outlet(port: int, **more: bool) -> Other:
    return Other(f"json://ronda:pass@127.0.0.1:{port}/to/{{target}}", **more)


def test_a_message_goes_out() -> None:
    with listening(reply(200, "ok")) as there:
        channel = outlet(there.port)
        channel.check()
        assert channel.send("0812 3", {"text": "APLIKASI: x\n#1", "sms": "short"}) == (
            "taken by Apprise"
        )
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /to/0812%203")
    assert json.loads(body)["message"] == "APLIKASI: x\n#1"


def test_the_short_form_is_sent_where_it_is_asked_for() -> None:
    with listening(reply(200, "ok")) as there:
        outlet(there.port, sms=True).send("1", {"text": "long", "sms": "short"})
    assert json.loads(there.heard[0].partition(b"\r\n\r\n")[2])["message"] == "short"


def test_a_refusal_is_told_without_the_address() -> None:
    with listening(reply(500, "no")) as there, pytest.raises(NotifyFailed) as failed:
        outlet(there.port).send("1", {"text": "x"})
    assert not failed.value.permanent and "pass" not in failed.value.reason
    assert failed.value.reason.startswith("Apprise: ")
