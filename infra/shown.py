"""What a deployment tells the person at the terminal: secrets, once; the phone key's escrow; where to look."""

import os
import sys
from pathlib import Path
from typing import Protocol

from infra import values
from infra.aws import Cloud
from infra.command import OpsError, say
from infra.escrow import note_shown
from infra.local.settings import keep

KEPT = """
Made up now and kept in Parameter Store. They are not shown again:
  API_TOKEN             {API_TOKEN}
                        signs team leads in to the pages; scripts send it as a bearer token
  CALLS_WEBHOOK_SECRET  {CALLS_WEBHOOK_SECRET}
                        the contact centre signs the end of each call with it
  PHONE_KEY             {PHONE_KEY}
                        the callers' numbers are kept under it
"""
SEAL = """
  ESCROW. Every opt-out is kept under PHONE_KEY. If it is lost, we no longer know who said stop, and no backup of the
  table brings that back. Print it, seal it, and lock it away in two places outside AWS. Once a year, prove that the
  paper is still there and right: python -m infra.escrow {stage}
"""


class Asked(Protocol):
    """The part of a deployment's command line that matters here."""

    @property
    def secrets(self) -> Path | None: ...


def possible(file: Path | None) -> None:
    """OpsError when secrets made up now could be shown to nobody."""
    if file and file.exists():
        raise OpsError(f"{file} is there already; secrets are written to a new file only")
    if not file and not sys.stdout.isatty():
        raise OpsError(
            "secrets are about to be made up and there is no terminal: name a file with --secrets FILE"
        )


def once(wish: Asked, cloud: Cloud) -> None:
    """The secrets made up at the first deployment, unless they were shown; one that was killed before is made good.

    The embedded stage's are kept in its folder: they guard nothing.
    """
    known = values.read(cloud)
    if cloud.stage.embedded or values.ESCROW in known:
        return
    possible(wish.secrets)
    made = {name: known[name] for name in values.MADE}
    if wish.secrets:
        keep(wish.secrets, made)
        say(
            f"Secrets made up now are in {wish.secrets} (readable by you only). Move them to where secrets are kept."
        )
        say(SEAL.format(stage=cloud.stage.name))
    else:
        say(KEPT.format(**made) + SEAL.format(stage=cloud.stage.name))
    note_shown(cloud, made["PHONE_KEY"])


def places(url: str, phones: str | None) -> None:
    """Where the stage is."""
    rows = {"Results": f"{url}/", "Webhook": f"{url}/webhooks/calls"}
    if phones:
        rows |= {
            "Phones": f"{phones}/phones",
            "Token": f"API_TOKEN in {os.environ.get('DATA') or '.local/deployed'}/settings.json",
        }
    say("".join(f"  {name:<9}{place}\n" for name, place in rows.items()).rstrip())
