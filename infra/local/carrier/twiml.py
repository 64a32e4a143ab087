"""Reading the service's instructions (TwiML) as strictly as Twilio does.

    <Response><Gather numDigits="1" action="/…/service"><Say language="sv-SE">Ja: tryck 1.</Say></Gather></Response>

Only what a phone line with keys and ears, or a text, needs; all else is refused, so that a slip is seen here first.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from .model import Line
from .webhooks import Answer

XML = frozenset({"text/xml", "application/xml", "text/html"})
LARGEST = 65_536  # bytes
INPUTS = ("dtmf", "speech", "dtmf speech", "speech dtmf")
LOCALE = re.compile(
    r"[a-z]{2,3}(-[A-Za-z]{4,5})?-[A-Z]{2}"
)  # "sv-SE", "cmn-Hans-CN"; "sv" alone is not taken
MOST_HINTS, LONGEST_HINT = 500, 100


class Rejected(Exception):
    """Instructions Twilio would not follow, with its code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Speak:
    """Say or Play."""

    line: Line
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Gather:
    """Wait for keys, or for words, while the prompts are spoken."""

    prompts: tuple[Line, ...]
    action: str  # as written; empty: back to where these instructions came from
    digits: int | None  # how many; None: any number, until the finish key or silence
    finish: str  # keys that end it
    timeout: float  # seconds of silence
    on_empty: bool  # tell the service even when nothing was pressed
    barge_in: bool
    keys: bool = True
    speech: str = ""  # the language in which words are taken; empty: keys only


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """Hangup, or Reject: the line is closed either way."""


@dataclass(frozen=True, slots=True)
class Dial:
    number: str
    action: str


@dataclass(frozen=True, slots=True)
class Text:
    """A Message: an answer to a text."""

    body: str
    callback: str | None


Verb = Speak | Pause | Gather | Redirect | Hangup | Dial | Text
FOR_TEXTS = (Text, Redirect)


def read(answer: Answer) -> list[Verb]:
    """The instructions in order; Rejected with 11750, 12300, 12100 or 12200."""
    if not answer.body.strip():
        return []
    if len(answer.body) > LARGEST:
        raise Rejected(11750, f"instructions of {len(answer.body)} bytes; the most is {LARGEST}")
    if answer.content_type not in XML:
        raise Rejected(12300, f"content type {answer.content_type}; text/xml is expected")
    return parse(answer.body.decode("utf-8", "replace"))


def parse(document: str) -> list[Verb]:
    """The instructions of one document; Rejected with 12100 (not XML) or 12200 (not known to a phone)."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise Rejected(12100, f"not XML: {error}") from error
    if root.tag != "Response":
        raise Rejected(12100, f"<{root.tag}> where <Response> is expected")
    try:
        return [_verb(element) for element in root]
    except ValueError as error:  # numDigits="one"
        raise Rejected(12200, str(error)) from error


def _verb(element: Element) -> Verb:
    words, given = _text(element), element.attrib
    match element.tag:
        case "Say" | "Play":
            return Speak(_line(element), round(_number(element, "loop", 1, most=10)) or 1)
        case "Pause":
            return Pause(_number(element, "length", 1))
        case "Gather":
            return _gather(element)
        case "Redirect":
            return Redirect(words)
        case "Hangup" | "Reject":
            return Hangup()
        case "Dial":
            return Dial(words, given.get("action", ""))
        case "Message":
            return _message(element)
    raise Rejected(12200, f"<{element.tag}> is not an instruction a phone knows")


def _gather(element: Element) -> Gather:
    given = element.attrib
    strange = [child.tag for child in element if child.tag not in ("Say", "Play", "Pause")]
    if strange:
        raise Rejected(12200, f"<{strange[0]}> inside <Gather>")
    digits = given.get("numDigits", "")
    return Gather(
        prompts=tuple(_line(child) for child in element if child.tag != "Pause"),
        action=given.get("action", ""),
        digits=int(digits) if digits else None,
        finish=given.get("finishOnKey", "#"),
        timeout=_number(element, "timeout", 5),
        on_empty=given.get("actionOnEmptyResult", "false") == "true",
        barge_in=given.get("bargeIn", "true") == "true",
        keys="dtmf" in given.get("input", "dtmf"),
        speech=_speech(element),
    )


def _speech(element: Element) -> str:
    """The language in which speech is taken. Rejected with 12200, 13327 or 13512 for what Twilio would not do."""
    given = element.attrib
    if given.get("input", "dtmf") not in INPUTS:
        raise Rejected(12200, f"input={given['input']!r} in <Gather>")
    if "speech" not in given.get("input", "dtmf"):
        return ""
    language, pause = given.get("language", "en-US"), given.get("speechTimeout", "auto")
    if not LOCALE.fullmatch(language):
        raise Rejected(13512, f"language={language!r} in <Gather>: a language with its region, sv-SE")
    if (pause == "auto" and "speechModel" in given) or not (pause == "auto" or pause.strip("0").isdecimal()):
        raise Rejected(13327, f"speechTimeout={pause!r} in <Gather>")
    hints = [hint.strip() for hint in given.get("hints", "").split(",")]
    if len(hints) > MOST_HINTS or max(map(len, hints)) > LONGEST_HINT:
        raise Rejected(
            12200, f"more than {MOST_HINTS} hints in <Gather>, or one of over {LONGEST_HINT} characters"
        )
    return language


def _line(element: Element) -> Line:
    if element.tag == "Play":
        return Line("play", _text(element))
    if not element.get("language", "en-US") or element.get("voice") == "":
        raise Rejected(13512, "<Say> with an empty voice or language")
    return Line("say", _text(element), element.get("language", "en-US"), element.get("voice", ""))


def _message(element: Element) -> Text:
    body = element.find("Body")
    words = element.text or "" if body is None else body.text or ""
    return Text(words.strip(), element.get("statusCallback") or element.get("action"))


def _number(element: Element, name: str, default: float, most: float = 600) -> float:
    """The attribute, brought down to the most a phone line does; ValueError when it is no such number."""
    written = element.get(name, "auto")
    number = default if written == "auto" else float(written)
    if not number >= 0:  # nan too
        raise ValueError(f"{name}={written!r} in <{element.tag}>")
    return min(number, most)


def _text(element: Element) -> str:
    """All words inside, marks such as <break/> or <lang> dropped, white space as it would be heard."""
    return " ".join("".join(element.itertext()).split())
