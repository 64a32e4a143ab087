"""From an effect to words: which text of `prompts/` it is, and what stands in its blanks."""

from datetime import date

from chalicelib.dataclass import dataclass
from chalicelib.effects import Ask, Tell
from chalicelib.prompts import Prompts, load
from chalicelib.script import QUESTIONS
from chalicelib.survey import Survey

OFFERED_AS = (5, 6)
OPENINGS = ("who", "welcome")  # after these the other languages are offered, each in its own voice


@dataclass(frozen=True, slots=True)
class Facts:
    """What the texts mention besides the survey: one queue's, at one moment."""

    authority: str
    phone: str  # the public number of the caller's queue
    hours: str  # "8-16"
    from_number: str  # the number a callback comes from
    today: date  # local: a text held to the morning says "yesterday"
    emergency: str = "112"
    number: str = ""  # another number the caller asked us to ring


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn on the phone: what is said, and where the key press goes; hang up when that is None."""

    sentences: tuple[tuple[str, Prompts], ...]  # each in the voice of its own language
    answer_to: str | None = None  # "time-2"
    opens: bool = False  # the first turn on a line

    @property
    def prompts(self) -> Prompts:
        """Of the language the answer is expected in: offers of others come after the first sentence."""
        return self.sentences[0][1]

    @property
    def speech(self) -> str:
        """The locale to listen in; empty for keys only.

        As a line opens people still speak, and not to us: "yes?" to whoever rings, "yes, thanks, bye" to the agent.
        """
        return "" if self.opens else self.prompts.speech


def text(effect: Ask | Tell, survey: Survey | None, prompts: Prompts, facts: Facts) -> str:
    """The text message. Without a survey only what needs none can be said."""
    key, question = _text_key(effect, survey, facts)
    filled = blanks(survey, prompts, facts)
    if question in QUESTIONS:
        filled |= {"question": prompts.sms[f"question_{question}"], "n": str(QUESTIONS.index(question) + 1)}
    return prompts.sms[key].strip("\n").format_map(filled)


def _text_key(effect: Ask | Tell, survey: Survey | None, facts: Facts) -> tuple[str, str]:
    match effect:
        case Tell(key):
            return key, ""
        case Ask("all", "invite"):
            return "invite_all_in_one", ""
        case Ask("all"):
            return "unclear_all", ""
        case Ask("consent", lead):
            return lead or "consent", ""
        case Ask(question, "invite") if survey is not None and survey.offers:
            return "invite_assumed", question
        case Ask(question, "invite"):
            held = survey is not None and facts.today > survey.local_day
            return "invite_one_by_one_yesterday" if held else "invite_one_by_one", question
        case Ask(question, lead):
            return lead or "ask", question


def spoken(effect: Ask | Tell, survey: Survey | None, prompts: Prompts, facts: Facts) -> Spoken:
    """The same on the phone."""
    day = prompts.day_spoken((survey and survey.promised) or facts.today)
    filled = {**blanks(survey, prompts, facts), "day": day}
    if isinstance(effect, Tell):
        key = _SAID_AS.get(effect.text, effect.text)
        return Spoken(((prompts.spoken[key].format_map(filled), prompts),))
    keys = [effect.lead] if effect.lead else []
    if effect.lead != "not_the_caller":
        keys.append(f"question_{effect.question}" if effect.question in QUESTIONS else effect.question)
    said = [(prompts.spoken[key].format_map(filled), prompts) for key in keys]
    opens = not {effect.question, effect.lead}.isdisjoint(OPENINGS)
    if opens:
        said[1:1] = _offers_aloud(survey, facts)
    return Spoken(tuple(said), f"{effect.question}-{effect.turn}", opens)


def _offers_aloud(survey: Survey | None, facts: Facts) -> list[tuple[str, Prompts]]:
    """Every offer; whoever speaks leaves out those for which there is no voice."""
    others = [(load(code), digit) for code, digit in _offered(survey)]
    return [
        (other.spoken["offer"].format_map({**blanks(None, other, facts), "n": str(digit)}), other)
        for other, digit in others
    ]


_SAID_AS = {
    "thanks_partial": "thanks",
    "late_promise": "promise",
    "late": "nothing_open",
    "not_me": "thanks",
    "help": "nothing_open",
}


def _offered(survey: Survey | None) -> list[tuple[str, int]]:
    """Languages and the digits they are offered under: digits, since two letters are words somewhere."""
    return list(zip(survey.offers, OFFERED_AS, strict=False)) if survey else []


def blanks(survey: Survey | None, prompts: Prompts, facts: Facts) -> dict[str, str]:
    """What stands in braces in any text, as it is written."""
    return {
        "authority": facts.authority,
        "phone": facts.phone,
        "hours": facts.hours,
        "emergency": facts.emergency,
        "from_number": facts.from_number,
        "number": facts.number,
        "offers": ". ".join(f"{load(code).name} = {digit}" for code, digit in _offered(survey)),
        "day": prompts.day((survey and survey.promised) or facts.today),
    }
