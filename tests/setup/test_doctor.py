"""The doctor: every finding that is not well says how to mend it."""

import shutil
import subprocess
import sys

import pytest

from flows import doctor
from flows.prerequisites import LIBRARIES, TEST_TOOLS, Prerequisite
from flows.settings import ROOT, read_settings


NONSENSE = Prerequisite(
    "nonsense",
    "does nothing",
    ("libnonsense.so.0",),
    dict.fromkeys(("apt", "brew", "dnf", "apk"), "nonsense"),
)


@pytest.fixture
def settings(tmp_path):
    return read_settings({"PRIORAUTH_HOME": str(tmp_path / "var")})


def test_whatever_is_not_well_comes_with_its_mend(settings):
    checks = doctor.run_checks(settings)

    assert [check.name for check in checks if not check.ok and not check.mend] == []


def test_what_the_lock_file_installed_is_well(settings):
    named = {check.name: check for check in doctor.run_checks(settings)}

    for name in ("Python", "package prefect", "package fastapi", "package sqlalchemy", "fonts"):
        assert named[name].ok, named[name]


def test_every_prerequisite_has_its_check(settings):
    names = {check.name for check in doctor.run_checks(settings)}

    assert {f"library {need.name}" for need in LIBRARIES} <= names
    assert {f"test tool {need.name}" for need in TEST_TOOLS} <= names


def test_a_missing_library_is_an_error_with_the_line_to_install_it():
    check = doctor.check_library(NONSENSE)

    assert not check.ok
    assert check.found == "missing; it does nothing"
    assert "nonsense" in check.mend


def test_a_missing_test_tool_is_told_and_is_no_error():
    check = doctor.check_test_tool(NONSENSE)

    assert check.ok
    assert check.mend.startswith("Only to run every test:")


def test_a_changed_font_is_named(tmp_path):
    fonts = shutil.copytree(doctor.FONTS, tmp_path / "fonts")
    (fonts / "SourceSans3-Bold.ttf").write_bytes(b"another font")
    (fonts / "SourceSans3-It.ttf").unlink()

    check = doctor.check_fonts(fonts)

    assert not check.ok
    assert check.found == "missing or changed: SourceSans3-Bold.ttf, SourceSans3-It.ttf"


def test_every_font_is_listed_with_its_hash():
    listed = {line.split()[1] for line in (doctor.FONTS / "SHA256SUMS").read_text().splitlines()}
    shipped = {font.name for font in doctor.FONTS.glob("*.?tf")}

    assert listed == shipped, (
        "after a change of the fonts: cd templates/fonts && sha256sum *.[ot]tf > SHA256SUMS"
    )


def test_a_mistake_in_the_knowledge_is_told_with_its_place(tmp_path):
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "privigen.yaml").write_text("id: privigen\nid: again\n")

    check = doctor.check_knowledge(tmp_path)

    assert not check.ok
    assert "products/privigen.yaml" in check.found


def test_a_folder_others_can_read_is_an_error(settings):
    settings.output.mkdir(parents=True)
    settings.output.chmod(0o755)

    named = {check.name: check for check in doctor.check_folders(settings)}

    check = named[f"folder {settings.output}"]
    assert (check.ok, check.found) == (False, "mode 755")
    assert check.mend == f"chmod -R go= {settings.output}"


def test_a_database_that_is_not_there_yet_is_no_error(settings):
    assert doctor.check_database(settings).ok
    assert not settings.home.exists(), "the doctor looks, it does not set up"


def test_a_file_that_is_no_database_is_named(settings):
    settings.home.mkdir()
    (settings.home / "priorauth.db").write_text("case,status\n")

    check = doctor.check_database(settings)

    assert check.found == f"{settings.home}/priorauth.db is not an SQLite database"


def test_a_database_server_that_does_not_answer_is_named_without_its_password():
    settings = read_settings({"PRIORAUTH_DATABASE_URL": "postgresql://practice:secret@127.0.0.1:1/cases"})

    check = doctor.check_database(settings)

    assert not check.ok
    assert check.found.startswith("127.0.0.1/cases: the database does not answer")
    assert "secret" not in check.found


def test_the_doctor_is_there_when_prefect_cannot_be_imported():
    code = "import sys; sys.modules['prefect'] = None; import flows.doctor"

    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert outcome.stderr == ""
