"""The machine: every rule of a survey under way, for text and voice alike. Drawn in docs/machine.md.

    advance(survey, event) -> (survey, effects)

Laws, each a property test:
1. pure: no clock, no look-up, no randomness; the same event twice gives the recorded effects and no change
2. a closed survey asks nothing; nothing but a late receipt changes it
3. an accepted answer is never lost and never counted twice; a late, early or crossed one changes nothing
4. every attempt is recorded before it is made; none is repeated until the carrier denied it
5. every loop has a cap, and whatever happens or does not, the clock ends every survey
"""

from dataclasses import replace

from chalicelib.advance.caller import heard
from chalicelib.advance.clock import due
from chalicelib.advance.ends import Step, closed
from chalicelib.advance.line import picked_up
from chalicelib.advance.reports import reported
from chalicelib.events import Answered, Due, Event, PickedUp, Reported, Superseded
from chalicelib.survey import Stage, Survey


def advance(survey: Survey, event: Event) -> Step:
    """What the survey becomes, and what to do about it. An event that changes nothing returns the same object."""
    match event:
        case Answered() | PickedUp():
            if (effects := survey.recorded(event.id)) is not None:
                return survey, effects
            after, effects = heard(survey, event) if isinstance(event, Answered) else picked_up(survey, event)
            if after.stage is not Stage.CLOSED or survey.stage is not Stage.CLOSED:
                after = replace(after, seen=after.remember(event.id, effects))
            return after, effects
        case Due():
            return due(survey, event)
        case Reported():
            return reported(survey, event)
        case Superseded():
            if survey.replied or survey.stage not in (Stage.PLANNED, Stage.ASKING):
                return survey, ()
            return closed(survey, event.at, reason="superseded", superseded_by=event.by), ()
