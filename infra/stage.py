"""A stage's settings: `infra/stages/<name>.toml`, checked, with its template parameters.

Stage.read("prod").parameters()    # {"Stage": "prod", "TimeZone": "Europe/Stockholm", …}
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.command import OpsError

FOLDER = Path(__file__).parent / "stages"
NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
NONE = "none"
# Where each parameter of the service's template stands in the file, and what it is when it does not.
PARAMETERS: Mapping[str, tuple[str, str, str | int]] = {
    "Authority": ("service", "authority", ""),
    "TimeZone": ("service", "timezone", "Europe/Stockholm"),
    "InviteDelaySeconds": ("service", "invite_delay_seconds", 60),
    "Page": ("alarms", "page", NONE),
    "Mail": ("alarms", "mail", NONE),
    "TextsPerDay": ("alarms", "texts_per_day", 5000),
    "LogDays": ("options", "log_days", 90),
    "RequestsPerFiveMinutes": ("options", "requests_per_five_minutes", 0),
    "PublicUrl": ("options", "public_url", NONE),
    "Certificate": ("options", "certificate", NONE),
    "GenesysBus": ("sources", "genesys_bus", NONE),
    "ConnectInstance": ("sources", "connect_instance", NONE),
    "ConnectStream": ("sources", "connect_stream", NONE),
}
ELSEWHERE = {"embedded", "region", "account", "protect", "profile", "own_key", "budget_per_month"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment."""

    name: str
    region: str
    file: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, folder: Path = FOLDER) -> "Stage":
        """Raises OpsError for a stage without a file, or a file with something unknown in it."""
        path = folder / f"{name}.toml"
        if not NAME.fullmatch(name) or not path.exists():
            there = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
            raise OpsError(f"there is no stage {name!r}: infra/stages has {there}")
        try:
            file = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise OpsError(f"{path.name} cannot be read: {error}") from error
        stage = cls(name, str(file.get("region", "")), file)
        stage._check()
        return stage

    @property
    def embedded(self) -> bool:
        """On this machine's engine instead of in AWS."""
        return bool(self.file.get("embedded"))

    @property
    def account(self) -> str:
        return str(self.file.get("account", ""))

    @property
    def profile(self) -> str | None:
        """The AWS profile to use; None: the environment's."""
        return str(self.file["profile"]) if self.file.get("profile") else None

    @property
    def protected(self) -> bool:
        return bool(self.file.get("protect"))

    @property
    def own_key(self) -> bool:
        return bool(self.setting("options", "own_key", False))

    @property
    def budget(self) -> int:
        """US dollars a month; 0: none."""
        return int(self.setting("alarms", "budget_per_month", 0))

    @property
    def mail(self) -> str:
        return str(self.setting("alarms", "mail", ""))

    def setting(self, section: str, name: str, otherwise: Any) -> Any:
        value = self.file.get(section, {}).get(name)
        return otherwise if value in (None, "") else value

    def parameters(self) -> dict[str, str]:
        """Of the service's template; what depends on the deployment itself is added there."""
        found = {name: str(self.setting(*place)) for name, place in PARAMETERS.items()}
        by = "https" if found["Page"].startswith("https:") else "email"
        return {"Stage": self.name, "PageBy": by, **found}

    def record_parameters(self) -> dict[str, str]:
        """Of the records' template."""
        return {"Stage": self.name, "Protected": yes(self.protected), "OwnKey": yes(self.own_key)}

    def _check(self) -> None:
        known = {place[1] for place in PARAMETERS.values()} | ELSEWHERE
        sections = [section for section in self.file.values() if isinstance(section, dict)]
        names = {name for name, value in self.file.items() if not isinstance(value, dict)}
        for name in names.union(*sections):
            if name not in known:
                raise OpsError(f"{self.name}.toml: {name!r} is not a setting")
        for section, name in (("service", "authority"), ("", "region")):
            if not (self.setting(section, name, "") if section else self.region):
                raise OpsError(f"{self.name}.toml: {name} is missing")
        if (self.setting("options", "public_url", "") != "") != (
            self.setting("options", "certificate", "") != ""
        ):
            raise OpsError(f"{self.name}.toml: public_url and certificate go together")


def yes(true: bool) -> str:
    return "yes" if true else "no"
