"""The run-time settings, read from the environment once and passed on as one value."""

import os
import re
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PositiveInt, ValidationError, model_validator


ROOT = Path(__file__).resolve().parents[1]
PREFIX = "PRIORAUTH_"
PASSWORD = re.compile(r":[^:@/]*@")


class SettingsFault(Exception):
    """A setting cannot be used; the message names the variable and its remedy."""


def _known_time_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError("expected an IANA name such as America/New_York")
    return name


def _known_database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("expected sqlite:///<file> or postgresql://<user>@<host>/<database>")
    return url


def _absolute(path: Path) -> Path:
    # A flow run starts in a folder of Prefect's choosing, where a relative path would mean another place.
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseModel):
    """Every field can be set as `PRIORAUTH_<FIELD>`; the folders default to places below `home`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Folder = ROOT / "var"
    database_url: Annotated[str, AfterValidator(_known_database)] = ""
    documents: Folder = Path()
    output: Folder = Path()
    prefect_home: Folder = Path()
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "America/New_York"
    submissions_per_day: PositiveInt | None = None
    """Requests that the staff can send on a working day; where it is not set, renewals are spread without a limit."""

    @model_validator(mode="before")
    @classmethod
    def _places_below_home(cls, given: dict[str, object]) -> dict[str, object]:
        home = _absolute(Path(str(given.get("home") or ROOT / "var")))
        places = {
            "database_url": f"sqlite:///{home / 'priorauth.db'}",
            "documents": home / "documents",
            "output": home / "output",
            "prefect_home": home / "prefect",
        }
        return {"home": home} | places | given


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; a misspelt variable is refused, lest cases land in a database nobody meant."""
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and value
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as fault:
        raise SettingsFault(_in_words(fault)) from None


def _in_words(fault: ValidationError) -> str:
    known = ", ".join(PREFIX + name.upper() for name in Settings.model_fields)
    lines = []
    for error in fault.errors():
        name = PREFIX + str(error["loc"][0]).upper() if error["loc"] else "Settings"
        if error["type"] == "extra_forbidden":
            lines.append(f"{name} is not a setting; known are {known}.")
        else:
            found = PASSWORD.sub(":...@", repr(error["input"]))
            lines.append(f"{name}: found {found}; {error['msg'].removeprefix('Value error, ')}.")
    return "\n".join(lines)


def prepare_home(settings: Settings) -> None:
    """Makes the folders, and makes everything this process and its children write readable to this user only."""
    os.umask(0o077)
    for folder in (settings.home, settings.documents, settings.output, settings.prefect_home):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
