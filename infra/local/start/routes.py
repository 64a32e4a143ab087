"""The routes of `/start`. Whoever opens it is signed in: the local stage has nothing to hide from who runs it."""

from chalice.app import Chalice, Response

from chalicelib import front
from chalicelib.wiring import service
from infra.local.start import page

VISITOR = "you"


def add(app: Chalice, carrier_url: str | None) -> None:
    """`carrier_url` is the simulated carrier's; None when another one is configured."""

    @app.route("/start", methods=["GET"])
    def start() -> Response:
        body = page.render(carrier_url, service().office.settings.zone.key)
        headers: dict[str, str | list[str]] = {**page.headers(carrier_url)}
        request = app.current_request
        if request is None or front.visitor(request) is None:
            headers["Set-Cookie"] = front.door().cookie(VISITOR)
        return Response(body, headers)

    @app.route("/start/{name}", methods=["GET"])
    def start_file(name: str) -> Response:
        found = page.static(name)
        if found is None:
            return Response("", {}, 404)
        text, kind = found
        return Response(
            text, {"Content-Type": kind, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        )
