"""What programs are told of playbooks and runs, and how they ask for one."""

from typing import Annotated

from msgspec import Meta, Struct

from web.api.shapes import Time

MOST_SITES = 500
_Text = Annotated[str, Meta(max_length=255)]


class PlaybookParam(Struct, frozen=True):
    """A value that whoever runs it gives."""

    name: str
    type: str
    title: dict[str, str]
    default: str | None
    values: tuple[str, ...]
    least: int | None
    most: int | None


class PlaybookShown(Struct, frozen=True):
    """What may be done to a device; titles by language."""

    name: str
    title: dict[str, str]
    level: str
    changes: bool
    platforms: tuple[str, ...]
    params: tuple[PlaybookParam, ...]
    blocked_when: tuple[str, ...]
    danger: dict[str, str]
    cannot_undo: dict[str, str]


class PlannedStep(Struct, frozen=True):
    """One step; secrets are hidden."""

    number: int
    part: str
    does: str


class PlannedHost(Struct, frozen=True):
    """What would be done on one device."""

    site: str
    device: str
    platform: str
    guard_s: Annotated[float, Meta(description="so long until the device undoes it by itself")]
    steps: tuple[PlannedStep, ...]
    undo: tuple[str, ...]
    notes: Annotated[tuple[str, ...], Meta(description="what a kept configuration would change")]


class RunStep(Struct, frozen=True):
    """A step as it was written down."""

    number: int
    part: str
    does: str
    state: str
    exit: int | None
    began_at: Time
    ended_at: Time | None
    output: str
    reason: str


class RunHost(Struct, frozen=True):
    """A run on one device."""

    site: str
    device: str
    state: str
    reason: str
    began_at: Time | None
    ended_at: Time | None
    guard_until: Time | None
    steps: tuple[RunStep, ...]


class RunShown(Struct, frozen=True):
    """A run; `hosts` are those of the token's areas."""

    id: int
    playbook: str
    level: str
    state: str
    reason: str
    dry: bool
    params: dict[str, str]
    incident: int | None
    by: str
    asked_at: Time
    approved_by: str
    approved_at: Time | None
    ended_at: Time | None
    hosts: tuple[RunHost, ...]


class NewRun(Struct, forbid_unknown_fields=True):
    sites: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=60)]],
        Meta(min_length=1, max_length=MOST_SITES),
    ]
    params: Annotated[dict[Annotated[str, Meta(max_length=32)], _Text], Meta(max_length=40)] = {}
    device: Annotated[str, Meta(max_length=64, description="of several at a site")] = ""
    dry: Annotated[bool, Meta(description="only what is looked at beforehand")] = False
    incident: Annotated[
        int | None, Meta(description="what it is to mend: an incident of one of the sites")
    ] = None
