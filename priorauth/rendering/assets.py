"""The closed bundle of styles and fonts, and the fetcher that serves nothing else.

WeasyPrint by itself follows http, file and data addresses from some fourteen places in HTML and CSS.
Here `asset:` names a file of the bundle, and every other address stops the document.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


SCHEME = "asset:"

_BUNDLE = {
    "fonts": {".ttf": "font/ttf", ".otf": "font/otf"},
    "styles": {".css": "text/css", ".svg": "image/svg+xml"},
}
_VARIABLE = re.compile(rb"(--[a-z]+):\s*([^;]+);")
_USE_OF_VARIABLE = re.compile(rb"var\((--[a-z]+)\)")
_STYLE_SHEETS = ("styles/fonts.css", "styles/letter.css", "styles/packet.css")


class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Serves `asset:` files from memory and raises for everything else."""

    def __init__(self, templates_root: Path) -> None:
        super().__init__(allowed_protocols=())
        self._assets = {
            f"{SCHEME}{folder}/{path.name}": (_content(path), media_types[path.suffix])
            for folder, media_types in _BUNDLE.items()
            for path in sorted((templates_root / folder).iterdir())
            if path.suffix in media_types
        }

    def fetch(self, url: str, _headers: Any = None) -> URLFetcherResponse:
        """Return the asset, or stop the rendering: only a fatal error is not swallowed as a warning."""
        asset = self._assets.get(url)
        if asset is None:
            raise FatalURLFetchingError(url.partition(":")[0])
        content, media_type = asset
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


def _content(path: Path) -> bytes:
    """The file; in a style sheet its variables are filled in, which WeasyPrint does again for every element."""
    content = path.read_bytes()
    if path.suffix != ".css":
        return content
    values = dict(_VARIABLE.findall(content))
    return _USE_OF_VARIABLE.sub(lambda used: values[used[1]], content)


@dataclass(frozen=True)
class Look:
    """Everything about the appearance that is parsed once for all documents of a process."""

    fonts: FontConfiguration
    style_sheets: tuple[CSS, ...]
    fetcher: ClosedFetcher


@lru_cache(maxsize=2)
def look(templates_root: Path) -> Look:
    """Parse styles and load fonts; the first call takes about half a second, later ones nothing."""
    fetcher = ClosedFetcher(templates_root)
    fonts = FontConfiguration()
    style_sheets = tuple(
        CSS(url=f"{SCHEME}{name}", url_fetcher=fetcher, font_config=fonts) for name in _STYLE_SHEETS
    )
    return Look(fonts, style_sheets, fetcher)
