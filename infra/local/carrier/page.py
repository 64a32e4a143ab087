"""The handsets in the browser: one page, its script and its style, all from here and nothing from elsewhere."""

from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from .here import carrier

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "media-src 'self' {service}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
site = Blueprint("pages", __name__, template_folder="templates")


@site.after_request
def protect(response: Response) -> Response:
    policy = POLICY.format(service=carrier().settings.public_url)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response


@site.get("/")
def home() -> AnyResponse:
    return redirect("/phones")


@site.get("/phones")
def phones() -> str:
    """`?number=+46…&embed=1` shows one handset alone, for a frame in another local page."""
    settings = carrier().settings
    only = request.args.get("number", "").replace(" ", "+")  # a plus sign that was not encoded
    embed = request.args.get("embed") == "1"
    return render_template("phones.html", only=only, embed=embed, settings=settings)


@site.get("/phones/<name>")
def static_file(name: str) -> Response:
    return send_from_directory(HERE / "static", name)
