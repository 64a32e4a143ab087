"""What every ops command shares: an error in words, an exit code, a question, a line that says how far it is.

Exit codes: 0 done, or nothing to do; 1 it failed; 2 it was refused and nothing was changed; 130 stopped with Ctrl-C.
"""

import argparse
import sys
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

DONE, FAILED, REFUSED, STOPPED = 0, 1, 2, 130


class OpsError(Exception):
    """The command cannot go on; the message says why and what to do."""

    def __init__(self, message: str, code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code


def parser(module: str, says: str) -> argparse.ArgumentParser:
    """For `python -m infra.<module> STAGE`; `says` is its help."""
    made = argparse.ArgumentParser(
        prog=f"python -m infra.{module}",
        description=says,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("stage", metavar="STAGE", help="a name in infra/stages: local, dev, prod")
    return made


def run(command: Callable[[], int]) -> int:
    """The command's exit code; whatever it raises on purpose, and whatever AWS says, as one line."""
    try:
        return command()
    except OpsError as error:
        return say_no(str(error), error.code)
    except NoCredentialsError:
        return say_no("there are no AWS credentials: sign in (aws sso login) or set AWS_PROFILE", REFUSED)
    except ClientError as error:
        said = error.response["Error"]
        return say_no(
            f"AWS refused {error.operation_name}: {said.get('Code')}: {said.get('Message')}", FAILED
        )
    except BotoCoreError as error:
        return say_no(f"AWS could not be reached: {error}", FAILED)
    except KeyboardInterrupt:
        return say_no(
            "\nStopped. What AWS had begun goes on by itself; the same command goes on from there.", STOPPED
        )


def say_no(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def say(line: str) -> None:
    print(line, flush=True)


def agreed(question: str, yes: bool) -> bool:
    """Whether the person at the terminal says yes; OpsError when there is none and `--yes` was not given."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise OpsError("nobody is there to ask: give --yes, or --dry-run to look only")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


class Progress:
    """One line that is drawn anew on a terminal; elsewhere a line every five seconds."""

    def __init__(self) -> None:
        self._began, self._said, self._live = time.monotonic(), 0.0, sys.stdout.isatty()

    def show(self, doing: str) -> None:
        seconds = time.monotonic() - self._began
        line = f"  {seconds:3.0f} s  {doing}"
        if self._live:
            print("\r\x1b[K" + line[:100], end="", flush=True)
        elif seconds - self._said >= 5:
            say(line)
            self._said = seconds

    def done(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", flush=True)
