"""`python -m infra.prompts`: check, look at and try out what callers are told, and what their replies are read as."""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from chalicelib import prompts
from chalicelib.reading import read
from chalicelib.script import Meaning
from chalicelib.segments import segments
from infra.command import run
from infra.prompts import audio, form, preview, skeleton, texts, words
from infra.prompts.findings import Finding, error


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's exit code: 1 if lint found an error, 2 for a wrong command line."""
    options = _parser().parse_args(arguments)
    match options.command:
        case "lint":
            return _lint(options.languages or prompts.languages(), options.quiet)
        case "preview":
            make = preview.as_page if options.html else preview.on_terminal
            print(make(form.table(options.language), options.price))
        case "segments":
            _each_line(lambda line: asdict(segments(line)))
        case "read":
            _read(options.language, options.open)
        case "record":
            return _record(options)
        case "new":
            print(f"Now fill in {skeleton.make(options.language)}/prompts.toml")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.prompts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lint = commands.add_parser(
        "lint", help="complete? sendable? at most 2 parts? do the word lists contradict each other?"
    )
    lint.add_argument("languages", nargs="*", metavar="LANG", help="all, if none is named")
    lint.add_argument("--quiet", action="store_true", help="errors only")
    show = commands.add_parser("preview", help="each text as it will arrive, with parts and price")
    show.add_argument("language", metavar="LANG", choices=prompts.languages())
    show.add_argument("--html", action="store_true", help="a page, with right-to-left shown properly")
    show.add_argument("--price", type=float, default=0.05, help="of one part, in any currency (%(default)s)")
    commands.add_parser("segments", help="reads lines; prints what each costs as a text, one JSON a line")
    reader = commands.add_parser(
        "read", help="reads lines as replies; prints what each means, one JSON a line"
    )
    reader.add_argument("--language", required=True, metavar="LANG", choices=prompts.languages())
    reader.add_argument(
        "--open", type=int, default=1, metavar="N", help="questions shown and not answered (%(default)s)"
    )
    _add_record(
        commands.add_parser("record", help="read the sentences aloud, for callers, on a page of this machine")
    )
    new = commands.add_parser("new", help="a skeleton to fill in")
    new.add_argument(
        "language", metavar="LANG", type=_tag, help="a language tag of two or three letters: fi, ckb"
    )
    return parser


def _add_record(record: argparse.ArgumentParser) -> None:
    record.description = (
        "Opens a page on this machine that shows one sentence at a time, records it, plays it back as callers will"
        " hear it and keeps it in prompts/LANG/audio. Stop at any time: the same command goes on from there."
    )
    record.add_argument("language", metavar="LANG", choices=prompts.languages())
    record.add_argument(
        "--stage", default="local", help="whose authority and phone number are said (%(default)s)"
    )
    record.add_argument(
        "--phone", help="that phone number as it is said, where the stage cannot be asked from here"
    )
    record.add_argument("--no-browser", action="store_true", help="print the address only")
    instead = record.add_mutually_exclusive_group()
    instead.add_argument(
        "--list",
        action="store_true",
        help="no page: what is recorded, stale or missing; exit code 1 if not all is",
    )
    instead.add_argument("--remove", metavar="NAME", help="no page: forget one recording")


def _record(options: argparse.Namespace) -> int:
    from infra.prompts.recording import command  # a web server and AWS clients: no other command needs them

    return run(lambda: command.record(options))


def _tag(text: str) -> str:
    if not re.fullmatch("[a-z]{2,3}", text) or text in prompts.languages():
        raise argparse.ArgumentTypeError(f"{text!r}: two or three small letters, of a language not there yet")
    return text


def _lint(languages: Sequence[str], quiet: bool) -> int:
    failed = False
    for language in languages:
        for finding in findings(language):
            failed |= finding.level == "error"
            if not quiet or finding.level == "error":
                print(f"{language}: {finding.level}: {finding.where}: {finding.what}")
    count = "1 language" if len(languages) == 1 else f"{len(languages)} languages"
    print(f"{count}: {'errors' if failed else 'no errors'}")
    return int(failed)


def findings(language: str) -> Iterator[Finding]:
    """All that lint has to say of one language."""
    try:
        raw, examples = form.table(language), form.table(language, "examples.toml")
    except FileNotFoundError as missing:
        yield error("files", f"{missing.filename} is missing")
        return
    except tomllib.TOMLDecodeError as wrong:
        yield error("files", f"not TOML: {wrong}")
        return
    yield from texts.findings(language, raw)
    yield from words.findings(language, raw, examples)
    yield from audio.findings(raw, prompts.FOLDER / language / "audio")


def _read(language: str, shown: int) -> None:
    known, stops = prompts.load(language).words, prompts.stops(prompts.languages())

    def understood(line: str) -> dict[str, object]:
        reading = read(line, known, shown, stops=stops)
        answers = list(reading.answers) if reading.meaning is Meaning.ANSWERS else None
        meaning = Meaning.UNCLEAR if reading.meaning is Meaning.NO_CALL else reading.meaning  # to a question
        return {"text": line, "meaning": meaning, "answers": answers}

    _each_line(understood)


def _each_line(say: Callable[[str], dict[str, object]]) -> None:
    """Only a line feed ends a line; Unicode's other separators belong to the reply, and are escaped in the answer."""
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
        print(json.dumps(say(line)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
