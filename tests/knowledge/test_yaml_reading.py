"""What the strict YAML reader accepts, and what it says of the rest."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from priorauth.yaml_source import YamlMistakes, parse_yaml, read_yaml


def mistakes_in(text):
    with pytest.raises(YamlMistakes) as caught:
        parse_yaml(text, "file.yaml")
    return caught.value.problems


def test_values_keep_their_exact_kind():
    file = parse_yaml(
        "grams: 0.10\nunits: 144\nday: 2026-01-31\ncode: '0944'\nlabelled: true\nword: no\nnothing:\n",
        "file.yaml",
    )

    assert file.value == {
        "grams": Decimal("0.10"),
        "units": 144,
        "day": date(2026, 1, 31),
        "code": "0944",
        "labelled": True,
        "word": "no",
        "nothing": None,
    }
    assert str(file.value["grams"]) == "0.10"


def test_a_value_is_found_again_by_its_line():
    file = parse_yaml("a: 1\nb:\n  - c: 2\n    d: {e: 3}\n", "file.yaml")

    assert file.line_of(("b", 0, "d", "e")) == 4
    assert file.line_of(("b", 0, "never written")) == 3


@pytest.mark.parametrize(
    ("text", "line", "key", "found"),
    [
        ("a: 1\na: 2\n", 2, "a", "the key 'a' a second time (first on line 1)"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "a.b", "the key 'b' a second time (first on line 2)"),
        ("from: 2026-1-3\n", 1, "from", "the date 2026-1-3"),
        ("from: 2026-02-30\n", 1, "from", "the date 2026-02-30"),
        ("from: 01/31/2026\n", 1, "from", "the date 01/31/2026"),
        ("codes:\n  - 09442700\n", 2, "codes[0]", "the number 09442700"),
        ("dose: 0,5\n", 1, "dose", "the number 0,5"),
        ("dose: .5\n", 1, "dose", "the number .5"),
        ("dose: 1e3\n", 1, "dose", "the number 1e3"),
        ("dose: !!float 1\n", 1, "dose", "the tag 'tag:yaml.org,2002:float'"),
        ("a: *gone\n", 1, "a", "the alias '*gone'"),
        ("a: &a [*a]\n", 1, "a[0]", "the alias '*a'"),
        ("a: 1\n---\nb: 2\n", 3, "", "a second document in the same file"),
        ("? [a]\n: 1\n", 1, "", "a list or mapping as a key"),
    ],
)
def test_what_would_mean_something_else_is_refused_where_it_stands(text, line, key, found):
    (problem,) = mistakes_in(text)

    assert (problem.line, problem.key, problem.found) == (line, key, found)


def test_all_mistakes_of_a_file_are_reported_at_once():
    problems = mistakes_in("a: 1\na: 2\nday: 2026-13-01\ncode: 007\n")

    assert [problem.line for problem in problems] == [2, 3, 4]


def test_an_alias_stands_for_its_anchor():
    file = parse_yaml("first: &dose {grams: 1.5}\nsecond: *dose\n", "file.yaml")

    assert file.value["second"] == {"grams": Decimal("1.5")}


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 300_000,
        "a: &a [1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{this}: &{this} [{','.join(['*' + before] * 9)}]\n"
            for before, this in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ],
    ids=["deep nesting", "aliases of aliases"],
)
def test_a_hostile_file_is_refused_and_does_not_end_the_program(hostile):
    (problem,) = mistakes_in(hostile)

    assert "text that is not YAML" in problem.found


def problems_or_none(read):
    try:
        read()
    except YamlMistakes as mistakes:
        return mistakes.problems
    return None


@given(st.text())
def test_any_text_is_read_or_refused_with_a_line_and_a_mend(text):
    problems = problems_or_none(lambda: parse_yaml(text, "file.yaml"))

    assert problems is None or all(problem.line >= 1 and problem.mend for problem in problems)


@given(st.binary())
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "file.yaml"
    path.write_bytes(content)

    assert problems_or_none(lambda: read_yaml(path)) != []


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
    | st.dates(min_value=date(1000, 1, 1))
    | st.text(st.characters(categories=["L", "N", "P", "Z"], exclude_characters="\u2028\u2029\x85")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(categories=["L"]), min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(value):
    """Write plain values in flow style, every string in double quotes."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
        case _:
            return str(value)


@given(plain_values)
def test_what_is_written_is_read_back(value):
    assert parse_yaml(f"value: {written(value)}\n", "file.yaml").value == {"value": value}


@given(plain_values)
def test_the_reader_agrees_with_the_library_where_no_decimal_is_involved(value):
    text = f"value: {written(value)}\n"
    library = YAML(typ="safe", pure=True).load(text)

    def as_float(item):
        match item:
            case Decimal():
                return float(item)
            case list():
                return [as_float(inner) for inner in item]
            case dict():
                return {key: as_float(inner) for key, inner in item.items()}
            case _:
                return item

    assert as_float(parse_yaml(text, "file.yaml").value) == library


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(YamlMistakes, match="No such file or directory"):
        read_yaml(tmp_path / "absent.yaml", "knowledge/absent.yaml")
