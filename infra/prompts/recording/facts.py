"""The names and numbers the speaker will say: what callers of one stage are told."""

from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.policy import Policy
from chalicelib.wording import Facts
from infra.command import OpsError
from infra.place import find
from infra.stage import Stage

EXAMPLE = str(Policy().public_phone[""])


def of(name: str, phone: str | None) -> tuple[Facts, str]:
    """The facts, and what is uncertain about them ("" when nothing is). Raises OpsError for an unknown stage.

    A volunteer's machine need not reach the stage: its file holds the authority's name, and `phone` is told by mouth.
    """
    stage = Stage.read(name)
    try:
        facts = find(name).service().office.facts("")
    except (OpsError, BotoCoreError, ClientError) as error:
        facts = _written(stage, phone or EXAMPLE)
        unsure = (
            "" if phone else f"The stage {name} cannot be asked ({error}), so the phone number is an example."
        )
    else:
        if phone not in (None, facts.phone):
            raise OpsError(f"callers of {name} are told {facts.phone}, not {phone}: leave --phone out")
        unsure = "The phone number is still the example of a new stage." if facts.phone == EXAMPLE else ""
    return facts, unsure


def _written(stage: Stage, phone: str) -> Facts:
    authority = str(stage.setting("service", "authority", ""))
    today = datetime.now(UTC).astimezone().date()
    return Facts(authority=authority, phone=phone, hours="8-16", from_number=phone, today=today)
