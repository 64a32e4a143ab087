"""`python -m infra.doctor STAGE`: what is wrong with a running stage, and what to do about each finding.

Looks only, changes nothing. Exit code 0: healthy, but for what
somebody accepted (!); 1: something is wrong; 2: the stage could not be looked at. What no
interface tells, golive asks a person: opt-out keywords, body redaction and retention at the carrier, sender
registration where a country asks for it.
"""

import sys
from collections.abc import Sequence

from infra import command
from infra.command import DONE, FAILED, say
from infra.examine import carrier, deployed, number, records, service, settings
from infra.examine.finding import Check, Finding, Look, Patient, look
from infra.place import Place, find


def examine(place: Place, *, going_live: bool = False) -> list[Look]:
    """Every look at the stage, in order. Settings that cannot be read end it: nothing else could be."""
    patient = Patient(place, going_live)
    done = looks(settings.CHECKS, patient)
    if findings(done):
        return done
    done += looks(service.CHECKS, patient)
    done += looks(carrier.CHECKS[:1], patient)
    if not findings(done[-1:]):
        done += looks(carrier.CHECKS[1:], patient) + looks(number.CHECKS, patient)
    done += looks(records.CHECKS[:1], patient)
    if not findings(done[-1:]):
        done += looks(records.CHECKS[1:], patient)
    return done + looks(deployed.CHECKS, patient)


def looks(checks: Sequence[Check], patient: Patient) -> list[Look]:
    return [look(check, patient) for check in checks]


def findings(done: Sequence[Look]) -> list[Finding]:
    """What has to be put right."""
    return [finding for each in done for finding in each.findings if finding.grave]


def report(done: Sequence[Look], *, everything: bool = False) -> str:
    """What to read: each finding, with what to do; every look, if asked for."""
    lines = []
    for each in done:
        if everything and not each.findings:
            lines.append(f"– {each.name}: {each.not_told}" if each.not_told else f"✓ {each.name}")
        lines += [
            f"{'✗' if found.grave else '!'} {found.name}: {found.says}\n    → {found.do}"
            for found in each.findings
        ]
    return "\n".join(lines)


def doctor(place: Place, *, everything: bool = False, going_live: bool = False) -> int:
    """Say what is wrong; the exit code."""
    done = examine(place, going_live=going_live)
    if told := report(done, everything=everything):
        say(told)
    if found := findings(done):
        say(f"{place.name} ({place.env.get('PUBLIC_URL', 'no address')}): {len(found)} to put right.")
        return FAILED
    looked, known = sum(not each.not_told for each in done), sum(len(each.findings) for each in done)
    warned = f", {known} known and accepted" if known else ""
    say(f"{place.name} ({place.env['PUBLIC_URL']}) is healthy: {looked} looks{warned}.")
    return DONE


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("doctor", __doc__ or "")
    parser.add_argument("--all", action="store_true", help="show every look, and what could not be looked at")
    parser.add_argument(
        "--live", action="store_true", help="as if callers at large were asked: what golive needs"
    )
    given = parser.parse_args(arguments)
    return command.run(lambda: doctor(find(given.stage), everything=given.all, going_live=given.live))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
