"""The three shares, and which of them too few people stand behind to be shown."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, TypedDict, final

from chalicelib.rates.ending import Counted
from chalicelib.rates.formulas import wilson
from chalicelib.script import QUESTIONS

SHOWN_FROM = 10  # fewer answers than this are hidden, as the GP Patient Survey does
SHARE_FROM = 30  # fewer give counts and an interval, no bare percentage


@final
class Share(TypedDict):
    """The yes among the yes and no."""

    yes: int
    n: int
    share: float | None
    low: float | None
    high: float | None


@final
class Hidden(TypedDict):
    """A cell that would say too much about too few."""

    suppressed: Literal[True]


Answers = dict[str, tuple[int, int]]  # question -> (yes, yes and no)


def answers_of(endings: list[Counted]) -> Answers:
    """Every yes and no given, of finished, broken-off and open surveys alike.

    Whoever turned out never to have called us is left out, here as in the response rate.
    """
    letters: Counter[tuple[str, str]] = Counter()
    for ending, calls in endings:
        if ending.end != "not_eligible":
            for question, letter in zip(QUESTIONS, ending.answers, strict=True):
                letters[question, letter] += calls
    return {q: (letters[q, "y"], letters[q, "y"] + letters[q, "n"]) for q in QUESTIONS}


def shown(groups: Mapping[str, Answers]) -> dict[str, dict[str, Share | Hidden]]:
    """Each group's questions as published beside the others of its breakdown."""
    hidden = {q: suppress({label: answers[q][1] for label, answers in groups.items()}) for q in QUESTIONS}
    return {
        label: {q: Hidden(suppressed=True) if label in hidden[q] else _share(*answers[q]) for q in QUESTIONS}
        for label, answers in groups.items()
    }


def suppress(answers: Mapping[str, int], k: int = SHOWN_FROM) -> set[str]:
    """The groups of one breakdown to hide, given how many answers each holds.

    Those under `k`; and if that leaves one group with answers hidden alone, the next smallest too, because
    the total is published and the difference would give the hidden one away. A group without answers
    shields nobody (that nobody answered shows in the funnel) and needs no shield.
    """
    hidden = {label for label, n in answers.items() if n < k}
    visible = [label for label in answers if label not in hidden]
    if visible and sum(answers[label] > 0 for label in hidden) == 1:
        hidden.add(min(visible, key=lambda label: answers[label]))
    return hidden


def _share(yes: int, n: int) -> Share:
    low, high = wilson(yes, n)
    return Share(yes=yes, n=n, share=yes / n if n >= SHARE_FROM else None, low=low, high=high)
