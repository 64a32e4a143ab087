"""`python -m infra.golive STAGE`: out of trial, step by step: 5 %, then 25 %, then all calls are asked.

Each step is one run, at least a day after the one before, is refused while the doctor finds anything, and is kept in
the history of the settings. Rates set for single queues or languages are scaled along. Back: mode "trial" on the
settings page, at once; the kill switch, at once for everybody.
"""

import getpass
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.policy import Policy
from chalicelib.store.records import moment
from infra import command, doctor
from infra.command import DONE, OpsError, agreed, say
from infra.place import Place, find

RAMP = (0.05, 0.25, 1.0)
BETWEEN = timedelta(days=1)
WHO = "golive"
BY_EYE = """No interface tells these; look yourself before you agree:
  - opt-out keywords of the number or messaging service (Twilio console, Opt-out management) hold no word callers
    answer with: not "no", "nej", "nein", and above all not "1", "2" or "3"
  - the account keeps message bodies seven days at most, or redacts them (Console, Settings, General)
  - FI: the sender is authorised by Traficom; US: the number is registered (A2P 10DLC, or verified toll-free)
  - the authority's web page names this number, and agents know the sentence about the survey
  - STOP was tried from a real phone, and START brought it back"""


def golive(place: Place, who: str, *, yes: bool = False, dry_run: bool = False) -> int:
    """The exit code; raises OpsError when it is refused."""
    policy = place.service().office.policy()
    before = share(policy)
    following = next((step for step in RAMP if step > before), None)
    if following is None:
        say(f"{place.name} is live, and every call may be asked. Nothing to do.")
        return DONE
    wait(place, before)
    found = doctor.findings(done := doctor.examine(place, going_live=True))
    if told_by_doctor := doctor.report(done):
        say(told_by_doctor)
    if found:
        raise OpsError(f"Refused: {len(found)} to put right first. {told(before)} stays as it is.")
    say(f"{place.name}: {told(before)} now; next: {told(following)}.")
    if dry_run:
        say("Nothing was changed (--dry-run).")
        return DONE
    say(BY_EYE)
    if not agreed(f"All seen? Ask {following:.0%} of the callers from now on?", yes):
        raise OpsError("Nothing was changed.")
    rates = scaled(policy.sampling, before or 1.0, following)
    place.change_policy({"mode": "live", "sampling": rates}, f"{WHO} {following:.0%} by {who}")
    say(f"{place.name}: {told(following)}, within a minute.")
    return DONE


def share(policy: Policy) -> float:
    """How far the ramp has come; 0 in trial. Raises OpsError when somebody set another share by hand."""
    if policy.mode == "trial":
        return 0.0
    known = policy.sampling.get("", 1.0)
    if known not in RAMP:
        raise OpsError(f"sampling is {known:g}, which is no step of the ramp: change it on the settings page")
    return known


def scaled(rates: Mapping[str, float], before: float, after: float) -> dict[str, float]:
    """Every rate moved along; the one for all is the share itself."""
    return {key: min(1.0, round(rate * after / before, 6)) for key, rate in rates.items()} | {"": after}


def wait(place: Place, before: float) -> None:
    """Raises OpsError within a day of the step before."""
    steps = [entry for entry in place.store.rules.history() if str(entry["who"]).startswith(WHO)]
    if before and steps:
        until = moment(steps[0]["changed_at"]) + BETWEEN
        if place.clock() < until:
            at = until.astimezone(place.settings.zone)
            raise OpsError(
                f"Refused: {told(before)}, for less than a day. Look at the results; go on {at:%d %b %H:%M}."
            )


def told(part: float) -> str:
    return f"live, {part:.0%} of the calls" if part else "trial"


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("golive", __doc__ or "")
    parser.add_argument("--yes", action="store_true", help="do not ask: all of the list was looked at")
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what the next step is, and whether it is refused"
    )
    given = parser.parse_args(arguments)
    return command.run(
        lambda: golive(find(given.stage), getpass.getuser(), yes=given.yes, dry_run=given.dry_run)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
