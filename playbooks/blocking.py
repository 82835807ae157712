"""May this playbook run at this site now? Pure; each refusal says its reason."""

from dataclasses import dataclass

from playbooks.model import Level, Playbook

_OUTAGES = ("down", "unknown", "slow")


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of a site: `cause` of its open outage, `in_window`: a maintenance window is
    open there, `taken_by`: the run that works there already, 0 for none."""

    cause: str = ""
    on_battery: bool = False
    in_window: bool = False
    taken_by: int = 0
    retired: bool = False


def scene(
    state: str, cause: str, on_battery: bool, taken_by: int = 0, retired: bool = False
) -> Scene:
    """The scene at a site in this state: a cause speaks only while its outage lasts."""
    return Scene(
        cause if state in _OUTAGES else "", on_battery, state == "maintenance", taken_by, retired
    )


def why_not(playbook: Playbook, scene: Scene) -> str:
    """The reason, in a sentence for people who know the field; "" where nothing speaks against it.

    What is only read may be read at any time. The reasons are sentences of the catalogues.
    """
    if scene.retired:
        return "the site is not active"
    if not playbook.changes:
        return ""
    if scene.cause and scene.cause in playbook.blocked_when:
        return f"blocked: the cause of the outage is {scene.cause}"
    if scene.on_battery:
        return "blocked: the site runs on its battery"
    if playbook.level is Level.RED and not scene.in_window:
        return "blocked: no maintenance window is open for the site"
    return ""


def must_wait(playbook: Playbook, scene: Scene) -> str:
    """Why it has to wait for its turn; "" where it does not."""
    if playbook.changes and scene.taken_by:
        return f"waits for run {scene.taken_by} at this site"
    return ""
