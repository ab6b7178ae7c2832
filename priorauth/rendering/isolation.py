"""Rendering in a process of its own, which can be ended when a document takes too long or too much.

Text of the record can be hostile by accident: a page of base64 pasted into a note, ten thousand rows.
A fork from the warm process costs nothing that can be measured and inherits fonts and styles.
"""

import gc
import os
import pickle
import resource
import selectors
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from priorauth.rendering.assets import RENDERING
from priorauth.rendering.errors import RenderingStopped
from priorauth.rendering.metadata import DocumentMetadata, EmbeddedFile
from priorauth.rendering.pdf import MOST_PAGES, TEMPLATES, render_pdf


Result = TypeVar("Result")

CPU_SECONDS = 20
WALL_SECONDS = 30.0
MEMORY_BYTES = 1_500 << 20
"""On top of what the process has already mapped when it forks."""


def render_pdf_isolated(
    html: str,
    *,
    metadata: DocumentMetadata,
    attachments: Sequence[EmbeddedFile] = (),
    most_pages: int = MOST_PAGES,
    templates_root: Path = TEMPLATES,
) -> bytes:
    """Do what `render_pdf` does under limits of time and memory; raises RenderingStopped beyond them."""
    warm(templates_root)
    return isolated(
        lambda: render_pdf(
            html,
            metadata=metadata,
            attachments=attachments,
            most_pages=most_pages,
            templates_root=templates_root,
        )
    )


@cache
def warm(templates_root: Path = TEMPLATES) -> None:
    """Load fonts, styles and libraries once, by laying out one word, so that every child starts warm."""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    render_pdf(
        "<p><b>a</b> <i>a</i></p>",
        metadata=DocumentMetadata(title="a", author="a", created=start),
        templates_root=templates_root,
    )


def isolated(
    work: Callable[[], Result],
    *,
    cpu_seconds: int = CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Result:
    """Return what `work` returns, done in a forked child that is killed beyond its limits.

    The result comes back through a pipe, so it must be something that pickles; a packet does.
    Only Linux forks safely with the text libraries loaded; elsewhere the work is done in this process.
    """
    if sys.platform != "linux":
        return work()
    reading, writing = os.pipe()
    with RENDERING, warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads. The lock makes sure that none of them is laying out text.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _work_and_leave(work, writing, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    os.close(writing)
    try:
        answer = _read_until(time.monotonic() + wall_seconds, reading)
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    result: Result = _result(
        answer, cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, memory_bytes=memory_bytes
    )
    return result


def _work_and_leave(
    work: Callable[[], object], writing: int, *, cpu_seconds: int, memory_bytes: int
) -> NoReturn:
    """The child's whole life. It leaves without the parent's exit handlers, whatever happens."""
    try:
        # The soft limit ends the child with a signal; CPU already spent by the parent is not counted.
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory_bytes, mapped + memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        gc.disable()  # the child ends with its memory; tidying it first would take a tenth of its time
        answer: tuple[object, Exception | None]
        try:
            answer = (work(), None)
        except Exception as failure:  # noqa: BLE001  # whatever it is, it is raised again in the parent
            answer = (None, failure)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
    finally:
        os._exit(0)


def _read_until(deadline: float, reading: int) -> bytes | None:
    """Everything the child wrote, or None when the deadline came first."""
    chunks: list[bytes] = []
    with selectors.DefaultSelector() as waiting:
        waiting.register(reading, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not waiting.select(left):
                break
            chunk = os.read(reading, 1 << 20)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
    return None


def _result(answer: bytes | None, *, cpu_seconds: int, wall_seconds: float, memory_bytes: int) -> Any:
    # Written by our own child; nothing at all where it was killed.
    result, failure = pickle.loads(answer) if answer else (None, MemoryError())  # noqa: S301
    match failure:
        case None:
            return result
        case MemoryError() | RecursionError():
            raise RenderingStopped(
                f"the document needed more than {cpu_seconds} s of processor, {wall_seconds:g} s or "
                f"{memory_bytes >> 20} MiB, or is nested too deeply. "
                "Look for a very long or deeply nested text in the facts it quotes."
            )
        case _:
            raise failure
