"""`python -m infra.rotate STAGE SECRET`: a new value for a secret, without a moment in which nothing fits.

API_TOKEN              a new one; whoever is signed in must sign in again
CALLS_WEBHOOK_SECRET   a new one beside the old: give it to the contact centre, then run with --finish
TWILIO_AUTH_TOKEN      the secondary token you type, beside the old: promote it in Twilio's console, then --finish
PHONE_KEY              a new one beside every earlier one, for ever: who is known stays under the key they came with
TWILIO_…               the value you type

The functions hold the new value after the next deploy; `make run` after its next start.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra import command, escrow, shown, values
from infra.command import DONE, OpsError, agreed, say
from infra.local.settings import MADE_UP, keep
from infra.place import Place, find

PAIRED = ("CALLS_WEBHOOK_SECRET", "TWILIO_AUTH_TOKEN")  # the old one works on until --finish
LINED_UP = ("PHONE_KEY",)  # every one works on for ever
PHONE_KEY_COST = """PHONE_KEY: nobody is forgotten. Open surveys, quarantines and opt-outs go on under the key they came
with; new callers come under the new one. Each key costs half a read unit a look-up, for ever: rotate it when one has
leaked, and not out of habit."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    secret: str
    finish: bool = False
    yes: bool = False
    dry_run: bool = False
    secrets: Path | None = None  # where to write it instead of the terminal


def rotate(place: Place, wish: Wish) -> int:
    """The exit code; raises OpsError."""
    name, before = wish.secret, kept(place).get(wish.secret, "")
    after = finished(name, before) if wish.finish else renewed(name, before)
    say(f"{name}: {len(before.split())} in use now, {len(after.split())} afterwards.")
    if wish.dry_run:
        say("Nothing was changed (--dry-run).")
        return DONE
    if name in LINED_UP:
        say(PHONE_KEY_COST)
    if not wish.finish and name in values.MADE and place.cloud and not place.cloud.stage.embedded:
        shown.possible(wish.secrets)
    if not agreed(f"Change {name} of {place.name}?", wish.yes):
        raise OpsError("Nothing was changed.")
    write(place, name, after)
    if not wish.finish and name in values.MADE:
        show(place, wish, after)
    say(f"In use after: {'python -m infra.deploy ' + place.name if place.cloud else 'the next make run'}.")
    return DONE


def renewed(name: str, before: str) -> str:
    """The value with a new one in it."""
    new = MADE_UP[name]() if name in values.MADE else values.asked(name, values.GIVEN[name])
    if name in PAIRED:
        return " ".join([new, *before.split()[:1]])
    return " ".join([new, *before.split()]) if name in LINED_UP else new


def finished(name: str, before: str) -> str:
    """Only the newest."""
    if name not in PAIRED:
        raise OpsError(f"--finish is for {', '.join(PAIRED)}: the others have nothing to take away")
    if len(before.split()) < 2:
        raise OpsError(f"{name} has one value: there is nothing to take away")
    return before.split()[0]


def kept(place: Place) -> Mapping[str, str]:
    """What is kept, not what the environment lays over it."""
    if place.cloud:
        return values.read(place.cloud)
    assert place.data is not None
    found: dict[str, str] = json.loads((place.data / "settings.json").read_text(encoding="utf-8"))
    return found


def write(place: Place, name: str, value: str) -> None:
    if place.cloud:
        values.write(place.cloud, name, value)
        return
    if os.environ.get(name) or name not in MADE_UP:
        raise OpsError(f"{name} comes from the environment of make run: change it there")
    assert place.data is not None
    keep(place.data / "settings.json", {**kept(place), name: value})


def show(place: Place, wish: Wish, value: str) -> None:
    """Once, to whoever must hand it on. That of `make run` lies in its folder."""
    if place.data:
        say(f"The new value is in {place.data / 'settings.json'}.")
        return
    if wish.secrets:
        keep(wish.secrets, {wish.secret: value})
        say(f"The new value is in {wish.secrets}, readable by you only.")
    else:
        say(f"\n  {wish.secret}  {value}\n\nIt is not shown again.")
    if wish.secret == "PHONE_KEY" and place.cloud:
        escrow.note_shown(place.cloud, value)
        say(
            f"Seal this whole line in place of the old copy, and prove it: python -m infra.escrow {place.name}"
        )


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("rotate", __doc__ or "")
    names = sorted({*values.MADE, *values.GIVEN})
    parser.add_argument("secret", metavar="SECRET", choices=names, help=", ".join(names))
    parser.add_argument(
        "--finish", action="store_true", help="the other side has the new one: take the old away"
    )
    parser.add_argument(
        "--secrets", type=Path, metavar="FILE", help="write the new value here, not to the terminal"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would change")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given: argparse.Namespace = parser.parse_args(arguments)
    wish = Wish(given.secret, given.finish, given.yes, given.dry_run, given.secrets)
    return command.run(lambda: rotate(find(given.stage), wish))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
