"""From what a device said to a number in our units; sentinels are nothing."""

import math

import pytest
from pysnmp.proto.api import v2c

from agent.probes.snmp.message import Value, plain
from agent.probes.snmp.number import foreign, in_unit, number_in, said_in, text_in, within
from tests.each import for_each

SAID: dict[str, tuple[Value, float | None]] = {
    "a number": (17, 17),
    "a negative one": (-5673, -5673),
    "the largest of 31 bits": (2147483647, None),
    "the smallest of 32 bits": (-2147483648, None),
    "-1 in 32 bits": (4294967295, None),
    "-128 in 32 bits": (4294967168, None),
    "all of 64 bits": (2**64 - 1, None),
    "one less": (2**64 - 2, 2**64 - 2),
    "not a number": (math.nan, None),
    "nothing": (None, None),
    "an OID": ((1, 3, 6), None),
    "text": (b"12.5", 12.5),
    "text with a unit": (b" -12.5 dBm ", -12.5),
    "text with a unit close by": (b"38C", 38),
    "text with a word before": (b"rx: -7.1", -7.1),
    "two units": (b"0.02 mW (-17.28 dBm)", -17.28),
    "no light in both": (b"0.00 mW (-inf dBm)", None),
    "a comma for a point": (b"-21,5 dBm", -21.5),
    "lanes of whole ones": (b"-290,-310", -290),
    "a minus of typesetters": ("−18.2 dBm".encode(), -18.2),
    "milliwatts where none were expected": (b"0.01 mW", -20.0),
    "microwatts where none were expected": ("10 µW".encode(), -20.0),
    "no power at all": (b"0.00 uW", None),
    "Fahrenheit": (b"77 F", 25.0),
    "lanes": (b"-120.25,-98.10", -120.25),
    "N/A": (b"N/A", None),
    "NULL": (b"NULL", None),
    "dashes": (b"--", None),
    "empty": (b"", None),
    "no text at all": (b"\xff\xfe\x00", None),
    "a name": (b"sfp1", None),
    "minus infinity": (b"-inf", None),
    "C's end of text": (b"42\0", 42),
    "octets between digits": (b"1\x002", None),
    "hex": (b"0x1F", None),
    "hex octets": (b"19 2B 33", None),
    "a time of day": (b"5:30", None),
    "a thousand or one and a bit": (b"1,234 uW", None),
    "the same of light, which cannot be a thousand": (b"-21,345 dBm", -21.345),
    "the same bare": (b"1,234", None),
    "the same below zero": (b"-1,234", None),
    "lanes or thousands": (b"120,115,118", None),
    "thousands in words": (b"1 234 uW", None),
    "thousands and a point": (b"1,234.5", 1234.5),
    "thousands by points": (b"1.234,5", 1234.5),
    "a million by points and a comma": (b"1.234.567,8", 1234567.8),
    "a million by commas and a point": (b"1,234,567.8", 1234567.8),
    "an apostrophe": (b"1'234.5", 1234.5),
    "a comma behind a zero": (b"0,25", 0.25),
    "a comma and three digits behind a zero": (b"0,025", 0.025),
    "a comma behind four digits, with a unit": (b"1234,567 V", 1234.567),
    "a comma and a unit of heat": (b"38,5 C", 38.5),
    "a comma, and who knows": (b"38,5", None),
    "lanes of single digits": (b"3,4,5,6", 3),
    "lanes with points": (b"0.51,0.49", 0.51),
    "lanes with spaces": (b"-2.10, -2.31", -2.1),
    "lanes that share a unit": (b"-2.1,-2.3 dBm", -2.1),
    "lanes that share a unit, with spaces": (b"-2.1 / -2.3 dBm", -2.1),
    "a lane's number before": (b"lane 1: -2.3 dBm", -2.3),
    "an address": (b"192.168.1.20", None),
    "three numbers of a version": (b"7.16.1", None),
    "words and milliwatts": (b"rx power: 0.01 mW", -20.0),
    "dBm in capitals": (b"-7.5DBM", -7.5),
    "dBm in brackets": (b"2.315(dBm)", 2.315),
    "micro of Latin-1": (b"10 \xb5W", -20.0),
    "degrees of Latin-1": (b"77\xb0F", 25.0),
    "degrees in words": (b"77 deg F", 25.0),
    "a rate": (b"100 Mbps", None),
    "thousands as k": (b"12k", None),
    "a long list": (b",".join([b"1"] * 200), 1),
    "a long list of pairs": (b",".join([b"1.5"] * 120), 1.5),
    "a book": (b"12 " * 5000, None),
    "a name with a number and a light": (b"SFP1-12 dBm", None),
}


@for_each(("said", "meant"), SAID.values(), ids=SAID.keys())
def test_a_number_is_what_the_device_meant(said: Value, meant: float | None) -> None:
    assert number_in(said) == meant


@pytest.mark.parametrize(
    ("said", "unit", "meant"),
    [
        (b"0.5 mW", "uW", 500.0),
        (b"500 uW", "mW", 0.5),
        (b"0.5012", "mW", 0.5012),
        (b"80 F", "fahrenheit", 80.0),
        (b"-10.00 dBm", "mW", 0.1),
        (b"2 dBm", "", 2.0),
    ],
)
def test_a_text_that_names_its_unit_is_believed(said: bytes, unit: str, meant: float) -> None:
    assert number_in(said, (), unit) == pytest.approx(meant)


@for_each(
    ("name", "said", "meant"),
    [
        ("ronda_uplink_optical_rx_dbm", b"-21.5 dBm", -21.5),
        ("ronda_uplink_optical_rx_dbm", b"-2150 dBm", None),
        ("ronda_uplink_optical_rx_dbm", b"-2150", None),
        ("ronda_uplink_optical_rx_dbm", b"35 C", None),
        ("ronda_uplink_optical_tx_dbm", b"1.0 mW", 0.0),
        ("ronda_device_temperature_celsius", b"98.6 F", 37.0),
        ("ronda_device_cpu_ratio", b"12,5 %", 0.125),
        ("ronda_device_cpu_ratio", b"12.5", None),
        ("ronda_power_runtime_seconds", b"12 min", 720.0),
        ("ronda_power_runtime_seconds", b"1.5 hours", 5400.0),
        ("ronda_power_runtime_seconds", b"1 h 12 min", 4320.0),
        ("ronda_power_runtime_seconds", b"1 h 12", None),
        ("ronda_power_runtime_seconds", b"-5 min", None),
        ("ronda_device_uptime_seconds", b"3 days, 4 hours", 273600.0),
        ("ronda_wifi_clients", b"12 %", None),
    ],
)
def test_what_names_its_unit_needs_no_scale(name: str, said: bytes, meant: float | None) -> None:
    assert said_in(name, said) == (None if meant is None else pytest.approx(meant))


@pytest.mark.parametrize(
    ("name", "said", "is_foreign"),
    [
        ("ronda_power_runtime_seconds", b"12 min", False),
        ("ronda_power_runtime_seconds", b"12", False),
        ("ronda_power_runtime_seconds", b"NULL", False),
        ("ronda_power_runtime_seconds", b"12 min left", True),
        ("ronda_power_runtime_seconds", b"2 weeks", True),
        ("ronda_uplink_optical_rx_dbm", b"12 min", True),
        ("ronda_uplink_optical_rx_dbm", b"1 h 12 min", True),
        ("ronda_wifi_clients", b"12 users", False),
    ],
)
def test_a_unit_that_nothing_of_the_name_has_is_foreign(
    name: str, said: bytes, is_foreign: bool
) -> None:
    assert foreign(name, said) is is_foreign


@pytest.mark.parametrize(
    ("said", "unit"),
    [(b"9999.00 dBm", "mW"), (b"-99999 dBm", "uW"), (b"9" * 400, ""), (b"1e999 uW", "mW")],
    ids=["no light as dBm", "less than none", "digits without end", "an exponent without end"],
)
def test_a_number_beyond_all_numbers_is_none(said: bytes, unit: str) -> None:
    assert number_in(said, (), unit) is None


@pytest.mark.parametrize(("said", "unknown"), [(65535, "65535"), (-1, "-1"), (b"-1", "-1")])
def test_a_profile_adds_sentinels_of_its_own(said: Value, unknown: str) -> None:
    assert number_in(said) is not None
    assert number_in(said, (unknown,)) is None


WITHIN = {
    "light": ("ronda_uplink_optical_rx_dbm", -27.5, -27.5),
    "no light": ("ronda_uplink_optical_rx_dbm", -40.0, -40.0),
    "no module": ("ronda_uplink_optical_rx_dbm", -100.0, None),
    "blinding": ("ronda_uplink_optical_rx_dbm", 655.35, None),
    "percent as ratio": ("ronda_device_cpu_ratio", 1.5, None),
    "full": ("ronda_power_battery_ratio", 1.0, 1.0),
    "over full": ("ronda_power_battery_ratio", 2.55, None),
    "absurd speed": ("ronda_uplink_speed_bits_per_second", 1e15, None),
    "no noise": ("ronda_wifi_noise_dbm", 0.0, None),
    "frost": ("ronda_device_temperature_celsius", -128.0, None),
    "unknown": ("ronda_device_cpu_ratio", None, None),
    "a flag": ("ronda_wifi_up", 1.0, 1.0),
}


@for_each(("name", "value", "kept"), WITHIN.values(), ids=WITHIN.keys())
def test_what_cannot_be_is_unknown(name: str, value: float | None, kept: float | None) -> None:
    assert within(name, value) == kept


UNITS = {
    "milliwatts": (1.0, "mW", 0.0),
    "microwatts": (251.0, "uW", 10 * math.log10(0.251)),
    "tenths of microwatts": (100.0, "0.1uW", -20.0),
    "dark": (0.0, "mW", None),
    "fahrenheit": (77.0, "fahrenheit", 25.0),
    "as it is": (3.0, "", 3.0),
}


@pytest.mark.parametrize(("value", "unit", "ours"), UNITS.values(), ids=UNITS.keys())
def test_a_unit_becomes_ours(value: float, unit: str, ours: float | None) -> None:
    assert in_unit(value, unit) == (None if ours is None else pytest.approx(ours))


def test_names_lose_what_no_name_may_have() -> None:
    assert text_in(b"\x00\x085\x12") == "5"
    assert text_in(b" ether1\x00\x00") == "ether1"
    assert text_in("désa".encode()) == "désa"


@pytest.mark.parametrize(
    ("octets", "number"),
    [(b"\x9f\x78\x04\x3e\xeb\x85\x1f", 0.46), (b"\x9f\x79\x08" + b"\x40\x09" + bytes(6), 3.125)],
    ids=["float", "double"],
)
def test_a_wrapped_floating_number_is_a_number(octets: bytes, number: float) -> None:
    assert plain(v2c.Opaque(octets)) == pytest.approx(number, rel=1e-6)
