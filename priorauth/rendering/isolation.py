"""Rendering in a process of its own, which can be ended when a document takes too long or too much.

Text of the record can be hostile by accident: a page of base64 pasted into a note, ten thousand rows. The child is
started once and kept warm with its fonts and styles; one that breaks a limit is ended, and the next document gets
a new one. It is started afresh and not forked: newer versions of Fontconfig and Pango run threads of their own, and
a child forked beside them can wait for ever for a thread that it does not have.
"""

import atexit
import pickle
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

from priorauth.rendering.errors import RenderingStopped
from priorauth.rendering.metadata import DocumentMetadata, EmbeddedFile
from priorauth.rendering.pdf import MOST_PAGES, TEMPLATES, render_pdf


CPU_SECONDS = 20
WALL_SECONDS = 30.0
MEMORY_BYTES = 1_500 << 20
"""Of address space, on top of what the warm child has mapped."""

START_SECONDS = 60.0
"""Importing the libraries takes one or two seconds; on a busy machine many times that."""

_LENGTH = struct.Struct("!Q")
P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one call may use: processor seconds, seconds by the clock, bytes of memory."""

    cpu_seconds: int = CPU_SECONDS
    wall_seconds: float = WALL_SECONDS
    memory_bytes: int = MEMORY_BYTES

    @property
    def words(self) -> str:
        """The limits as a message names them."""
        return f"{self.cpu_seconds} s of processor, {self.wall_seconds:g} s or {self.memory_bytes >> 20} MiB"


USUAL_LIMITS = Limits()


def render_pdf_isolated(
    html: str,
    *,
    metadata: DocumentMetadata,
    attachments: Sequence[EmbeddedFile] = (),
    most_pages: int = MOST_PAGES,
    templates_root: Path = TEMPLATES,
) -> bytes:
    """Do what `render_pdf` does under limits of time and memory; raises RenderingStopped beyond them."""
    return isolated(
        render_pdf,
        html,
        metadata=metadata,
        attachments=tuple(attachments),
        most_pages=most_pages,
        templates_root=templates_root,
    )


def isolated(function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Result:
    """Call a function of a module in the child, within the usual limits. Arguments and result must pickle."""
    return isolated_within(USUAL_LIMITS, function, *args, **kwargs)


def isolated_within(
    limits: Limits, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
) -> Result:
    """Do what `isolated` does under other limits."""
    result: Result = _CHILD.call(function, args, kwargs, limits)
    return result


class _Child:
    """The one child of this process. Calls take turns; a child that ended is replaced at the next call."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any, limits: Limits) -> Any:
        order = pickle.dumps((function, args, kwargs, limits))
        with self._turn:
            process = self._running()
            answer = None
            try:
                _send(_pipe(process.stdin), order)
                answer = _receive(_pipe(process.stdout), limits.wall_seconds)
            except BrokenPipeError:
                answer = None
            finally:
                if answer is None:
                    self.end()
        return _result(answer, limits)

    def end(self) -> None:
        """Stop the child and forget it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                _pipe(pipe).close()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "priorauth.rendering"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
            if _receive(_pipe(self._process.stdout), START_SECONDS) is None:
                self.end()
                raise RenderingStopped(
                    "the process that lays out letters did not start; run priorauth doctor"
                )
        return self._process


_CHILD = _Child()
atexit.register(_CHILD.end)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    view = memoryview(message)
    while view:
        view = view[pipe.write(view) :]


def _receive(pipe: IO[bytes], seconds: float) -> bytes | None:
    """Return one message, or None where the other side ended or the time did."""
    deadline = time.monotonic() + seconds
    head = _read(pipe, _LENGTH.size, deadline)
    return None if head is None else _read(pipe, _LENGTH.unpack(head)[0], deadline)


def _read(pipe: IO[bytes], size: int, deadline: float) -> bytes | None:
    received = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while len(received) < size:
            if not waiting.select(max(deadline - time.monotonic(), 0)):
                return None
            chunk = pipe.read(min(size - len(received), 1 << 20))
            if not chunk:
                return None
            received += chunk
    return bytes(received)


def _result(answer: bytes | None, limits: Limits) -> Any:
    # Written by our own child; nothing at all where it was ended.
    result, failure = pickle.loads(answer) if answer else (None, MemoryError())  # noqa: S301
    match failure:
        case None:
            return result
        case MemoryError() | RecursionError():
            raise RenderingStopped(
                f"the document needed more than {limits.words}, or is nested too deeply. "
                "Look for a very long or deeply nested text in the facts it quotes."
            )
        case _:
            raise failure


def serve() -> None:
    """The child's life: take an order, do it within its limits, answer; leave when the parent is gone."""
    orders, answers = sys.stdin.buffer, open(sys.stdout.fileno(), "wb", buffering=0, closefd=False)  # noqa: SIM115
    # Whatever a library prints must not get between the answers.
    sys.stdout = sys.stderr
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C reaches the whole terminal; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _send(answers, b"ready")
    while head := orders.read(_LENGTH.size):
        function, args, kwargs, limits = pickle.loads(orders.read(_LENGTH.unpack(head)[0]))  # noqa: S301
        _limit(limits)
        answer: tuple[object, Exception | None]
        try:
            answer = (function(*args, **kwargs), None)
        except Exception as failure:  # noqa: BLE001  # whatever it is, it is raised again in the parent
            answer = (None, failure)
        _send(answers, pickle.dumps(answer))


def _limit(limits: Limits) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    # The soft limit ends the child with a signal. The hard one stays, or no later call could have its own.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + limits.cpu_seconds + 1, hard))
    if sys.platform == "linux":
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped + limits.memory_bytes, hard))
