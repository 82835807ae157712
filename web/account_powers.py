"""What an administrator may do to which account, and who must remain. Pure."""

from collections.abc import Iterable, Sequence

from collector.inventory.scope import Scope
from web.people import ROLES, User

# what is done to oneself in another way, or by somebody else
NOT_TO_ONESELF = frozenset({"lock", "reset", "no_step"})


def covers(scope: Scope, areas: Sequence[str]) -> bool:
    """Is all that these areas are inside? No areas are everywhere."""
    return scope.everything or (bool(areas) and all(map(scope.sees, areas)))


def within(role: str, own: str) -> bool:
    """Is a role no more than another? Each may what those before it may, and more."""
    return role in ROLES and own in ROLES and ROLES.index(role) <= ROLES.index(own)


def sees(admin: User, target: User) -> bool:
    """May this administrator know of the account at all?"""
    return covers(admin.scope, target.areas)


def works(account: User) -> bool:
    """Can somebody administer with it today?"""
    entered = account.has_password and account.local
    return account.role == "admin" and entered and not account.locked_by


def leaves_nobody(accounts: Iterable[User], before: User, after: User) -> bool:
    """Would the change end the last administrator, or the last one of all areas?"""
    if not works(before):
        return False
    left = [each for each in accounts if each.name != before.name and works(each)]
    left += [after] if works(after) else []
    return not any(before.areas or not each.areas for each in left)
