"""The page over HTTP, on this machine only."""

from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.exceptions import HTTPException

from infra.command import OpsError
from infra.prompts.recording.studio import Studio
from infra.prompts.recording.take import Refused

HERE = Path(__file__).parent
LARGEST = 1_000_000  # bytes: three times the longest take the page records
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
site = Blueprint("recording", __name__, template_folder="templates")


def create_app(studio: Studio) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.extensions["studio"] = studio
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.register_blueprint(site)
    app.register_error_handler(HTTPException, _wrong)
    app.register_error_handler(Refused, lambda refused: (jsonify(problem=str(refused)), 422))
    app.register_error_handler(OSError, _unwritten)
    app.register_error_handler(OpsError, _unwritten)
    return app


def _studio() -> Studio:
    found: Studio = current_app.extensions["studio"]
    return found


def _wrong(error: HTTPException) -> tuple[Response, int]:
    return jsonify(problem=error.description), error.code or 400


def _unwritten(error: Exception) -> tuple[Response, int]:
    return jsonify(problem=f"It could not be saved: {error}. Tell whoever started this."), 503


@site.before_request
def only_from_here() -> None:
    """No other page of the speaker's browser gets in, not even one whose name was pointed at this machine.

    What changes something comes as JSON or sound, which another site's page may not send without asking first.
    """
    if request.host.partition(":")[0] not in ("127.0.0.1", "localhost"):
        abort(403)
    if request.method != "GET" and request.mimetype not in ("application/json", "audio/wav"):
        abort(415)


@site.after_request
def protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@site.get("/")
def page() -> str:
    return render_template("record.html", prompts=_studio().prompts)


@site.get("/static/<name>")
def static_file(name: str) -> Response:
    return send_from_directory(HERE / "static", name)


@site.get("/state")
def state() -> Response:
    return jsonify(_studio().shown())


@site.put("/speaker")
def agree() -> Response:
    asked = _asked()
    _studio().agree(asked.get("speaker"), asked.get("agrees"))
    return state()


@site.post("/takes/<name>")
def hear(name: str) -> Response:
    number, heard = _studio().hear(_known(name), request.get_data())
    return jsonify(take=number, seconds=heard.seconds)


@site.get("/takes/<number>.wav")
def play(number: str) -> Response:
    heard = _studio().last(number) or abort(404)
    return Response(heard.file, mimetype="audio/wav")


@site.put("/recordings/<name>")
def keep(name: str) -> Response:
    _studio().keep(_known(name), _asked().get("take"))
    return state()


@site.get("/recordings/<name>.wav")
def play_kept(name: str) -> Response:
    return send_from_directory(_studio().place, f"{_known(name)}.wav", mimetype="audio/wav")


def _known(name: str) -> str:
    return name if name in _studio().sentences else abort(404)


def _asked() -> dict[str, object]:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}
