"""The command: what is recorded, as a list; or the page, until Ctrl-C."""

import argparse
import logging
import webbrowser
from collections import Counter

from werkzeug.serving import make_server

from chalicelib import prompts, recordings
from infra.command import DONE, FAILED, say
from infra.prompts import form
from infra.prompts.recording import facts, shelf
from infra.prompts.recording.app import create_app
from infra.prompts.recording.lines import Line, State
from infra.prompts.recording.studio import Studio


def record(options: argparse.Namespace) -> int:
    """The exit code. Raises OpsError."""
    if options.remove:
        shelf.remove(shelf.folder(options.language), options.remove)
        say(f"Removed: {options.remove}.")
        return DONE
    studio = _studio(options.language, options.stage, options.phone)
    return listed(studio) if options.list else page(studio, browse=not options.no_browser)


def _studio(language: str, stage: str, phone: str | None) -> Studio:
    told, unsure = facts.of(stage, phone)
    known, notes = prompts.load(language), form.table(language).get("notes", {})
    return Studio(known, told, unsure, recordings.sentences(known, told), notes, shelf.folder(language))


def listed(studio: Studio) -> int:
    """Print the state of every sentence; 1 when one is not recorded as it is said now."""
    found = studio.lines()
    for line in found:
        by = f"{line.seconds:4.1f} s  {line.speaker}" if line.speaker else ""
        say(f"  {line.state:9} {line.name:18} {by}".rstrip())
    for name in sorted(set(shelf.read(studio.place)) - {line.name for line in found}):
        say(f"  unused    {name:18} no sentence has that name any more: --remove {name}")
    if studio.unsure:
        say(f"  {studio.unsure}")
    say(_counted(studio.name, found))
    return DONE if all(line.state is State.RECORDED for line in found) else FAILED


def page(studio: Studio, *, browse: bool) -> int:
    """Serve the page until Ctrl-C."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request tells a speaker nothing
    server = make_server("127.0.0.1", 0, create_app(studio), threaded=True)
    address = f"http://127.0.0.1:{server.server_port}/"
    say(
        f"Recording {studio.name}: {address}\nLeave this window open; Ctrl-C ends. What is kept is saved at once."
    )
    if browse:
        webbrowser.open(address)
    server.serve_forever()  # returns at Ctrl-C
    say(f"\n{_counted(studio.name, studio.lines())} The same command goes on from here.")
    return DONE


def _counted(name: str, found: list[Line]) -> str:
    count = Counter(line.state for line in found)
    return f"{name}: " + ", ".join(f"{count[state]} {state}" for state in State) + "."
