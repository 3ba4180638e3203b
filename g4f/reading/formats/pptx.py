"""PPTX: each slide's text, tables and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from pptx import Presentation
from pptx.shapes.autoshape import Shape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape

from g4f.reading.archives import opened
from g4f.reading.outline import table
from g4f.reading.pieces import Limits, Piece, Progress, Section
from g4f.reading.reasons import shown


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each slide, headed by its title; a slide is a page."""
    opened(file, limits)
    slides = Presentation(file).slides
    for number, slide in enumerate(slides, 1):
        yield Progress(number, len(slides))
        title = slide.shapes.title.text_frame.text if slide.shapes.title is not None else ""
        texts = list(_texts(slide.shapes))
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None and notes.text.strip():
            texts.append(f"Notes: {notes.text}")
        yield Section("\n\n".join(texts) + "\n", number, shown(title))


def _texts(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        match shape:
            case GroupShape():
                yield from _texts(shape.shapes)
            case GraphicFrame() if shape.has_table:
                yield table([[cell.text for cell in row.cells] for row in shape.table.rows])
            case GraphicFrame() if shape.has_chart:
                yield from _chart(shape.chart)
            case Shape() if shape.text_frame.text.strip():
                yield shape.text_frame.text.replace("\v", "\n")
            case _:
                continue


def _chart(chart: Any) -> Iterator[str]:
    """Yield a chart's title and its figures as a table."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield chart.chart_title.text_frame.text
    for plot in chart.plots:
        series = list(plot.series)
        rows = [[str(name), *(str(one.values[place]) for one in series)] for place, name in enumerate(plot.categories)]
        yield table([["", *(one.name for one in series)], *rows])
