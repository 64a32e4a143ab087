"""What the speaker is to read: each sentence, when a caller hears it, and whether it is recorded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.prompts.recording.shelf import Shelf

# For tone: a sentence read without knowing when it is heard sounds like a list.
HEARD_WHEN = {
    "who": "The very first words when we ring somebody. Warm and unhurried: they do not know yet who it is.",
    "assurance": "Right after, to a caller who said “yes, I rang you”. It is to calm them.",
    "welcome": "The first words to somebody who stayed on the line or rang our number.",
    "question_service": "The first question. Neutral: neither answer is the right one.",
    "question_time": "The second question. Neutral.",
    "question_resolved": "The third question. Neutral.",
    "no_input": "The caller was silent. Patient, not scolding.",
    "wrong_key": "The caller pressed a key that means nothing here. Friendly: it is not their fault.",
    "moved_on": "We leave a question and go on to the next.",
    "consent": "The caller was not helped. Kind.",
    "promise": "The caller wants to be called back; we say by which day. Once for each.",
    "no_callback": "The caller does not want to be called back. That is fine.",
    "list_full": "We cannot call back now. Say it as one says sorry.",
    "thanks": "The last words of a finished call.",
    "not_the_caller": "Whoever answered did not ring us. Polite, and quickly over.",
    "end": "The caller pressed 0.",
    "opted_out": "The caller never wants to be asked again. It is done, without a reproach.",
    "nothing_open": "Somebody rings the number and there is nothing to ask.",
    "offer": "Offers this language, after a greeting in another one.",
}
SAID_SLOWLY = "Say the phone number slowly, digit by digit."


class State(StrEnum):
    RECORDED = "recorded"
    STALE = "stale"  # recorded, but the text, a name or a number has changed since: it is not played any more
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence to read."""

    name: str  # of its file
    says: str
    state: State
    heard_when: str
    note: str  # the translator's, else ""
    speaker: str  # of what is recorded, also when it is stale; else ""
    seconds: float


def lines(
    sentences: Mapping[str, str], shelf: Shelf, place: Path, notes: Mapping[str, str], phone: str
) -> list[Line]:
    """In the order of `sentences`, which are those of one stage by name."""
    playable = {kept.says for name, kept in shelf.items() if (place / f"{name}.wav").exists()}

    def line(name: str, says: str) -> Line:
        key, kept = re.sub(r"-\d+$", "", name), shelf.get(name)
        state = State.RECORDED if says in playable else State.STALE if kept else State.MISSING
        when = f"{HEARD_WHEN.get(key, '')} {SAID_SLOWLY if phone and phone in says else ''}".strip()
        note = notes.get(key.removeprefix("question_"), "") if key.startswith("question_") else ""
        return Line(name, says, state, when, note, kept.speaker if kept else "", kept.seconds if kept else 0)

    return [line(name, says) for name, says in sentences.items()]
