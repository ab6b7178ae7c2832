"""The Jinja environment: sandboxed, strict about missing values, and clean by construction."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from priorauth.rendering.errors import RenderingRefused
from priorauth.rendering.filters import FILTERS
from priorauth.rendering.record_text import clean


class PayerFallbackLoader(BaseLoader):
    """Finds `payers/<payer>/letters/x` where a payer has its own wording, else `letters/x`.

    The payer's file extends `letters/x` and replaces single blocks, so a new payer needs no code and
    no condition in a template.
    """

    def __init__(self, templates_root: Path) -> None:
        self._files = FileSystemLoader(templates_root)

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        try:
            return self._files.get_source(environment, template)
        except TemplateNotFound:
            match template.split("/", 2):
                case ["payers", _, common]:
                    return self._files.get_source(environment, common)
                case _:
                    raise


def environment(templates_root: Path) -> ImmutableSandboxedEnvironment:
    """Return the environment every document is written with.

    Autoescape is set for all names: `select_autoescape` knows `.html` but not `.html.j2`. Each printed
    expression passes through `printable`, so no template can forget to clean text of the record.
    """
    jinja = ImmutableSandboxedEnvironment(
        loader=PayerFallbackLoader(templates_root),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(FILTERS)
    return jinja


def printable(value: Any) -> Any:
    """Turn the value of a template expression into clean text; refuse None and truth values.

    `None` or `True` in a letter is always a template printing a fact that is not there.
    """
    match value:
        case Markup() | Undefined():
            return value
        case None | bool():
            raise RenderingRefused(
                f"a template printed {value}. Test for the value with an if, or format it with a filter."
            )
        case _:
            return clean(str(value))
