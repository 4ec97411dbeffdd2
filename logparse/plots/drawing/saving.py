"""Figures as files, and as SVG within a page: equal figures give equal bytes, on any day."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from matplotlib.backends.backend_agg import FigureCanvasAgg

from logparse.plots.drawing.lettering import FAMILY, POINTS_PER_INCH
from logparse.plots.drawing.vector import SvgRenderer
from logparse.plots.look import LIGHT
from logparse.renderers.spans import escape as visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from matplotlib.figure import Figure

Format: TypeAlias = Literal["png", "svg", "pdf"]

_NAMED = {colour: f"var(--{role})" for role, colour in LIGHT.items()}
_FALLBACKS = f"'{FAMILY}',Verdana,sans-serif"


def save(
    figures: Sequence[Figure], stream: BinaryIO, format: Format = "png", dpi: float = 150.0
) -> None:
    """Write figures to a stream of bytes: a page each as PDF, exactly one as PNG or SVG.

    `dpi` is for PNG. Raises ValueError for no figure, for several where one is wanted, and for
    another format.
    """
    if format not in ("png", "svg", "pdf"):
        raise ValueError(f"figures are saved as png, svg or pdf, not as {format!r}")
    if not figures or (len(figures) > 1 and format != "pdf"):
        raise ValueError(
            f"{format} takes {'figures' if format == 'pdf' else 'one figure'}, not {len(figures)}"
        )
    if format == "pdf":
        _save_pdf(figures, stream)
    elif format == "png":
        with _drawn_at(figures[0], dpi):
            canvas: Any = FigureCanvasAgg(figures[0])
            canvas.print_png(stream, metadata={"Software": None})
    else:
        stream.write(_file(figures[0]).encode())


def _save_pdf(figures: Sequence[Figure], stream: BinaryIO) -> None:
    from matplotlib.backends.backend_pdf import PdfPages

    nothing = {"Creator": None, "Producer": None, "CreationDate": None}
    with PdfPages(stream, metadata=nothing) as pages:
        for figure in figures:
            with _drawn_at(figure, figure.dpi):
                # Named, so that no setting of the user's cuts the page.
                pages.savefig(
                    figure, bbox_inches=figure.bbox_inches, facecolor=figure.get_facecolor()
                )


def svg(
    figure: Figure, *, title: str, description: str, id_prefix: str = "", is_themed: bool = False
) -> str:
    """The figure as an SVG element for an HTML page, without width and height of its own.

    title, description  what it is and what is to be seen in it, for who does not see it
    id_prefix           starts all ids, so that they are unique in a page with several
    is_themed           colours of `look.LIGHT` are written as `var(--ROLE)` and the page's font is
                        used, so that one drawing serves light pages and dark ones; heatmaps keep
                        their colours
    """
    renderer = _rendered(figure, id_prefix, is_themed)
    named = f"{id_prefix}title", f"{id_prefix}desc"
    family = "inherit" if is_themed else _FALLBACKS
    return (
        f'<svg {_view(renderer)} role="img" aria-labelledby={quoteattr(" ".join(named))} '
        f'style="font-family:{family}">'
        f"<title id={quoteattr(named[0])}>{escape(visible(title))}</title>"
        f"<desc id={quoteattr(named[1])}>{escape(visible(description))}</desc>"
        f"{renderer.body}</svg>"
    )


def _file(figure: Figure) -> str:
    renderer = _rendered(figure, "", False)
    width, height = renderer.get_canvas_width_height()
    return (
        f'<svg {_view(renderer)} width="{width:g}pt" height="{height:g}pt" '
        f'style="font-family:{_FALLBACKS}">{renderer.body}</svg>\n'
    )


def _view(renderer: SvgRenderer) -> str:
    width, height = renderer.get_canvas_width_height()
    return (
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.2f} {height:.2f}" fill="none" '
        'stroke-linejoin="round"'
    )


def _rendered(figure: Figure, id_prefix: str, is_themed: bool) -> SvgRenderer:
    width, height = (float(inches) * POINTS_PER_INCH for inches in figure.get_size_inches())
    renderer = SvgRenderer(width, height, id_prefix=id_prefix, names=_NAMED if is_themed else {})
    with _drawn_at(figure, POINTS_PER_INCH):
        figure.draw(renderer)
    return renderer


@contextmanager
def _drawn_at(figure: Figure, dpi: float) -> Iterator[None]:
    """The figure at another resolution; it gets back its own, and its canvas."""
    canvas, before = figure.canvas, figure.dpi
    figure.dpi = dpi
    try:
        yield
    finally:
        figure.dpi = before
        figure.set_canvas(canvas)
