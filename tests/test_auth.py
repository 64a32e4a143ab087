"""Who gets in: nothing but health, webhooks and the sign-in form answers without a token or the page's own cookie."""

import re
import time
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest

from app import app
from chalicelib.signin import Door
from tests.stage import FORM, Answer, Stage

OPEN = {
    ("GET", "/health"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/static/{name}"),
    ("GET", "/audio/{language}/{name}"),  # what any caller hears
}
ROUTES = sorted((method, path) for path, methods in app.routes.items() for method in methods)
FILLED = {"survey_id": "a" * 26, "callback_id": "a" * 26, "attempt": "1", "question": "time", "verb": "claim"}


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda name: FILLED.get(name[1], "x"), path)


def kinds(method: str, path: str) -> list[str]:
    return list(app.routes[path][method].content_types) if method in ("POST", "PUT") else [""]


def cookie(answer: Answer) -> str:
    """The cookie a browser would send from now on."""
    return answer.headers["set-cookie"].partition(";")[0]


def sign_in(stage: Stage, name: str = "Kim", **form: str) -> Answer:
    filled_in = {"token": stage.secret["API_TOKEN"], "name": name, **form}
    return stage.ask("POST", "/sign-in", urlencode(filled_in).encode(), {"Content-Type": FORM})


@pytest.fixture(scope="module")
def signed_in(stage: Stage) -> str:
    return cookie(sign_in(stage))


# --- without anything -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method, path", [route for route in ROUTES if route not in OPEN])
def test_no_route_answers_somebody_who_shows_nothing(stage: Stage, method: str, path: str) -> None:
    for kind in kinds(method, path):
        body = b"{}" if kind.endswith("json") else b"a=1" if kind else None
        answer = stage.ask(method, filled(path), body, {"Content-Type": kind} if kind else {})
        if path.startswith(("/api/", "/webhooks/")):
            assert answer.status == (403 if path.startswith("/webhooks/twilio/") else 401)
            assert answer.kind == "application/problem+json"
        elif method == "GET":
            assert answer.status == 303
            assert answer.headers["location"].startswith(f"{stage.url}/sign-in?next=")
        else:
            assert answer.status == 403


def test_what_is_open_to_everybody_is_these_five_and_no_more() -> None:
    assert set(ROUTES) >= OPEN


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES if path.startswith("/api/")}))
@pytest.mark.parametrize(
    "wrong",
    [
        "Bearer",
        "Bearer x",
        "Basic {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Bearer å",
    ],
)
def test_a_wrong_token_opens_no_door_and_is_not_repeated(stage: Stage, path: str, wrong: str) -> None:
    given = wrong.format(token=stage.secret["API_TOKEN"])
    method = next(method for method, known in ROUTES if known == path)
    headers = {"Authorization": given.encode().decode("latin-1"), "Content-Type": "application/json"}
    answer = stage.ask(method, filled(path), b"{}" if method != "GET" else None, headers)
    assert answer.status == 401
    assert stage.secret["API_TOKEN"].encode() not in answer.body


def test_a_token_in_the_address_opens_no_door(stage: Stage) -> None:
    token = stage.secret["API_TOKEN"]
    assert stage.ask("GET", f"/api/rates?token={token}&access_token={token}").status == 401


# --- the sign-in form and its cookie ----------------------------------------------------------------------


def test_the_token_signs_in_and_leads_where_one_wanted_to_go(stage: Stage) -> None:
    answer = sign_in(stage, next="/callbacks")
    assert (answer.status, answer.headers["location"]) == (303, f"{stage.url}/callbacks")
    flags = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    for page in ("/", "/callbacks", "/calls", "/remarks", "/settings"):
        shown = stage.ask("GET", page, headers={"Cookie": cookie(answer)})
        assert shown.status == 200, page
        assert shown.kind.startswith("text/html")


def test_the_cookie_opens_the_api_too(stage: Stage, signed_in: str) -> None:
    assert stage.ask("GET", "/api/rates", headers={"Cookie": signed_in}).status == 200


@pytest.mark.parametrize(
    "token", ["", "x", "å", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
def test_a_wrong_token_signs_nobody_in(stage: Stage, token: str) -> None:
    answer = sign_in(stage, token=token)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    assert answer.kind.startswith("text/html")


@pytest.mark.parametrize(
    "there",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/\t/elsewhere.example",
        "/\r\nSet-Cookie: a=b",
        "/å\u0000",
        "/語",
        "",
    ],
)
def test_the_form_leads_nowhere_but_home(stage: Stage, there: str) -> None:
    answer = sign_in(stage, next=there)
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"{stage.url}/")
    assert "a=b" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "name", ["Åsa Öberg", "", "x" * 500, "<b>Kim</b>", "a;b=c\r\nx", "\u0000", "=SUM(A1)", "Kim.1.2"]
)
def test_any_name_can_stand_in_the_cookie_and_is_shown_as_text(stage: Stage, name: str) -> None:
    page = stage.ask("GET", "/", headers={"Cookie": cookie(sign_in(stage, name))})
    assert page.status == 200
    assert b"<b>Kim" not in page.body


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: value + "0",
        lambda value: value[:-1],
        lambda value: value.replace("aftercall=", "aftercall=9"),
        lambda value: re.sub(r"\.[^.]*\.", ".S2ltMg.", value),
        lambda value: value.rpartition(".")[0],
        lambda _: "aftercall=",
        lambda _: "aftercall=..",
        lambda _: "aftercall=x.y.z",
        lambda _: "aftercall=\u00e5.\u00e5.\u00e5",
        lambda _: ";;=;",
        lambda value: value.replace("aftercall", "Aftercall"),
    ],
)
def test_a_cookie_that_was_changed_signs_nobody_in(stage: Stage, signed_in: str, forge: object) -> None:
    assert callable(forge)
    headers = {"Cookie": forge(signed_in)}
    assert stage.ask("GET", "/", headers=headers).status == 303
    assert stage.ask("GET", "/api/rates", headers=headers).status == 401


def test_a_cookie_made_with_another_token_or_past_its_time_signs_nobody_in() -> None:
    door = Door("token", b"key", "https://survey.example.org/v1")
    value = door.cookie("Kim").partition(";")[0]
    person = door.signed_in(value)
    assert person
    assert person.name == "Kim"
    assert Door("token", b"another", door.public_url).signed_in(value) is None
    late = f"{int(time.time()) - 1}.S2lt"
    assert door.signed_in(f"aftercall={late}.{door._sign(late)}") is None
    assert "; Secure" in door.cookie("Kim")
    assert "Path=/v1;" in door.cookie("Kim")


def test_the_service_clock_signs_nobody_out(stage: Stage, signed_in: str) -> None:
    stage.clock(stage.now() + timedelta(days=2))
    assert stage.ask("GET", "/api/rates", headers={"Cookie": signed_in}).status == 200


# --- forms that somebody else made ------------------------------------------------------------------------


def test_a_form_without_the_mark_of_our_own_page_does_nothing(stage: Stage, signed_in: str) -> None:
    cookies = {"Cookie": signed_in, "Content-Type": FORM}
    other = cookie(sign_in(stage, "Robin"))
    page = stage.ask("GET", "/callbacks", headers={"Cookie": other}).body.decode()
    marks = set(re.findall(r'name="csrf" value="(\w+)"', page))
    assert marks
    for form in ({}, {"csrf": ""}, {"csrf": "å"}, {"csrf": marks.pop()}):
        body = urlencode(form).encode()
        assert stage.ask("POST", f"/callbacks/{'a' * 26}/claim", body, cookies).status == 403
        assert "set-cookie" not in stage.ask("POST", "/sign-out", body, cookies).headers
    json = cookies | {"Content-Type": "application/json"}
    assert stage.ask("PUT", "/api/settings", b'{"mode": "trial"}', json).status == 403
    assert stage.ask("POST", f"/api/callbacks/{'a' * 26}/claim", b"{}", json).status == 403


def test_signing_out_takes_the_cookie_away(stage: Stage, signed_in: str) -> None:
    page = stage.ask("GET", "/", headers={"Cookie": signed_in}).body.decode()
    mark = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    headers = {"Cookie": signed_in, "Content-Type": FORM}
    answer = stage.ask("POST", "/sign-out", urlencode({"csrf": mark}).encode(), headers)
    assert answer.status == 303
    assert answer.headers["set-cookie"].startswith("aftercall=;")
    assert "Max-Age=0" in answer.headers["set-cookie"]


# --- what the open ones tell ------------------------------------------------------------------------------


def test_health_tells_two_things_and_no_more(stage: Stage) -> None:
    assert stage.ask("GET", "/health").json() == {"table": "ok", "carrier": "ok"}


@pytest.mark.parametrize("name", ["x", "..%2fapp.py", "%2e%2e", "aftercall.css%00", "å"])
def test_no_file_but_the_style_sheet_is_served(stage: Stage, name: str) -> None:
    assert stage.ask("GET", f"/static/{quote(name, safe='%')}").status in (403, 404)


def test_pages_are_not_kept_run_no_scripts_and_stand_in_nobody_elses_frame(
    stage: Stage, signed_in: str
) -> None:
    headers = stage.ask("GET", "/callbacks", headers={"Cookie": signed_in}).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_no_token_and_no_failure_of_ours_is_in_what_the_service_said(stage: Stage) -> None:
    said = stage.said()
    assert stage.secret["API_TOKEN"] not in said
    assert "unexpected failure" not in said
    assert re.findall(r".* 5\d\d \d+ ms", said) == []
