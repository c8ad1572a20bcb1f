"""The strict YAML reader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.app.settings.yaml_tree import (
    BYTES_MAX,
    DEPTH_MAX,
    Items,
    Scalar,
    Table,
    parse_yaml,
    read_yaml,
)


def refusal(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    _, problems = parse_yaml(data, label="f.yaml")
    assert problems, "it was taken"
    return str(problems[0])


def test_scalars_keep_their_own_text_and_line() -> None:
    table, problems = parse_yaml(b"a: 15.0\nb:\n  - '015'\n  - yes\n", label="f")
    assert not problems
    assert table.entries["a"] == Scalar("15.0", 1, is_plain=True)
    items = table.entries["b"]
    assert isinstance(items, Items)
    assert items.nodes == (Scalar("015", 3, is_plain=False), Scalar("yes", 4, is_plain=True))


@pytest.mark.parametrize("text", ["", "# only a remark\n", "---\n", "~\n"])
def test_an_empty_document_is_an_empty_mapping(text: str) -> None:
    table, problems = parse_yaml(text.encode(), label="f")
    assert problems == []
    assert table.entries == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: !!python/object/apply:os.system ['true']\n", "a tag"),
        ("a: !!int 3\n", "a tag"),
        ("a: !mine 3\n", "a tag"),
        ("a: &x 1\n", "an anchor"),
        ("a: *x\n", "alias"),
        ("<<: {a: 1}\n", "a merge key"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("%YAML 1.1\n---\na: 1\n", "directive"),
        ("- 1\n- 2\n", "no mapping"),
        ("just text\n", "no mapping"),
        ("? [a, b]\n: 1\n", "a key that is a mapping or a list"),
        ("a: [1, 2\n", "no YAML"),
        ("a: 1\n  b: 2\n", "no YAML"),
        ("a: 'open\n", "no YAML"),
        ("a:\tb: c\n", "no YAML"),
        ("a: \x07\n", "no YAML"),
        (b"a: \xff\xfe\n", "not UTF-8"),
        ("a: " + "[" * (DEPTH_MAX + 2) + "]" * (DEPTH_MAX + 2), "nested deeper"),
        ("a: " + "x" * 5_000, "characters"),
        ("#" * (BYTES_MAX + 1), "larger than"),
    ],
)
def test_what_yaml_offers_beyond_plain_values_is_refused(text: str | bytes, word: str) -> None:
    assert word in refusal(text)


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert "f.yaml:1" in refusal(bomb)


def test_a_second_key_of_one_name_is_a_problem_with_both_lines() -> None:
    table, problems = parse_yaml(b"r:\n  a: 1\n  b: 2\n  a: 3\n", label="f")
    assert [(each.line, each.key) for each in problems] == [(4, "r.a")]
    assert "line 2" in problems[0].found
    inner = table.entries["r"]
    assert isinstance(inner, Table)
    assert inner.entries["a"] == Scalar("1", 2, is_plain=True)


def test_a_missing_file_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    _, problems = read_yaml(tmp_path / "none.yaml", label="none.yaml")
    assert "missing" in str(problems[0])


def test_a_folder_or_a_pipe_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        _, problems = read_yaml(path, label="x")
        assert "no regular file" in str(problems[0])


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain, _ = parse_yaml(b"a: 1\nb:\n  - 2\n", label="f")
    marked, problems = parse_yaml(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - 2\r\n", label="f")
    assert problems == []
    assert marked == plain


@given(st.binary(max_size=400))
def test_any_bytes_give_a_table_and_never_an_exception(data: bytes) -> None:
    table, _ = parse_yaml(data, label="f")
    assert isinstance(table, Table)


@given(st.text(alphabet="ab:- \n\t[]{}&*!|>'\"#%@,?~<1.0", max_size=200))
def test_any_yaml_like_text_gives_a_table_and_never_an_exception(text: str) -> None:
    table, _ = parse_yaml(text.encode(), label="f")
    assert isinstance(table, Table)
