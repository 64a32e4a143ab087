"""Lint of the texts: complete, short enough, sendable, and saying what the caller has a right to be told."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from string import Formatter

from chalicelib.reading import phrase
from chalicelib.reading.optout import CARRIER_STOP
from chalicelib.segments import GSM, GSM_PAIRS, segments
from infra.prompts.findings import Finding, error, note, warning
from infra.prompts.form import ANYWHERE, HEAD, SMS, SPEECH, SPOKEN, Table, arrived, heard

_FORBIDDEN = {
    **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("–—", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\t", "a space"),
    **dict.fromkeys("\u00ad\u200b\ufeff\r", "nothing"),
    "…": "...",
}
_FIRST = (
    "invite_one_by_one",
    "invite_one_by_one_yesterday",
    "invite_all_in_one",
    "invite_assumed",
    "reminder",
)
_SAY_NO = ("promise", "late_promise", "other_number", "missed")  # how to take the consent back
_ASKS = (
    *(key for key, blanks in SMS.items() if "question" in blanks),
    "consent",
    "consent_unclear",
    "unclear_all",
    "help",
)
_SECONDS, _A_SECOND = 10, {"zh": 4.5}  # characters spoken in a second: 14 where the script has letters
_PARTS = 2


def findings(language: str, raw: Table) -> Iterator[Finding]:
    """Everything about the texts of one language."""
    yield from _head(language, raw)
    for kind, keys in (("sms", SMS), ("spoken", SPOKEN)):
        yield from _complete(kind, raw.get(kind, {}), keys)
    if any(raw.get(key) in (None, "", []) for key in ("weekdays", "date")) or any(_gaps(raw)):
        return
    for key, text in raw["sms"].items():
        yield from _sms(f"sms.{key}", text, arrived(key, text, raw))
    for key, text in raw["spoken"].items():
        yield from _spoken(f"spoken.{key}", text, heard(text, raw), _A_SECOND.get(language, 14))
    yield from _rights(raw)
    yield from _honest_about_speech(raw)


def _head(language: str, raw: Table) -> Iterator[Finding]:
    for key in (key for key in HEAD if key not in raw):
        yield error(key, "missing")
    if raw.get("language") != language:
        yield error("language", f"must be the folder's name, {language!r}")
    if not raw.get("name"):
        yield error("name", "empty: the language's name in its own words")
    if raw.get("direction") not in ("ltr", "rtl"):
        yield error("direction", 'must be "ltr" or "rtl"')
    if len(raw.get("weekdays", ())) != 7 or not all(raw.get("weekdays", ())):
        yield error("weekdays", 'seven names, Monday first, as in "on Wednesday"')
    if not {"{day}", "{month}"} <= set(re.findall(r"\{\w+\}", raw.get("date", ""))):
        yield error("date", "must hold {day} and {month}")
    if bool(raw.get("voice")) != bool(raw.get("voice_language")):
        yield error("voice", "voice and voice_language: both, or neither")
    if not raw.get("voice"):
        yield note("voice", "no synthetic voice: by voice only with recordings")
        if set(re.findall(r"\{\w+\}", raw.get("date_spoken", ""))) != {"{weekday}"}:
            yield error("date_spoken", "must hold {weekday} alone: without a voice, every day is a recording")
    if len(raw.get("weekdays_spoken", "1234567")) != 7:
        yield error(
            "weekdays_spoken", "seven names, Monday first, or none of it where they are said as written"
        )
    if raw.get("speech") not in ("", SPEECH.get(language)):
        yield error(
            "speech", f"must be a locale that Twilio knows by ear, {SPEECH.get(language, '')!r}, or empty"
        )
    if not raw.get("reviewed_by"):
        yield note("reviewed_by", "a draft: nobody has reviewed it")


def _complete(kind: str, texts: Mapping[str, str], keys: Mapping[str, str]) -> Iterator[Finding]:
    for key in keys:
        if not texts.get(key, "").strip():
            yield error(f"{kind}.{key}", "missing or empty")
    for key in texts.keys() - keys.keys():
        yield error(f"{kind}.{key}", "no such text")
    for key, text in ((key, text) for key, text in texts.items() if text and key in keys):
        yield from _blanks(f"{kind}.{key}", text, set(keys[key].split()))


def _blanks(where: str, text: str, due: set[str]) -> Iterator[Finding]:
    try:
        found = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as wrong:
        yield error(where, f"braces: {wrong}")
        return
    if missing := due - found:
        yield error(where, f"must hold {_braced(missing)}")
    if unknown := found - due - ANYWHERE:
        yield error(where, f"may not hold {_braced(unknown)}")


def _braced(names: set[str]) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(names))


def _gaps(raw: Table) -> Iterator[Finding]:
    for kind, keys in (("sms", SMS), ("spoken", SPOKEN)):
        yield from _complete(kind, raw.get(kind, {}), keys)


def _sms(where: str, text: str, full: str) -> Iterator[Finding]:
    for sign in sorted(set(text) & _FORBIDDEN.keys()):
        yield error(where, f"holds {unicodedata.name(sign, ascii(sign))}: write {_FORBIDDEN[sign]}")
    if unicodedata.normalize("NFC", text) != text:
        yield error(where, "holds marks written apart from their letters: save the file in Unicode NFC")
    if re.search(r"1[ ,]?1[ ,]?2", text):
        yield error(where, "prints 1 1 2, an emergency number: use 1 2 1, or {emergency}")
    if re.search(r"\S  +\S| $", text, re.MULTILINE):
        yield warning(where, "two spaces, or a space at the end of a line")
    cost = segments(full)
    if cost.segments > _PARTS:
        room = "306" if cost.encoding == "GSM-7" else "134"
        yield error(
            where,
            f"{cost.segments} parts, {cost.characters} of {room} characters ({cost.encoding}): shorten it",
        )
    costly = {sign for sign in text if sign not in GSM | GSM_PAIRS}
    if costly and len(costly) <= 2 and cost.segments > 1:  # a script of its own has many more
        yield warning(where, f"{' '.join(sorted(costly))} alone makes it UCS-2: {cost.segments} parts")


def _spoken(where: str, text: str, full: str, rate: float) -> Iterator[Finding]:
    if "\n" in text.strip() or set(text) & {"\u00a0", "\u200b", "\ufeff"}:
        yield error(where, "line feeds, hard or invisible spaces: they are read out as pauses")
    seconds = (
        sum(unicodedata.category(sign) != "Mn" for sign in full) / rate
    )  # vowels above a Thai letter take none
    if seconds > _SECONDS:
        yield error(
            where, f"about {seconds:.1f} s at {rate:g} characters a second: shorten it to {_SECONDS} s"
        )


def _rights(raw: Table) -> Iterator[Finding]:
    """What a text must say for the caller to be able to act on it."""
    says = {key: f" {phrase(arrived(key, text, raw))} " for key, text in raw["sms"].items()}
    for keys, kind, extra in (
        (_FIRST, "stop", CARRIER_STOP),
        (("opted_in", "not_me"), "stop", CARRIER_STOP),
        (("opted_out",), "start", {"start"}),
        (_SAY_NO, "no", ()),
    ):
        listed = {phrase(entry) for entry in raw.get("words", {}).get(kind, ())} | set(extra)
        for key in keys:
            if not any(
                f" {word} " in says[key] or (word and not word.isascii() and word in says[key])
                for word in listed
            ):
                yield error(
                    f"sms.{key}", f"does not say a word of words.{kind}, which the caller would have to write"
                )
    for key in _ASKS:
        if not {"1", "2"} <= set(says[key].split()):
            yield error(f"sms.{key}", "does not say what 1 and 2 mean")


def _honest_about_speech(raw: Table) -> Iterator[Finding]:
    """ "Say yes or no" is said where words are heard, and only there."""
    yes = phrase((raw.get("words", {}).get("yes") or [""])[0])
    told = bool(yes) and yes in phrase(raw["spoken"]["no_input"])
    if told != bool(raw.get("speech")):
        where = "is heard: say so" if raw.get("speech") else "is not heard: speak of keys alone"
        yield error("spoken.no_input", f"a spoken {yes!r} {where}")
