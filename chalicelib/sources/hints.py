"""What the centre's own flow says about the survey: attributes whose names begin with `survey_`.

Contact attributes, participant data, task attributes, channel variables: every system has a place where a flow
may put `survey_language = sv`. Only these are read: what else a centre keeps there (names, case numbers) stays there.
"""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import fields, foreign

PREFIX = "survey_"
MOST = 16
YES, NO = ("yes", "true", "1"), ("no", "false", "0")


def apply(ended: CallEnded, attributes: object) -> CallEnded:
    """The call as the flow describes it; a hint that cannot be understood is as good as none."""
    said = _hints(attributes)
    direction, channel = said.pop("direction", ""), said.pop("channel", "")
    answered, consent = _yes_no(said.pop("answered", "")), _yes_no(said.pop("callback", ""))
    chain = tuple(filter(None, (foreign.label(each) for each in said.pop("chain", "").split(","))))[:MOST]
    return replace(
        ended,
        language=_language(said.pop("language", "")) or ended.language,
        queue=said.pop("queue", "") or ended.queue,
        team=said.pop("team", "") or ended.team,
        agent=said.pop("agent", "") or ended.agent,
        direction=direction if direction in ("inbound", "outbound", "internal") else ended.direction,
        answered=ended.answered if answered is None else answered,
        callback_consent=ended.callback_consent if consent is None else consent,
        channel=channel if channel in ("sms", "voice") else ended.channel,
        survey="never" if said.pop("invite", "") == "never" else ended.survey,
        test=_yes_no(said.pop("test", "")) is True or ended.test,
        chain=chain or ended.chain,
        attributes={**ended.attributes, **said},
    )


def _hints(attributes: object) -> dict[str, str]:
    if not isinstance(attributes, Mapping):
        return {}
    ours = {
        name.lower().removeprefix(PREFIX): foreign.label(value)
        for name, value in attributes.items()
        if isinstance(name, str) and name.lower().startswith(PREFIX)
    }
    return {
        foreign.label(name): said for name, said in list(ours.items())[:MOST] if said and foreign.label(name)
    }


def _language(said: str) -> str | None:
    try:
        return fields.language(said)
    except BadRequest:
        return None


def _yes_no(said: str) -> bool | None:
    return True if said.lower() in YES else False if said.lower() in NO else None
