"""`python -m infra.erase STAGE [NUMBER]`: forget a person, and print the proof.

Surveys are unlinked (their answers count on and lead to nobody), remarks and callbacks deleted, the carrier's records
of our texts and calls too. That the number once said stop is kept as a keyed hash: else it would be texted again.
Without NUMBER it is asked for, so that it stays out of the shell's history. Safe to repeat.
"""

import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC
from secrets import token_hex
from typing import Any

from chalicelib.numbers import Vault, parse
from chalicelib.store.dynamo import Table
from chalicelib.store.erasure import Erased, Erasure, KeepsChanging
from infra import command
from infra.command import DONE, FAILED, OpsError, agreed, say
from infra.examine.rest import Rest
from infra.place import Place, find

GONE = (204, 404)


def erase(place: Place, number: str, who: str, *, yes: bool = False, dry_run: bool = False) -> int:
    """The exit code; the proof is printed."""
    e164 = known(number)
    keys = Vault(place.settings.phone_keys).hashes(e164)
    erasure = Erasure(Table(place.client("dynamodb"), place.settings.table))
    there = sorted({part for key in keys for part in erasure.left_of(key)})
    carried = list(at_carrier(place, e164))
    if dry_run:
        say(f"Kept of this number: {', '.join(there) or 'nothing but, perhaps, an opt-out'}.")
        say(f"At the carrier: {len(carried)} records. Nothing was changed (--dry-run).")
        return DONE
    if not agreed("Forget this number for good?", yes):
        raise OpsError("Nothing was changed.")
    now, reference = place.clock(), token_hex(4)
    try:
        erased = [erasure.forget(key, now) for key in keys]
    except KeepsChanging as error:
        raise OpsError("this caller is answering right now: try again in a minute", FAILED) from error
    deleted, kept = from_carrier(place, carried)
    erasure.note(reference, who, now, erased)
    left = [part for key in keys for part in erasure.left_of(key)]
    proof = {
        "reference": reference,
        "erased_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "by": who,
        **counted(erased),
        "carrier_records_deleted": deleted,
        "carrier_records_not_deleted": kept,
        "read_again_and_gone": not left and not kept,
        "lives_on": lives_on(place, erased),
    }
    say(json.dumps(proof, indent=2))
    return DONE if not left and not kept else FAILED


def known(number: str) -> str:
    """As E.164. Raises OpsError; the message does not repeat what was typed."""
    found = parse(number.strip())
    if found is None:
        raise OpsError("that is not a phone number such as +46701740605 (with the country's code)")
    return found.e164


def counted(erased: Sequence[Erased]) -> dict[str, Any]:
    return {
        "surveys_unlinked": sum(len(each.surveys) for each in erased),
        "remarks_deleted": sum(each.remarks for each in erased),
        "callbacks_deleted": sum(each.callbacks for each in erased),
        "opt_out_kept": any(each.opted_out for each in erased),
    }


def at_carrier(place: Place, e164: str) -> Iterator[str]:
    """The paths of the carrier's records of this number and us."""
    rest = Rest.of(place)
    if rest.get(rest.own(".json")).status != 200:
        raise OpsError(f"the carrier's account cannot be asked: python -m infra.doctor {place.name}", FAILED)
    for kind in ("messages", "calls"):
        folder = kind.capitalize()
        for side in ("To", "From"):
            for record in rest.all(rest.own(f"/{folder}.json"), kind, **{side: e164}):
                yield rest.own(f"/{folder}/{record['sid']}.json")


def from_carrier(place: Place, paths: Sequence[str]) -> tuple[int, int]:
    """How many records are deleted there, and how many are not: under way still, most often."""
    rest = Rest.of(place)
    answers = [rest.request("DELETE", path).status for path in dict.fromkeys(paths)]
    deleted = sum(status in GONE for status in answers)
    return deleted, len(answers) - deleted


def lives_on(place: Place, erased: Sequence[Erased]) -> list[str]:
    """What erasing here does not reach, and for how long."""
    told = [
        "the answers, counted without a person; their record keeps the contact centre's own call id:"
        " erase the call there, too",
        "exports and mails made before today: whoever holds them must erase them",
    ]
    if place.on_aws:
        told.append(
            "point-in-time copies of the table: 35 days; a restore leaves out what is noted as erased"
        )
    if not place.stand_in:
        told.append("the carrier's own backups, for as long as its data processing agreement says")
    if any(each.opted_out for each in erased):
        told.append("the opt-out, as a keyed hash: the number cannot be read from it")
    allowed = set(place.service().office.policy().allow_list)
    if allowed:
        told.append("the trial's allow-list holds keys of numbers: take this one off by hand if it is there")
    return told


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
