"""Passages: a document's text in pieces, of which no character is lost, and each found by what stands over it."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, strategies as st

from g4f.retrieval.passages import SIZE, Passage, pieces, split
from g4f.retrieval.words import terms
from tests.proofs import proof


class Part(NamedTuple):
    """A section."""

    text: str
    page: int | None = None
    heading: str = ""


WORDS = st.sampled_from(["word ", "слово. ", "Sentence one. ", "\n", "\n\n", "a" * 300, "| x | y |\n", "x\ty\n", " ", "й", "\r\n", "… "])
TEXTS = st.lists(WORDS, max_size=200).map("".join)


def passages_of(*parts: Part) -> list[Passage]:
    return list(split(parts))


@proof("documents split", 100, 3_000)
@given(st.lists(st.builds(Part, TEXTS | st.text(), st.none() | st.integers(1, 9), st.text(max_size=5)), max_size=4))
def test_joined_passages_are_the_document(parts: list[Part]) -> None:
    found, whole = list(split(parts)), "".join(part.text for part in parts)
    assert "".join(passage.text for passage in found) == whole
    assert all(whole.startswith(passage.text, passage.start) and passage.text for passage in found)
    assert all(len(passage.text) <= SIZE * 5 // 4 for passage in found)


def test_a_passage_has_the_page_and_heading_of_its_section() -> None:
    first, second = passages_of(Part("One. ", 1, "A"), Part("Two.", 2, "A > B"))
    assert (first.page, first.heading, second.page, second.heading, second.start) == (1, "A", 2, "A > B", 5)


def test_a_passage_is_found_by_its_heading() -> None:
    (passage,) = passages_of(Part("Call the office.", None, "Holidays > Pay"))
    assert passage.terms.split() == terms("holidays pay call office")


def test_each_part_of_a_table_is_found_by_its_first_row() -> None:
    rows = "".join(f"| pump {number} | {number * 7} |\n" for number in range(200))
    found = passages_of(Part(f"Before the table.\n\n| Item | Pressure |\n{rows}\nAfter it. {'More prose. ' * 200}"))
    tabular = [passage for passage in found if "| pump" in passage.text]
    assert len(tabular) > 4
    assert all("pressur" in passage.terms.split() for passage in tabular)
    assert "pressur" not in found[-1].terms.split()


def test_a_section_that_comes_in_parts_is_split_as_a_whole() -> None:
    text = "| Item | Price |\n" + "".join(f"| nut {number} | {number} |\n" for number in range(300))
    parts = [Part(text[start : start + 999], 1, "Prices") for start in range(0, len(text), 999)]
    assert passages_of(*parts) == passages_of(Part(text, 1, "Prices"))


def test_rows_of_a_table_stay_whole() -> None:
    rows = "".join(f"nut no. {number}\tprice. {number}\n" for number in range(300))
    assert all(piece.endswith("\n") for piece in pieces([rows]))


def test_prose_is_cut_between_sentences_and_not_where_its_lines_end() -> None:
    text = "This sentence goes on over the end of its line,\nas it does in a paper. " * 60
    assert all(piece.rstrip().endswith("paper.") for piece in pieces([text]))


def test_no_passage_is_a_scrap() -> None:
    assert all(len(piece) >= SIZE // 4 for length in range(SIZE, SIZE * 4, 37) for piece in pieces(["x" * length]))
