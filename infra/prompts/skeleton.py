"""A new language's folder: the English texts as comments, an empty place under each, and what to mind on top."""

from collections.abc import Iterator
from pathlib import Path

from chalicelib import prompts
from infra.prompts.form import EXAMPLES, RIGHT_TO_LEFT, SMS, SPEECH, SPOKEN, VOICES, WORDS, Table, table

_TOP = """\
# A draft. Fill in every "" and every list, then: python -m infra.prompts lint {language}
# and look at it: python -m infra.prompts preview {language} --html > page.html
# docs/languages.md says how, and why. In short:
# - Plain language, as spoken. Polite, not official. What stands in {{braces}} is filled in: move it where it belongs.
# - A text message may have 2 parts, blanks filled in: 306 characters if every sign is in GSM-7, 134 otherwise.
# - No curly quotes, long dashes, hard spaces. One sign outside GSM-7 makes the whole text count as 134.
# - Say in every invitation that it does not affect the case, and the word that stops it. Never print 1 1 2.
# - Spoken texts take 10 seconds at most: 140 letters, blanks filled in.
"""
_WORDS_NOTE = """
# What people really write: several spellings, and in Latin letters where they type those. Only words of this language.
# A full stop after an entry ("not.") lets it count only as the whole reply: for words like not, sure, ok, never.
# Entries of two words or more in `stop` also count at the beginning of a longer sentence.
[words]
"""
_HINTS = {
    "yes": 'also "ok." and "please." if they would mean yes alone, "one" in words',
    "no": 'also "no thank you" forms, "not at all", "two" in words',
    "skip": "not sure, don't know, skip, three in words",
    "stop": "stop, unsubscribe, please stop, stop sending, don't text me, leave me alone, remove me",
    "start": "what the opted_out text tells them to write",
    "help": "help, information, what is this, who is this",
    "undo": "undo, wrong, change my answer, I answered wrong",
    "not_me": "wrong number, I never called, it was not me",
    "ring": "call me, ring me, read it aloud",
    "no_call": "don't call me, no need to call; with the word for no before it too",
    "polite": "decoration that changes nothing: please, thanks, hello, regards, my answer is, can you, I want to",
    "unclear": 'what looks like an answer or an opt-out and is neither; "no ..." if "no stop" means "do not stop"',
}
_EXAMPLES = {
    "yes": "Yes please! · Hi, yes I did · Yes, thank you very much · 1 yes",
    "no": "No thanks · no!!! · sorry, no. · 2 no",
    "opt_out": "please stop · No! Please stop texting me · can you stop sending me messages",
    "unclear": "I said no, not yes! · yes but no · maybe · please don't stop · I could not stop crying",
}


def make(language: str, among: Path = prompts.FOLDER) -> Path:
    """Writes the folder. Raises FileExistsError rather than touch a translation."""
    folder = among / language
    folder.mkdir(parents=True)
    english = table("en")
    (folder / "prompts.toml").write_text("\n".join(_prompts(language, english)) + "\n", encoding="utf-8")
    (folder / "examples.toml").write_text("\n".join(_examples()) + "\n", encoding="utf-8")
    return folder


def _prompts(language: str, english: Table) -> Iterator[str]:
    voice, voice_language = VOICES.get(language, ("", ""))
    yield _TOP.format(language=language)
    yield f'language = "{language}"'
    yield 'name = "" # in its own words'
    yield f'direction = "{"rtl" if language in RIGHT_TO_LEFT else "ltr"}"'
    yield 'reviewed_by = "" # empty: a draft. Your name or role once you have read every line aloud to five callers'
    yield f'voice = "{voice}"'
    yield f'voice_language = "{voice_language}"'
    yield f'speech = "{SPEECH.get(language, "")}"'
    yield 'weekdays = ["", "", "", "", "", "", ""] # Monday first, as in "on Wednesday"'
    yield 'date = "{weekday} {day}/{month}"'
    if not voice:
        yield 'date_spoken = "{weekday}" # read aloud by people, who can record seven days'
    yield _WORDS_NOTE.rstrip("\n")
    for kind in WORDS:
        yield f"# {_HINTS[kind]}\n{kind} = [\n]"
    yield "\n# What each question is NOT, for the next translator. Leave in English.\n[notes]"
    yield from (f'{key} = "{text}"' for key, text in english["notes"].items())
    for section, keys in (("sms", SMS), ("spoken", SPOKEN)):
        yield f"\n[{section}]"
        yield from (_place(key, english[section][key]) for key in keys)


def _place(key: str, text: str) -> str:
    quoted = "\n".join(f"# {line}" for line in text.strip("\n").split("\n"))
    return f'{quoted}\n{key} = """"""' if "\n" in text.strip("\n") else f'{quoted}\n{key} = ""'


def _examples() -> Iterator[str]:
    yield "# Replies as people write them, and how they must be read; lint checks each. Traps are the important ones."
    yield from (f"# {_EXAMPLES[kind]}\n{kind} = [\n]" for kind in EXAMPLES)
