"""Codes of half a minute: the RFC's own examples, and which step a code is taken for."""

import base64

import pytest

from web import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = 1_795_425_120.0
HERE = totp.step_at(NOW)


# RFC 6238, appendix B, SHA-1; its eight digits end with our six
@pytest.mark.parametrize(
    ("at", "eight"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_a_code_is_that_of_the_standard(at: int, eight: str) -> None:
    assert totp.code(SECRET, totp.step_at(at)) == eight[2:]


# RFC 4226, appendix D
def test_counted_codes_are_those_of_the_standard() -> None:
    wanted = [
        "755224",
        "287082",
        "359152",
        "969429",
        "338314",
        "254676",
        "287922",
        "162583",
        "399871",
        "520489",
    ]
    assert [totp.code(SECRET, count) for count in range(10)] == wanted


@pytest.mark.parametrize(
    ("off", "after", "step"),
    [
        pytest.param(0, -1, HERE, id="now"),
        pytest.param(-1, -1, HERE - 1, id="a phone that is late"),
        pytest.param(1, -1, HERE + 1, id="a phone that is early"),
        pytest.param(-2, -1, None, id="too old"),
        pytest.param(2, -1, None, id="too early"),
        pytest.param(0, HERE, None, id="used"),
        pytest.param(-1, HERE, None, id="older than the one used"),
        pytest.param(1, HERE, HERE + 1, id="the one after the one used"),
    ],
)
def test_a_code_is_taken_around_now_and_after_the_last(
    off: int, after: int, step: int | None
) -> None:
    assert totp.step_of(SECRET, totp.code(SECRET, HERE + off), NOW, after) == step


@pytest.mark.parametrize(
    "given", ["", "12345", "1234567", "abcdef", "٠١٢٣٤٥", "-12345", "1e5000", "\x00" * 6]
)
def test_what_is_no_code_is_none(given: str) -> None:
    assert totp.step_of(SECRET, given, NOW) is None


def test_a_code_may_be_typed_with_a_space() -> None:
    code = totp.code(SECRET, HERE)
    assert totp.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW) == HERE


def test_the_address_names_the_account_and_cannot_be_broken_by_it() -> None:
    said = totp.address(SECRET, "a@b.id", "Ronda")
    assert said == f"otpauth://totp/Ronda:a%40b.id?secret={SECRET}&issuer=Ronda"


def test_a_recovery_code_is_four_groups_and_read_without_them() -> None:
    made = totp.recovery_of(bytes(range(32)))
    assert [len(part) for part in made.split("-")] == [4, 4, 4, 4]
    assert totp.plain(made.upper().replace("-", " ")) == made.replace("-", "")
