"""What the product needs from the machine besides Python packages, and how to get it.

Standard library only: `bootstrap.py` reads this module before any environment exists.
"""

import ctypes
import platform
import shutil
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Prerequisite:
    """One library or program; `names` are the file names under which platforms keep it, any one is enough."""

    name: str
    purpose: str
    names: tuple[str, ...]
    packages: dict[str, str]


def _library(name: str, purpose: str, file: str, abi: int, **packages: str) -> Prerequisite:
    names = (f"{file}.so.{abi}", f"{file}.{abi}.dylib", f"{file}.dylib")
    return Prerequisite(name, purpose, names, packages)


LIBRARIES = (
    _library(
        "gobject",
        "lays out text",
        "libgobject-2.0",
        0,
        apt="libpango-1.0-0",
        brew="pango",
        dnf="pango",
        apk="pango",
    ),
    _library(
        "pango",
        "lays out text",
        "libpango-1.0",
        0,
        apt="libpango-1.0-0",
        brew="pango",
        dnf="pango",
        apk="pango",
    ),
    _library(
        "pangoft2",
        "lays out text",
        "libpangoft2-1.0",
        0,
        apt="libpangoft2-1.0-0",
        brew="pango",
        dnf="pango",
        apk="pango",
    ),
    _library(
        "harfbuzz",
        "shapes letters",
        "libharfbuzz",
        0,
        apt="libharfbuzz0b",
        brew="harfbuzz",
        dnf="harfbuzz",
        apk="harfbuzz",
    ),
    _library(
        # Debian carries it in a package of its own, which Pango does not bring along.
        "harfbuzz-subset",
        "embeds fonts; without it every letter takes two to three times as long",
        "libharfbuzz-subset",
        0,
        apt="libharfbuzz-subset0",
        brew="harfbuzz",
        dnf="harfbuzz",
        apk="harfbuzz-subset",
    ),
    _library(
        "fontconfig",
        "finds fonts",
        "libfontconfig",
        1,
        apt="libfontconfig1",
        brew="fontconfig",
        dnf="fontconfig",
        apk="fontconfig",
    ),
)

_PYTHON = "{}.{}".format(*sys.version_info)

VENV = Prerequisite(
    "the venv module",
    "makes the Python environment",
    (),
    {"apt": f"python{_PYTHON}-venv", "brew": f"python@{_PYTHON}", "dnf": "python3", "apk": "python3"},
)

TEST_TOOLS = (
    Prerequisite(
        "pdftotext",
        "reads the text of a PDF back",
        ("pdftotext",),
        {"apt": "poppler-utils", "brew": "poppler", "dnf": "poppler-utils", "apk": "poppler-utils"},
    ),
    Prerequisite(
        "pdftoppm",
        "turns pages into pictures",
        ("pdftoppm",),
        {"apt": "poppler-utils", "brew": "poppler", "dnf": "poppler-utils", "apk": "poppler-utils"},
    ),
    Prerequisite(
        "qpdf",
        "checks the structure of a PDF",
        ("qpdf",),
        {"apt": "qpdf", "brew": "qpdf", "dnf": "qpdf", "apk": "qpdf"},
    ),
    Prerequisite(
        "chromium",
        "opens the workbench like a coordinator",
        # Not chromium-browser: on Ubuntu that is a script which only advises to install a snap.
        ("chromium", "google-chrome"),
        {"apt": "chromium", "brew": "--cask chromium", "dnf": "chromium", "apk": "chromium"},
    ),
    Prerequisite(
        "tesseract",
        "reads the fax version back",
        ("tesseract",),
        {"apt": "tesseract-ocr", "brew": "tesseract", "dnf": "tesseract", "apk": "tesseract-ocr-data-eng"},
    ),
    Prerequisite(
        "gs",
        "renders a PDF with a second engine",
        ("gs",),
        {"apt": "ghostscript", "brew": "ghostscript", "dnf": "ghostscript", "apk": "ghostscript"},
    ),
)


def library_loads(library: Prerequisite) -> bool:
    for name in library.names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def tool_path(tool: Prerequisite) -> str | None:
    return next((path for name in tool.names if (path := shutil.which(name))), None)


def missing_libraries() -> list[Prerequisite]:
    return [library for library in LIBRARIES if not library_loads(library)]


def missing_tools() -> list[Prerequisite]:
    return [tool for tool in TEST_TOOLS if tool_path(tool) is None]


def package_installer() -> str | None:
    """The package installer of this machine: `brew`, `apt`, `dnf` or `apk`; None where it is another one."""
    if platform.system() == "Darwin":
        return "brew"
    return next(
        (name for name in ("apt", "dnf", "apk") if shutil.which("apt-get" if name == "apt" else name)), None
    )


def packages_for(missing: list[Prerequisite], installer: str) -> list[str]:
    return sorted({need.packages[installer] for need in missing})


def install_command(missing: list[Prerequisite], installer: str | None, *, as_root: bool) -> str:
    """The line a person can paste to install what is missing."""
    if installer is None:
        return "with the package installer of this system: " + ", ".join(need.name for need in missing)
    packages = " ".join(packages_for(missing, installer))
    sudo = "" if as_root else "sudo "
    match installer:
        case "apt":
            return f"{sudo}apt-get update && {sudo}apt-get install --yes {packages}"
        case "dnf":
            return f"{sudo}dnf install --assumeyes {packages}"
        case "apk":
            return f"{sudo}apk add {packages}"
        case _:
            return f"brew install {packages}"
