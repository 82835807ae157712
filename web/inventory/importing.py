"""An import in the browser: files come, what they would change is shown, then it is taken."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import drafts, previewing
from collector.inventory.drafts import Draft
from collector.inventory.guessing import kinds_of
from collector.inventory.keeping import Outcome
from collector.inventory.kinds import KINDS
from collector.inventory.previewing import File, Preview, Read
from web import reasons
from web.context import centre, now, role_required, scope
from web.inventory import complaints, fields, uploading
from web.inventory.desk import EDITORS, MOST_SHOWN, TITLES, bp, by, may, shown, value
from web.tongue import gettext

Answer = str | Response | tuple[str, int]


@bp.get("/imports")
@role_required(*EDITORS)
def imports() -> str:
    """The form for files, and the imports of late."""
    return _form([])


@bp.post("/imports")
@role_required(*EDITORS)
def upload() -> Answer:
    """Keep the files, and lead to what they would change."""
    kind, plan = request.form.get("kind", ""), request.form.get("plan") == "1"
    files, problems = fitting(_sent(), kind, plan)
    if problems:
        return _form(problems), 422
    with writing(centre().store) as connection:
        fell = drafts.make_room(connection, now(), by())
        number = drafts.begin(connection, files, now(), by())
    for one in fell:
        if one.by == by():
            flash(_fell(one), "bad")
    return redirect(url_for("inventory.one_import", number=number), 303)


@bp.get("/imports/<int:number>")
@role_required(*EDITORS)
def one_import(number: int) -> str:
    """What a waiting import would change now; what a taken one has changed."""
    draft = the_import(number)
    if draft.state != "waiting":
        return render_template("inventory/imported.html", draft=draft, titles=TITLES)
    return _page(draft)


@bp.post("/imports/<int:number>")
@role_required(*EDITORS)
def decide(number: int) -> Answer:
    """Take what was shown, or throw it away."""
    draft = the_import(number)
    if request.form.get("do") == "drop":
        with writing(centre().store) as connection:
            dropped = drafts.drop(connection, number)
        if dropped:
            flash(gettext("Thrown away. Nothing was changed."), "good")
            return redirect(url_for("inventory.imports"), 303)
    if draft.state != "waiting":
        flash(gettext("This import was taken already."), "bad")
        return redirect(url_for("inventory.one_import", number=number), 303)
    try:
        take(draft, request.form.get("mark", ""))
    except Refused as refused:
        return _page(draft, reasons.say(refused.problem)), 409
    flash(gettext("Imported. It can be undone on this page."), "good")
    return redirect(url_for("inventory.one_import", number=number), 303)


def _fell(draft: Draft) -> str:
    names = ", ".join(each["name"] for each in draft.told["files"])
    return gettext(
        "Import #%(number)s (%(names)s), which nobody had taken, was thrown away: %(most)s of one"
        " person wait at most.",
        number=draft.id,
        names=names,
        most=drafts.MOST_OWN,
    )


def the_import(number: int) -> Draft:
    """An import of the reader's own, or of anybody for who sees everything."""
    if number >= 1 << 63:
        abort(404)
    with reading(centre().store) as connection:
        draft = drafts.find(connection, number)
    if draft is None or not mine(draft):
        abort(404, gettext("What nobody takes is thrown away after a day, or for newer imports."))
    return draft


def mine(draft: Draft) -> bool:
    """Whose it is; a file may hold telephone numbers of other areas."""
    return scope().everything or draft.by == by()


def all_mine(connection: Connection) -> list[Draft]:
    """The newest that the reader may look at."""
    return drafts.listed(connection, "" if scope().everything else by())


def rows_of(draft: Draft) -> list[Read]:
    with reading(centre().store) as connection:
        files = drafts.files(connection, draft.id)
    return previewing.read(files)


def take(draft: Draft, mark: str) -> None:
    """Take in what was shown with this mark; Refused when it is not that any more."""
    files = rows_of(draft)
    # of a province this takes seconds, and nobody else can write while the lock is held
    with reading(centre().store) as connection:
        looked = previewing.look(connection, files, may)
    with writing(centre().store) as connection:
        outcomes = previewing.apply(connection, files, mark, may, now(), by(), draft.id, looked)
        changes = [change for outcome in outcomes for change in outcome.changes]
        told = {**draft.told, "kinds": _counted(outcomes)}
        if not drafts.applied(connection, draft.id, told, changes, now(), by()):
            raise Refused("import", previewing.STALE)


def _counted(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for one in outcomes:
        counts = found.setdefault(one.kind, Counter())
        counts += Counter(new=len(one.new), changed=len(one.changed), same=len(one.same))
        if one.areas:
            found.setdefault("areas", Counter())["new"] += len(one.areas)
    return {kind: dict(counts) for kind, counts in found.items()}


def look(draft: Draft) -> Preview:
    """What a waiting import would change now."""
    files = rows_of(draft)
    with reading(centre().store) as connection:
        return previewing.look(connection, files, may)


def _page(draft: Draft, problem: str = "") -> str:
    preview = look(draft)
    return render_template(
        "inventory/preview.html",
        draft=draft,
        preview=preview,
        problem=problem,
        complaints=complaints.read,
        titles=TITLES,
        fields=fields,
        most=MOST_SHOWN,
        shown=shown,
        value=value,
    )


def _form(problems: Sequence[str]) -> str:
    with reading(centre().store) as connection:
        found = all_mine(connection)
    return render_template(
        "inventory/imports.html", problems=problems, drafts=found, kinds=KINDS, titles=TITLES
    )


def fitting(
    sent: Iterable[tuple[str, bytes]], kind: str, plan: bool
) -> tuple[list[File], list[str]]:
    """What was sent, and what is wrong with it before anybody reads a row."""
    files: list[File] = []
    problems: list[str] = []
    for name, data in sent:
        kinds = [kind] if kind in KINDS else kinds_of(data, name)
        if len(kinds) == 1:
            files.append(File(name, kinds[0], data, plan))
        else:
            problems.append(_unclear(name, kinds))
    told = Counter(one.kind for one in files)
    for twice in (name for name, count in told.items() if count > 1):
        problems.append(gettext("Two files hold %(kind)s; send them one after the other.",
                                kind=TITLES[twice]))  # fmt: skip
    if not files and not problems:
        problems.append(gettext("Choose a file, or paste a table."))
    return files, problems + list(_too_much(files))


def _sent() -> Iterator[tuple[str, bytes]]:
    for one in request.files.getlist("files")[: uploading.MOST_FILES + 1]:
        if one.filename:
            yield one.filename[-100:], one.read()
    if text := request.form.get("table", "").strip():
        yield gettext("pasted table"), text.encode()


def _unclear(name: str, fitting: Sequence[str]) -> str:
    if not fitting:
        return gettext(
            "%(file)s: its columns are those of no kind. Choose the kind to see what is wrong.",
            file=name,
        )
    kinds = ", ".join(str(TITLES[kind]) for kind in fitting)
    return gettext("%(file)s may hold %(kinds)s. Choose the kind.", file=name, kinds=kinds)


def _too_much(files: Sequence[File]) -> Iterator[str]:
    if len(files) > uploading.MOST_FILES:
        yield gettext("%(most)s files at most.", most=uploading.MOST_FILES)
    if sum(len(one.data) for one in files) > uploading.LARGEST_FILES:
        yield uploading.refusal(413)
    lines: Any = sum(max(one.data.count(b"\n"), one.data.count(b"\r")) for one in files)
    if lines > uploading.MOST_LINES:
        yield gettext(
            "More than %(most)s lines. Larger files go by the command line.",
            most=uploading.MOST_LINES,
        )
