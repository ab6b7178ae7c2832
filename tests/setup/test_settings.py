"""The settings: read once, refused when misspelt, private on disk."""

import stat
from pathlib import Path

import pytest

from flows.clock import now, today
from flows.settings import ROOT, SettingsFault, prepare_home, read_settings


def test_without_any_variable_everything_lies_in_var_of_the_checkout():
    settings = read_settings({})

    assert settings.home == ROOT / "var"
    assert settings.database_url == f"sqlite:///{ROOT}/var/priorauth.db"
    assert settings.documents == ROOT / "var" / "documents"
    assert settings.output == ROOT / "var" / "output"
    assert settings.prefect_home == ROOT / "var" / "prefect"


def test_moving_home_moves_what_lies_below_it():
    settings = read_settings({"PRIORAUTH_HOME": "/srv/practice"})

    assert settings.database_url == "sqlite:////srv/practice/priorauth.db"
    assert settings.output == Path("/srv/practice/output")


def test_one_place_can_lie_elsewhere():
    settings = read_settings({"PRIORAUTH_HOME": "/srv/practice", "PRIORAUTH_DOCUMENTS": "/mnt/scans"})

    assert settings.documents == Path("/mnt/scans")
    assert settings.output == Path("/srv/practice/output")


def test_a_relative_folder_means_the_folder_one_stands_in(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert read_settings({"PRIORAUTH_HOME": "cases"}).home == tmp_path / "cases"


def test_an_empty_variable_counts_as_not_set():
    assert read_settings({"PRIORAUTH_HOME": ""}) == read_settings({})


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PRIORAUTH_DATABSE_URL", "postgresql://db/cases", "PRIORAUTH_DATABSE_URL is not a setting"),
        ("PRIORAUTH_TIME_ZONE", "Eastern", "PRIORAUTH_TIME_ZONE: found 'Eastern'; expected an IANA name"),
        ("PRIORAUTH_SUBMISSIONS_PER_DAY", "0", "PRIORAUTH_SUBMISSIONS_PER_DAY: found '0'; Input should be"),
        (
            "PRIORAUTH_DATABASE_URL",
            "cases.db",
            "PRIORAUTH_DATABASE_URL: found 'cases.db'; expected sqlite:///<file>",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(variable, value, words):
    with pytest.raises(SettingsFault) as fault:
        read_settings({variable: value})

    assert words in str(fault.value)


def test_a_password_in_a_refused_setting_is_not_repeated():
    with pytest.raises(SettingsFault) as fault:
        read_settings({"PRIORAUTH_DATABASE_URL": "mysql://practice:secret@db/cases"})

    assert "found 'mysql://practice:...@db/cases'" in str(fault.value)


def test_the_day_is_the_day_at_the_practice():
    # These two never share a date: their clocks are 25 hours apart.
    ahead = read_settings({"PRIORAUTH_TIME_ZONE": "Pacific/Kiritimati"})
    behind = read_settings({"PRIORAUTH_TIME_ZONE": "Pacific/Niue"})

    assert today(ahead) > today(behind)


def test_the_hour_carries_its_time_zone():
    settings = read_settings({"PRIORAUTH_TIME_ZONE": "Asia/Kolkata"})

    assert now(settings).isoformat().endswith("+05:30")


def test_only_the_owner_reads_what_is_written(tmp_path, restored_umask):
    settings = read_settings({"PRIORAUTH_HOME": str(tmp_path / "var")})

    prepare_home(settings)
    letter = settings.output / "letter.pdf"
    letter.write_bytes(b"%PDF-")

    assert stat.S_IMODE(settings.output.stat().st_mode) == 0o700
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
