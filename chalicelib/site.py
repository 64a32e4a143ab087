"""The pages: who may see one, what it is told, and what its forms do. The figures are the API's own answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import cast
from urllib.parse import urlencode

from chalice.app import Request, Response

from chalicelib import front, pages, web
from chalicelib.errors import Conflict, Forbidden, NotFound
from chalicelib.shapes import Shape
from chalicelib.signin import Person
from chalicelib.wiring import service

REACHED_FIRST = ("resolve", "escalate")  # one button on the page, two moves of the machine
REMARKS_SHOWN = CALLS_SHOWN = 100
made_up: Callable[[], bool] = bool  # no; the local machine says otherwise once a demonstration has filled it


def page(name: str, request: Request, *more: str) -> Response:
    """The page of that name, with every error as one."""
    answer = web.answered(PAGES[name])(request, *more)
    if answer.status_code < 400 or answer.headers["Content-Type"] != web.PROBLEM:
        return answer
    title, detail = web.told(answer)
    return _html(pages.message(_base(), title, detail), answer.status_code)


def results(request: Request) -> Response:
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    api, asked = service().api, front.query(request)
    filters, problems = pages.read_filters(asked, _today())

    by = api.breakdowns(filters.query, [None, filters.trend, "queue", "team", "language", "channel"])
    rates = cast(Mapping[str | None, pages.RatesAnswer], by)
    view = pages.ResultsView(
        page=_page(person, asked),
        filters=filters,
        total=rates[None],
        trend=rates[filters.trend],
        queues=rates["queue"],
        teams=rates["team"],
        languages=rates["language"],
        channels=rates["channel"],
        owed=_owed(api.owed(filters.team or None)),
        problems=problems,
    )
    return _html(pages.results(view))


def callbacks(request: Request) -> Response:
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    api, asked = service().api, front.query(request)
    owed = api.owed()
    rows = [api.held(row["id"], person.name) or row if row["owner"] == person.name else row for row in owed]
    view = pages.CallbacksView(
        page=_page(person, asked),
        rows=cast(list[pages.CallbackRow], rows),
        done=cast(list[pages.CallbackRow], api.finished_since(_midnight())),
        owed=_owed(owed),
    )
    return _html(pages.callbacks(view))


def act(request: Request, callback_id: str, verb: str) -> Response:
    """A form on the callback page. `next` takes the first row nobody holds, and never one twice."""
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    form = web.form_of(request)
    front.door().check_form(person, form.get("csrf", ""))
    try:
        if callback_id == "next":
            _take_next(person)
        else:
            _moved(callback_id, verb, person, form)
    except (Conflict, NotFound) as error:
        return _redirect("/callbacks", problem="held" if getattr(error, "owner", None) else "gone")
    return _redirect("/callbacks", done=verb)


def _moved(callback_id: str, verb: str, person: Person, form: Mapping[str, str]) -> None:
    api = service().api
    if verb in REACHED_FIRST and api.state(callback_id) == "claimed":
        api.act(callback_id, "reach", person.name, {})
    api.act(callback_id, verb, person.name, form)


def _take_next(person: Person) -> None:
    api, now = service().api, service().office.now()
    for row in cast(list[pages.CallbackRow], api.owed()):
        try:
            if pages.may_be_next(row, person.name, now):
                api.act(row["id"], "claim", person.name, {})
                return
        except Conflict:
            continue  # someone was faster: the next one
    raise NotFound("nobody is left to call")


def calls(request: Request) -> Response:
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    api, asked = service().api, front.query(request)
    page, call_id = _page(person, asked), asked.get("call_id", "").strip()
    if call_id:
        try:
            return _html(pages.call(pages.CallView(page, cast(pages.CallRow, api.call(call_id)))))
        except NotFound:
            pass  # said on the list below
    filters, _ = pages.read_filters(asked, _today())
    newest, left_out = api.newest_calls(CALLS_SHOWN)
    view = pages.CallsView(
        page=page,
        filters=filters,
        total=cast(pages.RatesAnswer, api.rates(filters.query)),
        calls=cast(list[pages.CallRow], newest),
        left_out=left_out,
        asked=call_id,
    )
    return _html(pages.calls(view), 404 if call_id else 200)


def remarks(request: Request) -> Response:
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    zone = service().office.settings.zone
    told = [
        pages.Remark(each.text, each.at.astimezone(zone).date(), each.language, each.queue, each.state)
        for each in service().office.store.newest_remarks(REMARKS_SHOWN)
    ]
    return _html(pages.remarks(pages.RemarksView(_page(person, front.query(request)), told)))


def settings(request: Request) -> Response:
    person = _signed_in(request)
    if isinstance(person, Response):
        return person
    found = service().api.settings()
    return _html(pages.settings(pages.SettingsView(_page(person, {}), found["policy"], found["history"])))


def sign_in_form(request: Request) -> Response:
    there = front.query(request).get("next", "/")
    return _html(pages.sign_in(_base(), None, _own(there), _local()))


def sign_in(request: Request) -> Response:
    """Token and name for a cookie."""
    form = web.form_of(request)
    there = _own(form.get("next", "/"))
    if not front.door().is_token(form.get("token", "").strip()):
        return _html(pages.sign_in(_base(), "wrong", there, _local()), 401)
    answer = _redirect(there)
    answer.headers["Set-Cookie"] = front.door().cookie(form.get("name", ""))
    return answer


def sign_out(request: Request) -> Response:
    answer = _redirect("/sign-in")
    person = front.visitor(request)
    if person and not front.door().is_form_of(person, web.form_of(request).get("csrf", "")):
        return answer  # not our form: nobody is signed out by somebody else's page
    answer.headers["Set-Cookie"] = front.door().no_cookie()
    return answer


def static(_: Request, name: str) -> Response:
    """The style sheet: its address changes with its contents, so it may be kept."""
    if name != "aftercall.css":
        raise NotFound("there is no such file")
    body, tag = pages.stylesheet()
    headers = {
        "Content-Type": "text/css; charset=utf-8",
        "ETag": tag,
        "Cache-Control": "public, max-age=31536000",
    }
    return Response(body.decode(), {**headers, "X-Content-Type-Options": "nosniff"})


VIEWS = (results, callbacks, act, calls, remarks, settings, sign_in_form, sign_in, sign_out, static)
PAGES: Mapping[str, Callable[..., Response]] = {view.__name__: view for view in VIEWS}


def _signed_in(request: Request) -> Person | Response:
    """Who is signed in; else the way to the form."""
    if person := front.visitor(request):
        return person
    if request.method != "GET":
        raise Forbidden("sign in first")
    return _redirect("/sign-in", next=web.path_of(request))


def _page(person: Person, asked: Mapping[str, str]) -> pages.Page:
    office = service().office
    return pages.Page(
        base=_base(),
        who=person.name,
        csrf=person.csrf,
        now=office.now(),
        zone=office.settings.zone,
        open_callbacks=office.backlog(),
        local=_local(),
        made_up=made_up(),
        trial=office.policy().mode == "trial",
        done=asked.get("done", ""),
        problem=asked.get("problem", ""),
    )


def _owed(rows: Sequence[Shape]) -> pages.Owed:
    now = service().office.now()
    overdue = sum(pages.is_late(cast(pages.CallbackRow, row), now) for row in rows)
    return pages.Owed(len(rows), overdue, rows[0]["due_at"] if rows else None)


def _html(body: str, status: int = 200) -> Response:
    return Response(body, dict(pages.HEADERS), status)


def _redirect(path: str, **query: str) -> Response:
    location = f"{_base()}{path}{'?' + urlencode(query) if query else ''}"
    return Response("", {"Location": location, "Cache-Control": "no-store"}, 303)


def _own(path: str) -> str:
    """A path of ours, never another site's address."""
    ours = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    )
    return path if ours else "/"


def _base() -> str:
    return service().office.settings.public_url


def _local() -> bool:
    return service().office.settings.local


def _today() -> date:
    office = service().office
    return office.now().astimezone(office.settings.zone).date()


def _midnight() -> datetime:
    return datetime.combine(_today(), time(), service().office.settings.zone)
