"""Rendering under limits: what goes over them is ended, and what goes wrong inside is reported outside."""

import os
import signal
import sys
import time
from datetime import UTC, datetime

import pytest

from priorauth.rendering.errors import ForbiddenFetch, RenderingStopped
from priorauth.rendering.isolation import isolated, render_pdf_isolated
from priorauth.rendering.metadata import DocumentMetadata
from priorauth.rendering.pdf import render_pdf


pytestmark = [
    pytest.mark.rendering,
    pytest.mark.skipif(sys.platform != "linux", reason="work is only isolated on Linux"),
]

METADATA = DocumentMetadata(title="Letter", author="Practice", created=datetime(2026, 11, 23, tzinfo=UTC))


def endless() -> bytes:
    while True:
        pass


def sleeping() -> bytes:
    time.sleep(60)
    return b""


def greedy() -> bytes:
    return b"x" * (4 << 30)


def crashing() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def test_an_isolated_letter_is_the_same_bytes() -> None:
    html = "<h1>Letter</h1><p>A sentence.</p>"
    assert render_pdf_isolated(html, metadata=METADATA) == render_pdf(html, metadata=METADATA)


def test_work_without_end_is_stopped_by_processor_time() -> None:
    with pytest.raises(RenderingStopped):
        isolated(endless, cpu_seconds=1)


def test_work_that_waits_is_stopped_by_the_clock() -> None:
    started = time.perf_counter()
    with pytest.raises(RenderingStopped):
        isolated(sleeping, wall_seconds=0.3)
    assert time.perf_counter() - started < 5


def test_work_that_eats_memory_is_stopped() -> None:
    with pytest.raises(RenderingStopped):
        isolated(greedy, memory_bytes=256 << 20)


def test_a_crash_in_the_libraries_ends_the_child_and_not_this_process() -> None:
    with pytest.raises(RenderingStopped):
        isolated(crashing)


def test_a_layout_that_never_ends_is_stopped() -> None:
    nested = "<div style='display: flex'>" * 16 + "x"
    with pytest.raises(RenderingStopped):
        isolated(lambda: render_pdf(nested, metadata=METADATA), cpu_seconds=2)


def test_a_layout_nested_too_deeply_is_stopped() -> None:
    with pytest.raises(RenderingStopped):
        render_pdf_isolated("<div>" * 400 + "x", metadata=METADATA)


def test_a_refusal_inside_is_the_same_refusal_outside() -> None:
    with pytest.raises(ForbiddenFetch, match="http: address"):
        render_pdf_isolated('<img src="http://127.0.0.1/x">', metadata=METADATA)


def test_a_fault_of_the_program_is_not_taken_for_a_refusal() -> None:
    def faulty() -> bytes:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        isolated(faulty)
