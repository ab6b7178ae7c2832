"""What is there and what is missing, each with its mend. Computes only; the command line words it."""

import asyncio
import hashlib
import importlib.metadata
import os
import platform
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from flows import prerequisites
from flows.settings import ROOT, Settings
from priorauth.knowledge import describe_problems
from priorauth.store.connection import Connected, connect
from priorauth.store.errors import StoreBusy


DISTRIBUTION = "ivig-prior-auth"
# A newer FastAPI keeps Prefect's server from starting; a newer SQLAlchemy lets it start and schedule nothing.
PINNED = ("prefect", "fastapi", "sqlalchemy")
FONTS = ROOT / "templates" / "fonts"
HTTP_PORT = 80
SQLITE_HEADER = b"SQLite format 3\0"
SECONDS_TO_ANSWER = 2


@dataclass(frozen=True)
class Check:
    """One finding; `mend` is what to do about it and empty where nothing needs doing."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def run_checks(settings: Settings) -> tuple[Check, ...]:
    """All checks, in the order in which mending them makes sense."""
    return (
        check_python(),
        *map(check_library, prerequisites.LIBRARIES),
        *check_pins(),
        *map(check_test_tool, prerequisites.TEST_TOOLS),
        check_fonts(FONTS),
        check_knowledge(ROOT / "knowledge"),
        *check_folders(settings),
        check_database(settings),
        check_workbench(),
    )


def check_python() -> Check:
    wanted = importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"]
    ok = platform.python_version() in Requirement(f"python{wanted}").specifier
    mend = "" if ok else f"Install a Python {wanted}, then: make clean setup PYTHON=/path/to/it"
    return Check("Python", ok, f"{platform.python_version()} ({sys.executable})", mend)


def check_library(library: prerequisites.Prerequisite) -> Check:
    ok = prerequisites.library_loads(library)
    return Check(
        f"library {library.name}", ok, _presence(ok, library), "" if ok else _how_to_install(library)
    )


def check_test_tool(tool: prerequisites.Prerequisite) -> Check:
    """Only the tests need these, so their absence is told and is not an error."""
    path = prerequisites.tool_path(tool)
    mend = "" if path else f"Only to run every test: {_how_to_install(tool)}"
    return Check(f"test tool {tool.name}", ok=True, found=path or _presence(False, tool), mend=mend)


def _presence(ok: bool, need: prerequisites.Prerequisite) -> str:  # noqa: FBT001 - one question, one answer
    return "present" if ok else f"missing; it {need.purpose}"


def _how_to_install(need: prerequisites.Prerequisite) -> str:
    return prerequisites.install_command([need], prerequisites.package_installer(), as_root=False)


def check_pins() -> Iterator[Check]:
    for line in importlib.metadata.requires(DISTRIBUTION) or ():
        requirement = Requirement(line)
        if requirement.name not in PINNED:
            continue
        version = importlib.metadata.version(requirement.name)
        ok = version in requirement.specifier
        mend = "" if ok else f"Versions in {requirement.specifier} work together: make clean setup"
        yield Check(f"package {requirement.name}", ok, version, mend)


def check_fonts(folder: Path) -> Check:
    """The letters look right only with the very fonts they were set in, so their contents are compared."""
    listed = [line.split() for line in (folder / "SHA256SUMS").read_text().splitlines()]
    wrong = [name for digest, name in listed if _sha256(folder / name) != digest]
    if not wrong:
        return Check("fonts", ok=True, found=f"{len(listed)} as shipped")
    return Check(
        "fonts", ok=False, found=f"missing or changed: {', '.join(wrong)}", mend=f"git checkout -- {folder}"
    )


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def check_knowledge(folder: Path) -> Check:
    problems = describe_problems(folder)
    if not problems:
        return Check("knowledge", ok=True, found="reads without a mistake")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Check("knowledge", ok=False, found=f"{problems[0]}{more}", mend="Correct the place named")


def check_folders(settings: Settings) -> Iterator[Check]:
    """Records of patients lie below these folders, which only their owner may read."""
    for folder in (settings.home, settings.documents, settings.output):
        if not folder.exists():
            yield Check(f"folder {folder}", ok=True, found="not there yet; made on first use")
            continue
        mode = folder.stat().st_mode & 0o777
        ok = mode & 0o077 == 0
        mend = "" if ok else f"chmod -R go= {folder}"
        yield Check(f"folder {folder}", ok, f"mode {mode:o}", mend)


def check_database(settings: Settings) -> Check:
    place = urlsplit(settings.database_url)
    if place.scheme == "sqlite":
        return _check_sqlite(Path(place.path.removeprefix("/")))
    where = f"{place.hostname or 'localhost'}{place.path}"
    store = Connected(connect(settings.database_url), settings.documents)
    try:
        with store.reading():
            return Check("database", ok=True, found=f"{place.scheme} answers at {where}")
    except StoreBusy as fault:
        reason = str(fault).splitlines()[0]
        mend = "Start it, or correct PRIORAUTH_DATABASE_URL"
        return Check("database", ok=False, found=f"{where}: {reason}", mend=mend)
    finally:
        store.close()


def _check_sqlite(file: Path) -> Check:
    if not file.exists():
        return Check("database", ok=True, found=f"{file}: not there yet; made on first use")
    with file.open("rb") as database:
        ok = database.read(len(SQLITE_HEADER)) in (SQLITE_HEADER, b"")
    mend = "" if ok else f"Move {file} away, or name another file in PRIORAUTH_DATABASE_URL"
    return Check("database", ok, f"{file}" if ok else f"{file} is not an SQLite database", mend)


async def _accepts_connections(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(SECONDS_TO_ANSWER):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def check_workbench() -> Check:
    """Information: everything but the workbench works without it."""
    configured = tomllib.loads((ROOT / "prefect.toml").read_text())["api"]["url"]
    place = urlsplit(os.environ.get("PREFECT_API_URL", configured))
    address = f"{place.scheme}://{place.netloc}"
    if asyncio.run(_accepts_connections(place.hostname or "localhost", place.port or HTTP_PORT)):
        return Check("workbench", ok=True, found=f"answers at {address}/v2/")
    return Check("workbench", ok=True, found=f"not running at {address}", mend="To start it: make up")
