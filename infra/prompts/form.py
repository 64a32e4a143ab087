"""What a language's folder holds: every key, what may stand in its text, and typical fillings to measure it with."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from chalicelib import prompts
from chalicelib.script import QUESTIONS, Words
from chalicelib.segments import segments

WORDS = tuple(field.name for field in fields(Words))
HEAD = (
    "language",
    "name",
    "direction",
    "reviewed_by",
    "voice",
    "voice_language",
    "speech",
    "weekdays",
    "date",
)
EXAMPLES = ("yes", "no", "opt_out", "unclear")

# What may stand in braces in any text; the rest belongs to the keys named here, and must stand there.
ANYWHERE = frozenset({"authority", "phone", "hours", "emergency", "from_number"})
_BARE = dict.fromkeys((f"question_{question}" for question in QUESTIONS), "")
SMS: Mapping[str, str] = _BARE | {
    "ask": "n question",
    "invite_one_by_one": "authority question",
    "invite_one_by_one_yesterday": "authority question",
    "invite_all_in_one": "authority",
    "invite_assumed": "authority offers",
    "reminder": "authority question",
    "unclear": "question",
    "unclear_all": "",
    "one_digit": "question",
    "saved": "question",
    "moved_on": "question",
    "undone": "question",
    "consent": "",
    "consent_unclear": "",
    "promise": "day from_number",
    "late_promise": "day from_number",
    "other_number": "number day",
    "no_callback": "phone",
    "list_full": "phone",
    "missed": "authority day phone",
    "expired": "authority phone",
    "thanks": "",
    "thanks_partial": "",
    "remark_kept": "phone emergency",
    "help": "authority",
    "late": "authority phone",
    "opted_out": "",
    "opted_in": "",
    "not_me": "",
    "ringing": "",
    "ring_later": "phone",
}
SPOKEN: Mapping[str, str] = _BARE | {
    "who": "authority",
    "assurance": "",
    "welcome": "",
    "no_input": "",
    "wrong_key": "",
    "moved_on": "",
    "consent": "",
    "promise": "day",
    "no_callback": "",
    "list_full": "",
    "thanks": "",
    "not_the_caller": "",
    "end": "",
    "opted_out": "",
    "nothing_open": "phone",
    "offer": "n",
}

# Twilio's <Say> voices, and the locale each wants. The others need recordings.
VOICES = {
    "am": ("Google.am-ET-Wavenet-A", "am-ET"),
    "ar": ("Google.ar-XA-Wavenet-A", "ar-XA"),
    "bg": ("Google.bg-BG-Standard-A", "bg-BG"),
    "cs": ("Google.cs-CZ-Wavenet-A", "cs-CZ"),
    "da": ("Polly.Sofie-Neural", "da-DK"),
    "de": ("Polly.Vicki-Neural", "de-DE"),
    "en": ("Polly.Amy-Neural", "en-GB"),
    "es": ("Polly.Lucia-Neural", "es-ES"),
    "fi": ("Polly.Suvi-Neural", "fi-FI"),
    "fr": ("Polly.Lea-Neural", "fr-FR"),
    "hu": ("Google.hu-HU-Wavenet-A", "hu-HU"),
    "it": ("Polly.Bianca-Neural", "it-IT"),
    "lt": ("Google.lt-LT-Standard-A", "lt-LT"),
    "lv": ("Google.lv-LV-Standard-A", "lv-LV"),
    "nb": ("Polly.Ida-Neural", "nb-NO"),
    "nl": ("Polly.Laura-Neural", "nl-NL"),
    "pl": ("Polly.Ola-Neural", "pl-PL"),
    "pt": ("Polly.Ines-Neural", "pt-PT"),
    "ro": ("Google.ro-RO-Wavenet-A", "ro-RO"),
    "ru": ("Google.ru-RU-Wavenet-A", "ru-RU"),
    "sr": ("Google.sr-RS-Standard-A", "sr-RS"),
    "sv": ("Polly.Elin-Neural", "sv-SE"),
    "th": ("Google.th-TH-Neural2-C", "th-TH"),
    "tr": ("Polly.Burcu-Neural", "tr-TR"),
    "uk": ("Google.uk-UA-Wavenet-A", "uk-UA"),
    "vi": ("Google.vi-VN-Wavenet-A", "vi-VN"),
    "zh": ("Polly.Zhiyu-Neural", "cmn-CN"),
}
# Twilio's <Gather> languages, one for each of ours that it knows by ear; the others answer by keys.
SPEECH = {
    "am": "am-ET",
    "ar": "ar-EG",
    "bg": "bg-BG",
    "cs": "cs-CZ",
    "da": "da-DK",
    "de": "de-DE",
    "en": "en-GB",
    "es": "es-ES",
    "et": "et-EE",
    "fa": "fa-IR",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "hr": "hr-HR",
    "hu": "hu-HU",
    "it": "it-IT",
    "lt": "lt-LT",
    "lv": "lv-LV",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "pl": "pl-PL",
    "pt": "pt-PT",
    "ro": "ro-RO",
    "ru": "ru-RU",
    "sq": "sq-AL",
    "sr": "sr-RS",
    "sv": "sv-SE",
    "th": "th-TH",
    "tr": "tr-TR",
    "uk": "uk-UA",
    "ur": "ur-PK",
    "vi": "vi-VN",
    "zh": "cmn-Hans-CN",
}
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "prs", "ps", "ur"})

Table = Mapping[str, Any]  # a TOML file as read: nothing is sure about its shape yet


def table(language: str, name: str = "prompts.toml") -> Table:
    """One file of a language, unchecked. Raises FileNotFoundError, tomllib.TOMLDecodeError."""
    return tomllib.loads((prompts.FOLDER / language / name).read_text(encoding="utf-8"))


def fillings(raw: Table) -> dict[str, str]:
    """What typically stands in the braces, rather long than short: numbers from ranges reserved for fiction."""
    dearest_day = max(raw["weekdays"], key=lambda day: (segments(day).encoding != "GSM-7", len(day)))
    return {
        "authority": "Exempelmyndigheten A",  # 20 characters
        "phone": "08-465 004 00",
        "hours": "8-16",
        "emergency": "112",
        "from_number": "08-465 004 99",
        "number": "070-174 06 05",
        "day": raw["date"].format(weekday=dearest_day, day=28, month=12),
        "question": max((raw["sms"][f"question_{question}"] for question in QUESTIONS), key=len),
        "n": "3",
        "offers": "Soomaali = 5. العربية = 6",
    }


def arrived(key: str, text: str, raw: Table) -> str:
    """A text as the phone shows it. An invitation asks the first question; the others may ask any."""
    filled = fillings(raw)
    if key.startswith("invite_"):
        filled |= {"question": raw["sms"]["question_service"], "n": "1"}
    return text.strip("\n").format_map(filled)


def heard(text: str, raw: Table) -> str:
    """A spoken text as it sounds: the day may be said otherwise than it is written."""
    longest_day = max(raw.get("weekdays_spoken", raw["weekdays"]), key=len)
    day = raw.get("date_spoken", raw["date"]).format(weekday=longest_day, day=28, month=12)
    return text.format_map({**fillings(raw), "day": day})
