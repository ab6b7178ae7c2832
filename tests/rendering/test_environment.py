"""What the Jinja environment promises: strict, clean, sandboxed, with a payer's own wording where there is one."""

from datetime import date
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from priorauth.rendering.environment import environment
from priorauth.rendering.errors import RenderingRefused


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    for name, text in {
        "letters/initiation.html.j2": "{% block opening %}Dear reviewer{% endblock %}, {{ name }}",
        "letters/parts/closing.html.j2": "Sincerely",
        "payers/meridian/letters/initiation.html.j2": (
            '{% extends "letters/initiation.html.j2" %}{% block opening %}Dear Meridian{% endblock %}'
        ),
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def render(text: str, templates: Path, **values: object) -> str:
    return environment(templates).from_string(text).render(**values)


def test_a_payer_with_its_own_file_gets_its_own_wording(templates: Path) -> None:
    letter = environment(templates).get_template("payers/meridian/letters/initiation.html.j2")
    assert letter.render(name="Ana") == "Dear Meridian, Ana"


def test_a_payer_without_its_own_file_gets_the_common_wording(templates: Path) -> None:
    letter = environment(templates).get_template("payers/other/letters/initiation.html.j2")
    assert letter.render(name="Ana") == "Dear reviewer, Ana"


def test_a_template_that_exists_nowhere_is_not_found(templates: Path) -> None:
    with pytest.raises(TemplateNotFound):
        environment(templates).get_template("payers/meridian/letters/holiday.html.j2")


def test_templates_outside_the_root_are_not_found(templates: Path) -> None:
    (templates.parent / "secret.j2").write_text("secret")
    with pytest.raises(TemplateNotFound):
        environment(templates).get_template("payers/x/../../secret.j2")


def test_markup_in_a_value_is_printed_as_text(templates: Path) -> None:
    found = render("<p>{{ name }}</p>", templates, name="<b>Ana</b> & 'Co' \"x\"")
    assert found == "<p>&lt;b&gt;Ana&lt;/b&gt; &amp; &#39;Co&#39; &#34;x&#34;</p>"


def test_text_overrides_of_direction_never_reach_the_page(templates: Path) -> None:
    assert render("{{ name }}", templates, name="Ana \u202eeveS\u202c \u2066x\u2069") == "Ana eveS x"


def test_a_value_that_is_missing_stops_the_letter(templates: Path) -> None:
    with pytest.raises(UndefinedError, match="weight"):
        render("{{ weight }}", templates)
    with pytest.raises(UndefinedError, match="weight"):
        render("{% if weight %}x{% endif %}", templates)


@pytest.mark.parametrize("value", [None, True, False])
def test_none_and_truth_values_are_never_printed(value: object, templates: Path) -> None:
    with pytest.raises(RenderingRefused, match=str(value)):
        render("{{ value }}", templates, value=value)


def test_macros_and_their_values_are_escaped_once(templates: Path) -> None:
    text = "{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}{{ bold(name) }}"
    assert render(text, templates, name="a<b") == "<b>a&lt;b</b>"


def test_templates_cannot_reach_into_python(templates: Path) -> None:
    with pytest.raises(SecurityError):
        render("{{ ''.__class__.__mro__ }}", templates)
    with pytest.raises(SecurityError):
        render("{{ days.append(1) }}", templates, days=[])


def test_dates_are_formatted_by_filters_and_kept_on_one_line(templates: Path) -> None:
    day = date(2026, 4, 7)
    assert render("{{ d | longdate }} {{ d | shortdate }}", templates, d=day) == "April\xa07, 2026 04/07/2026"
