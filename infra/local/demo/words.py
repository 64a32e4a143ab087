"""What people write: the same answer in many spellings, and all that is no answer at all.

Languages that are not live yet are answered in digits: their speakers get the questions in another language.
"""

from collections.abc import Mapping
from random import Random

DIGITS = {
    "yes": ("1", "1", "1", "1.", "1!", " 1 ", "1 👍"),
    "no": ("2", "2", "2", "2.", "2!"),
    "skip": ("3", "3."),
}
WORDS = {
    "sv": {
        "yes": ("ja", "Ja", "JA", "Ja tack", "ja absolut", "Japp", "jadå"),
        "no": ("nej", "Nej", "NEJ", "Nej tyvärr", "nej tack", "nä", "Inte alls"),
        "skip": ("vet inte", "Vet ej", "jag vet inte"),
    },
    "en": {
        "yes": ("yes", "Yes", "YES", "yes thanks", "Yes please", "yeah"),
        "no": ("no", "No", "NO", "no thanks", "No sorry", "not at all"),
        "skip": ("don't know", "not sure", "I don't know"),
    },
    "ar": {"yes": ("١", "1"), "no": ("٢", "2"), "skip": ("٣",)},
    "fa": {"yes": ("۱", "1"), "no": ("۲", "2"), "skip": ("۳",)},
}
ANGRY = {
    "sv": (
        "Jag har väntat i telefon i över en timme och sen visste hen ingenting. Tredje gången den här månaden!",
        "Ni säger alltid samma sak, att det är under handläggning. Läser någon ens det här? Helt ovärdigt.",
        "Blev bortkopplad två gånger och fick börja om från början varje gång. Så här kan ni inte ha det.",
        "Personen var trevlig men kunde inte se något i systemet. Varför ska man ringa då undrar jag?",
    ),
    "en": (
        "I waited for two hours and then nobody could tell me anything at all. This is the third time this month.",
        "Every person I talk to says something different. I just want one clear answer, is that too much to ask?",
        "The line was cut off twice and I had to explain everything again from the beginning. Not acceptable.",
    ),
}
NONSENSE = {
    "sv": ("Vad menar ni", "hej vem är du", "kanske", "asdf", "Varför frågar ni", "4", "🙄"),
    "en": ("what do you mean", "hm", "maybe", "asdf", "why do you ask", "7", "🙄"),
}
PRAISE = {
    "sv": (
        "Hon som svarade var jättebra, hälsa henne det!",
        "Äntligen någon som förklarade så man förstår.",
        "Ni borde ha öppet på kvällen också.",
    ),
    "en": (
        "The lady I talked to was wonderful, please tell her so!",
        "It would help a lot to be open in the evening.",
    ),
}
UNDO = {"sv": ("ändra", "fel", "Ångra"), "en": ("undo", "wrong answer")}
STOP = {"sv": ("STOPP", "Stopp", "sluta skicka", "STOP"), "en": ("STOP", "stop", "Unsubscribe")}
NOT_ME = {"sv": ("fel nummer", "Jag har inte ringt"), "en": ("wrong number", "I never called")}
RING = {"sv": ("RING", "Ring mig"), "en": ("CALL", "call me")}
OTHER_NUMBER = {"sv": "Ring hellre {number}", "en": "Please ring {number} instead"}


def answer(dice: Random, value: str, language: str) -> str:
    """`yes`, `no` or `skip` as somebody with this language writes it: most people press a digit."""
    spellings = WORDS.get(language, DIGITS)
    by_word = language in WORDS and dice.random() < (0.8 if language in ("ar", "fa") else 0.3)
    return dice.choice((spellings if by_word else DIGITS)[value])


def some(dice: Random, phrases: Mapping[str, tuple[str, ...]], language: str) -> str:
    """One of the phrases, in Swedish for whoever speaks neither of the two: it is what they were asked in."""
    return dice.choice(phrases.get(language, phrases["sv"]))
