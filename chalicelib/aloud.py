"""What a line can say, and what it takes for an answer.

One that `hears`, as Twilio's do, knows words and plays recordings; any other knows keys, and a synthetic voice.
"""

from dataclasses import replace

from chalicelib.effects import Ask, Tell
from chalicelib.ports import Office
from chalicelib.prompts import Prompts, load
from chalicelib.reading import key, speech
from chalicelib.recordings import recorded, speakable
from chalicelib.script import Meaning, Reading
from chalicelib.survey import Survey
from chalicelib.wording import Spoken, spoken


def sentences(office: Office, effect: Ask | Tell, survey: Survey, hears: bool) -> Spoken:
    """In the survey's language; in the house's where there is no saying just this: a queue's own number, say."""
    facts = office.facts(survey.queue)
    for prompts in _voices(office, survey, hears):
        said = spoken(effect, survey, prompts, facts)
        kept = [(text, own) for text, own in said.sentences if own is prompts or _speaks(office, own, hears)]
        if all(own.voice or text in recorded(own.language) for text, own in kept):
            break
    return replace(said, sentences=tuple(kept))


def fitting(effect: Ask | Tell, hears: bool, by_word: bool) -> Ask | Tell:
    """No talk of speech where only keys are heard, and none of a key where a word was not understood."""
    match effect:
        case Ask(question, "no_input") if question == "who" or not hears:
            return replace(effect, lead="")
        case Ask(_, "wrong_key") if by_word:
            return replace(effect, lead="no_input")
    return effect


def understood(office: Office, survey: Survey, question: str, digits: str, words: str | None) -> Reading:
    """The key; else the words, as they are understood in the language that was spoken; else silence."""
    if digits or not words:
        reading = key(digits, len(survey.offers))
        offered = load(survey.offers[reading.offer - 1]) if reading.offer else None
        told = offered is None or _speaks(office, offered, hears=words is not None)
        return reading if told else Reading(Meaning.UNCLEAR)
    reading = heard(speech(words, _voices(office, survey, hears=True)[0].words), question)
    alone = reading.meaning is Meaning.OPT_OUT and len(words.split()) == 1
    return (
        Reading(Meaning.END) if alone else reading
    )  # "end" is soon misheard: like a 0, once ends, twice is for good


def heard(reading: Reading, question: str) -> Reading:
    """What only a text could follow up ("help", "undo", "start") is not understood on a line. "Who?" wants a key."""
    match reading.meaning, question.partition("-")[0]:
        case Meaning.OPT_OUT, _:
            return reading
        case _, "who":
            return Reading(Meaning.UNCLEAR)
        case Meaning.RING | Meaning.NO_CALL, "consent":
            return reading
        case Meaning.ANSWERS | Meaning.SKIP | Meaning.EMPTY | Meaning.NOT_ME, _:
            return reading
    return Reading(Meaning.UNCLEAR)


def _voices(office: Office, survey: Survey, hears: bool) -> tuple[Prompts, ...]:
    """The survey's language where this line can speak it, then the house's."""
    own, house = office.prompts(survey), load(office.policy().default_language)
    return (own, house) if _speaks(office, own, hears) else (house,)


def _speaks(office: Office, prompts: Prompts, hears: bool) -> bool:
    return bool(prompts.voice) or (hears and speakable(prompts, office.facts("")))
