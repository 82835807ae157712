"""A person's data: shown, given as a file, erased (UU 27/2022); one's own, and anybody's."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, render_template, request
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import acts, erasing, holdings, persons, persons_file
from collector.backup import erased
from collector.db import reading, writing
from collector.persons import Listed, Person
from web import account_powers, accounts, held_words, people
from web.context import centre, home_zone, me, now, role_required
from web.people import User
from web.tongue import gettext

bp = Blueprint("persons", __name__)

GIVEN = "person_file"
SHOWN = 100
_LONGEST = 2000
_Answer = str | Response | tuple[str, int]
_WHY: dict[str, Callable[[], str]] = {
    "name": lambda: gettext("There is no such account, or it is outside your areas."),
    "own": lambda: gettext("Not to oneself: ask another administrator."),
    "last": lambda: gettext(
        "Nobody could administer the centre any more: make somebody else an administrator first."
    ),
}


@bp.get("/account/data")
def own() -> str:
    """Everything held about the reader."""
    return _held(_own_person(), own=True)


@bp.post("/account/data/file")
def own_file() -> Response:
    """The same as one file."""
    return _file(_own_person())


@bp.get("/persons")
@role_required("admin")
def index() -> str:
    """Whose data? An account, addresses, or both."""
    return _asking()


@bp.post("/persons")
@role_required("admin")
def act() -> _Answer:
    """Look them up, show what is held, give it as a file, erase it."""
    do = request.form.get("do", "find")
    if do not in ("find", "show", "file", "plan", "erase"):
        abort(400, gettext("This request cannot be understood"))
    ticked = frozenset(request.form.getlist("row")) if do != "find" else None
    account, addresses = (request.form.get(key, "") for key in ("account", "addresses"))
    try:
        person, listed = sought(account, addresses, ticked)
    except Refused as refused:
        flash(why(refused), "bad")
        return _asking(), 422
    if person.nobody:
        flash(gettext("Nobody is known by this."), "bad")
        return _asking(), 422
    if do == "find":
        return _asking(person, listed)
    if do == "erase":
        return _erase(person)
    return _held(person) if do == "show" else _file(person) if do == "file" else _plan(person)


def sought(
    account: str, addresses: str, ticked: frozenset[str] | None
) -> tuple[Person, list[Listed]]:
    """Who is named, of their rows of contacts those that were ticked (None: all); and all that
    match. Refused: no such account, or part of it lies elsewhere."""
    admin, name = _me(), account.strip().lower()[:100]
    known = _account(admin, name) if name else None
    typed = persons.spelled_all(addresses[:_LONGEST])
    asked = typed + ([known.email.lower()] if known and known.email else [])
    with reading(centre().store) as connection:
        matching = persons.found_by(connection, asked)
    listed = persons.inside(matching, admin.scope)
    if not admin.scope.everything:
        if len(listed) < len(matching):
            raise Refused("outside", "part of it lies outside of these areas")
        # a number that stands in no row of theirs may be anybody's
        asked = [each for each in asked if any(each in _spelled(one) for one in listed)]
    chosen = listed
    if ticked is not None:
        chosen = [one for one in listed if one.key in ticked]
        others = {way for one in listed if one not in chosen for way in _spelled(one)}
        kept = {way for one in chosen for way in _spelled(one)}
        asked = [each for each in asked if each in kept or each not in others]
    return persons.person(known.name if known else "", chosen, asked), listed


def _account(admin: User, name: str) -> User:
    found = people.user(centre().store, name) if people.is_name(name) else None
    if found is None or not account_powers.sees(admin, found):
        raise Refused("name", "there is no such account")
    return found


def _spelled(one: Listed) -> set[str]:
    return {persons.spelled(way) for way in one.ways}


def _own_person() -> Person:
    """The reader, with rows of contacts of the e-mail that an administrator entered for them."""
    user = _me()
    asked = [user.email.lower()] if user.email else []
    with reading(centre().store) as connection:
        listed = persons.found_by(connection, asked)
    if not user.subject and not user.scope.everything:
        # only a provider vouches for an address: one of elsewhere may be typed to read there
        listed = persons.inside(listed, user.scope)
        asked = [each for each in asked if any(each in _spelled(one) for one in listed)]
    return persons.person(user.name, listed, asked)


def _asking(person: Person | None = None, listed: list[Listed] | None = None) -> str:
    fields = {key: request.values.get(key, "")[:_LONGEST] for key in ("account", "addresses")}
    return render_template("persons.html", person=person, listed=listed or [], **fields)


def _held(person: Person, own: bool = False) -> str:
    with reading(centre().store) as connection:
        found = holdings.sections(connection, person)
    return render_template(
        "person_held.html",
        person=person,
        sections=found,
        own=own,
        most=SHOWN,
        plan=None,
        said=held_words.said,
    )


def given(person: Person) -> str:
    """Everything held as the text of a file, written down who asked."""
    # it takes its time, and nobody who writes should wait for it
    with reading(centre().store) as connection:
        found = holdings.sections(connection, person)
    text = persons_file.written(person, found, now(), _me().name)
    with writing(centre().store) as connection:
        acts.record(connection, now(), _me().name, GIVEN, _subject(person))
    return text


def _file(person: Person) -> Response:
    text = given(person)
    day = datetime.fromtimestamp(now(), home_zone())
    answer = Response(text, mimetype="application/json")
    name = f"ronda-person-{day:%Y-%m-%d}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _plan(person: Person) -> str:
    with reading(centre().store) as connection:
        found = erasing.plan(connection, person)
    return render_template(
        "person_held.html",
        person=person,
        plan=found,
        settings=centre().settings,
        word=confirmation(person),
        addresses=request.form.get("addresses", "")[:_LONGEST],
    )


def _erase(person: Person) -> _Answer:
    if request.form.get("confirm", "").strip() != confirmation(person):
        flash(gettext("The name was not typed as it is written: nothing was erased."), "bad")
        return _plan(person), 422
    try:
        pseudonym, problem = erase(person)
    except Refused as refused:
        flash(why(refused), "bad")
        return _plan(person), 422
    if problem:
        flash(problem, "bad")
    flash(gettext("Erased. In what stays they are called %(name)s.", name=pseudonym), "good")
    return render_template("persons.html", person=None, listed=[], account="", addresses="")


def erase(person: Person) -> tuple[str, str]:
    """They are gone: the pseudonym that stays, and what a restore might bring back, in words."""
    pseudonym = accounts.erase(centre().store, _me(), person, now())
    problem = erased.publish(centre().settings, centre().store)
    words = gettext("The list that keeps them away after a restore could not be written:")
    return pseudonym, f"{words} {problem}" if problem else ""


def why(refused: Refused) -> str:
    """Why somebody is not looked up or erased, in words."""
    return _WHY[refused.place]() if refused.place in _WHY else _outside()


def confirmation(person: Person) -> str:
    """What has to be typed before a person is erased."""
    if person.account:
        return person.account
    return person.contacts[0].name if person.contacts else min(person.addresses)


def _subject(person: Person) -> str:
    if person.account:
        return people.subject(person.account)
    return f"contact:{person.contacts[0].key}" if person.contacts else min(person.addresses)


def _outside() -> str:
    return gettext("Part of what is held lies outside your areas: ask an administrator of all.")


def _me() -> User:
    user = me()
    if user is None:
        abort(403)
    return user
