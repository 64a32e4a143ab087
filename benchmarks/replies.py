"""Understanding: what reading a reply costs beside parsing the webhook it came in; one language beside all."""

import tomllib
from collections.abc import Iterator
from random import Random
from urllib.parse import parse_qsl, urlencode

from benchmarks.paired import Figure, in_turn
from chalicelib import prompts
from chalicelib.reading import read
from tests.in_process import inbound

ROUNDS = 25
LONG_MOST = 20.0  # times the parsing of its form: nothing was promised of a text in ten parts, but it must not explode
SEED = 20261122


def figures() -> Iterator[Figure]:
    dice = Random(SEED)
    languages = prompts.languages()
    replies = [(text, prompts.load(code).words) for code in languages for text in examples(code)]
    dice.shuffle(replies)
    forms = [urlencode(inbound("+447700900500", text, "SM" + "0" * 32)) for text, _ in replies]
    stops = prompts.stops(languages)
    ours, beside, ratio = in_turn(
        lambda: [read(text, words, 1, stops=stops) for text, words in replies],
        lambda: [parse_qsl(form) for form in forms],
        ROUNDS,
    )
    each, form = ours / len(replies) * 1e6, beside / len(replies) * 1e6
    yield Figure("reading a reply", f"{each:.0f} µs", f"parsing its form {form:.0f} µs", ratio, 200 / form)
    complaint = "Jag ringde i morse och fick vänta, men det gick bra till slut. " * 25
    words, whole = prompts.load("sv").words, urlencode(inbound("+447700900500", complaint, "SM" + "0" * 32))
    ours, beside, ratio = in_turn(
        lambda: [read(complaint, words, 1, stops=stops) for _ in range(20)],
        lambda: [parse_qsl(whole) for _ in range(20)],
        ROUNDS,
    )
    told = f"parsing its form {beside / 20 * 1e6:.0f} µs"
    yield Figure(f"{len(complaint)} characters", f"{ours / 20 * 1e6:.0f} µs", told, ratio, LONG_MOST)
    one, every, share = in_turn(lambda: loaded("sv"), lambda: [loaded(code) for code in languages], 5)
    told = f"all {len(languages)}: {every * 1000:.0f} ms"
    yield Figure("loading a language", f"{one * 1000:.1f} ms", told, share, 2 / len(languages))


def examples(code: str) -> list[str]:
    """Replies as people write them, of every kind."""
    table = tomllib.loads((prompts.FOLDER / code / "examples.toml").read_text(encoding="utf-8"))
    return [
        text
        for listed in table.values()
        if isinstance(listed, list)
        for text in listed
        if isinstance(text, str)
    ]


def loaded(code: str) -> object:
    prompts.load.cache_clear()
    return prompts.load(code)
