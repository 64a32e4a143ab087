"""`python -m infra.erase STAGE [NUMBER]`: forget a person, and print the proof.

Surveys are unlinked (their answers count on and lead to nobody), remarks and callbacks deleted, the carrier's records
of our texts and calls too. That the number once said stop is kept as a keyed hash: else it would be texted again.
Without NUMBER it is asked for, so that it stays out of the shell's history. Safe to repeat.
"""

import getpass
import json
import sys
from collections.abc import Sequence

from chalicelib.errors import CarrierError, Conflict
from chalicelib.numbers import parse
from chalicelib.privacy import Privacy
from infra import command
from infra.command import DONE, FAILED, OpsError, agreed, say
from infra.place import Place, find


def erase(place: Place, number: str, who: str, *, yes: bool = False, dry_run: bool = False) -> int:
    """The exit code; the proof is printed."""
    e164, privacy = known(number), Privacy(place.service().office)
    try:
        carried = privacy.office.carrier.records(e164)
    except CarrierError as error:
        told = f"the carrier's account cannot be asked: python -m infra.doctor {place.name}"
        raise OpsError(told, FAILED) from error
    if dry_run:
        there = privacy.left_of(e164)
        say(f"Kept of this number: {', '.join(there) or 'nothing but, perhaps, an opt-out'}.")
        say(f"At the carrier: {len(carried)} records. Nothing was changed (--dry-run).")
        return DONE
    if not agreed("Forget this number for good?", yes):
        raise OpsError("Nothing was changed.")
    try:
        proof = privacy.erase(e164, who)
    except Conflict as error:
        raise OpsError(str(error), FAILED) from error
    say(json.dumps(proof, indent=2))
    return DONE if proof["read_again_and_gone"] else FAILED


def known(number: str) -> str:
    """As E.164. Raises OpsError; the message does not repeat what was typed."""
    found = parse(number.strip())
    if found is None:
        raise OpsError("that is not a phone number such as +46701740605 (with the country's code)")
    return found.e164


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("erase", __doc__ or "")
    parser.add_argument(
        "number", nargs="?", metavar="NUMBER", help="with the country's code; asked for if not given"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what is kept, change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)

    def run() -> int:
        number = given.number or (getpass.getpass("Number: ") if sys.stdin.isatty() else sys.stdin.readline())
        who = f"erase by {getpass.getuser()}"
        return erase(find(given.stage), number, who, yes=given.yes, dry_run=given.dry_run)

    return command.run(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
