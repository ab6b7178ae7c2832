"""The shipped samples are what their sources say, and writing them twice gives the same bytes."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from twin.records.case_file import case_file
from twin.records.source import SOURCES, compile_referral
from twin.records.write import files_of


REFERRALS = Path(__file__).parents[2] / "examples" / "referrals"
NAMES = sorted(path.stem for path in SOURCES.glob("*.yaml"))


@pytest.mark.parametrize("name", [name for name in NAMES if "bundle" not in name])
def test_the_shipped_case_file_is_the_one_its_source_gives(name: str) -> None:
    shipped = (REFERRALS / name / "case.yaml").read_text("utf-8")

    assert case_file(compile_referral(SOURCES / f"{name}.yaml")) == shipped


@pytest.mark.rendering
@pytest.mark.parametrize("name", ["04_mmn_continuation", "19_fhir_bundle"])
def test_writing_a_referral_twice_gives_the_same_bytes(name: str) -> None:
    referral = compile_referral(SOURCES / f"{name}.yaml")

    assert files_of(referral) == files_of(referral)


@pytest.mark.rendering
@pytest.mark.needs_tool("pdftotext")
@pytest.mark.parametrize("name", ["17_nonpreferred_product"])
def test_shipped_documents_say_what_their_sources_say(name: str, tmp_path: Path) -> None:
    # The bytes of a PDF depend on the machine's Pango and HarfBuzz; its text must not.
    for file, content in files_of(compile_referral(SOURCES / f"{name}.yaml")).items():
        shipped = REFERRALS / name / file
        match shipped.suffix:
            case ".pdf":
                written = tmp_path / shipped.name
                written.write_bytes(content)
                assert text_of(written) == text_of(shipped)
            case ".png":
                difference = ImageChops.difference(grey(content), grey(shipped.read_bytes()))
                assert difference.getbbox() is None


def text_of(path: Path) -> str:
    run = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return run.stdout


def grey(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("L")
