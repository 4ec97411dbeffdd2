"""Figures as files and within pages: deterministic, small, safe."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from logparse.findings import Severity
from logparse.plots.content import Axis, Chart, Mark, Picture
from logparse.plots.drawing.figures import figure
from logparse.plots.drawing.saving import Format, save, svg
from logparse.plots.look import DARK, LIGHT, Look
from tests.plots.pictures import a_heatmap, a_line, a_picture, an_attention_map, five_panels, words

SVG = "{http://www.w3.org/2000/svg}"


def saved(drawn: Figure, format: Format) -> bytes:
    stream = io.BytesIO()
    save([drawn], stream, format)
    return stream.getvalue()


def parsed(drawn: Figure, **more: object) -> ElementTree.Element:
    given = {"title": "a title", "description": "what is seen"} | more
    return ElementTree.fromstring(svg(drawn, **given))  # type: ignore[arg-type]


def written(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_equal_pictures_give_equal_files_in_threads_too(format: Format) -> None:
    def draw(_: int) -> bytes:
        return saved(figure(a_picture(*five_panels().panels, a_heatmap(30))), format)

    with ThreadPoolExecutor(4) as threads:
        files = [draw(0), *threads.map(draw, range(4))]
    assert len({*files}) == 1


def test_a_png_has_the_size_that_was_asked_for_and_says_nothing_of_its_maker() -> None:
    drawn = figure(five_panels())
    stream = io.BytesIO()
    save([drawn], stream, "png", dpi=50)
    image = Image.open(io.BytesIO(stream.getvalue()))
    assert image.size[0] == 400
    assert "Software" not in image.info


def test_a_pdf_has_a_page_for_each_figure_and_no_date() -> None:
    stream = io.BytesIO()
    save([figure(five_panels()), figure(a_picture())], stream, "pdf")
    assert stream.getvalue().count(b"/Type /Page ") == 2
    for word in (b"CreationDate", b"Creator", b"Producer"):
        assert word not in stream.getvalue()


def test_formats_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="not as 'gif'"):
        save([figure(a_picture())], io.BytesIO(), "gif")  # type: ignore[arg-type]
    for format in ("png", "svg"):
        with pytest.raises(ValueError, match="one figure, not 2"):
            save([figure(a_picture())] * 2, io.BytesIO(), format)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not 0"):
        save([], io.BytesIO(), "pdf")


def test_saving_leaves_a_figure_as_it_was() -> None:
    drawn = figure(five_panels())
    before = drawn.dpi, drawn.canvas
    for format in ("png", "svg", "pdf"):
        saved(drawn, format)  # type: ignore[arg-type]
    assert (drawn.dpi, drawn.canvas) == before


def test_an_svg_file_has_a_size_and_one_within_a_page_has_none() -> None:
    drawn = figure(five_panels())
    file = ElementTree.fromstring(saved(drawn, "svg"))
    assert file.get("width") == "576pt"
    inline = parsed(drawn)
    assert inline.get("width") is None
    assert inline.get("viewBox") == f"0 0 576.00 {drawn.get_size_inches()[1] * 72:.2f}"


def test_an_svg_says_what_it_is_to_who_does_not_see_it() -> None:
    root = parsed(figure(five_panels()), title="<run>", description="a & b\x1b", id_prefix="r1-")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "<run>"
    assert description is not None and description.text == "a & b\\x1b"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_all_ids_start_with_the_prefix_and_are_referred_to() -> None:
    line = a_line(np.linspace(0, 1, 70))
    narrow = Picture(
        title="", axis=Axis("epoch", 10, 20), panels=(Chart(title="a", lines=(line,)),)
    )
    source = svg(figure(narrow), title="t", description="d", id_prefix="r7-")
    ids = re.findall(r'\bid="([^"]*)"', source)
    assert ids and all(name.startswith("r7-") for name in ids)
    assert len(ids) == len({*ids})
    assert {*re.findall(r"url\(#([^)]*)\)", source)} == {"r7-clip0"}


def test_what_stays_within_the_axes_needs_no_clip_path() -> None:
    assert "clip-path" not in svg(figure(five_panels()), title="t", description="d")


def test_texts_are_texts_at_the_places_where_agg_draws_them() -> None:
    drawn = figure(a_picture(*five_panels().panels, an_attention_map(6)))
    root = parsed(drawn)
    assert sorted(written(root)) == sorted(word.text for word in words(drawn))
    height = drawn.get_size_inches()[1] * 72
    places = {word.text: word.box for word in words(drawn)}
    for text in root.iter(f"{SVG}text"):
        box = places["".join(text.itertext())]
        x, y = float(text.get("x", 0)), height - float(text.get("y", 0))
        if text.get("transform") is None and written(root).count(text.text or "") == 1:
            assert box.y0 * 0.72 - 1.5 <= y <= box.y1 * 0.72 + 1.5
            assert box.x0 * 0.72 - 2 <= x <= box.x1 * 0.72 + 2


def test_there_is_no_prologue_no_comment_and_no_metadata() -> None:
    source = svg(figure(five_panels()), title="t", description="d")
    assert source.startswith("<svg ")
    assert source.endswith("</svg>")
    for word in ("<?xml", "<!--", "<!DOCTYPE", "metadata", "matplotlib"):
        assert word not in source


def test_log_text_stays_text() -> None:
    bad = '</text><script>alert(1)</script> fill:#1a6fd0 "&amp;'
    chart = Chart(
        title=bad, lines=(a_line([1, 2, 3], bad),), marks=(Mark(bad, bad, Severity.NOTE, 1, 2),)
    )
    root = parsed(figure(a_picture(chart, epochs=3, title=bad)), is_themed=True, id_prefix='"><b>')
    assert not list(root.iter(f"{SVG}script"))
    assert not list(root.iter(f"{SVG}b"))
    assert any("fill:#1a6fd0" in text for text in written(root))


def test_a_themed_drawing_has_roles_for_colours() -> None:
    source = svg(figure(five_panels()), title="t", description="d", is_themed=True)
    styles = " ".join(re.findall(r'style="([^"]*)"', source))
    assert not re.findall(r"#[0-9a-f]{6}", styles)
    used = {*re.findall(r"var\(--([a-z0-9]+)\)", styles)}
    assert {"paper", "ink", "muted", "grid", "val", "train", "error", "part3"} <= used <= {*LIGHT}
    assert "font-family:inherit" in styles
    plain = svg(figure(five_panels()), title="t", description="d")
    assert "var(" not in plain and "DejaVu Sans" in plain


def test_a_dark_drawing_has_dark_paper() -> None:
    source = svg(figure(five_panels(), Look(colours=DARK)), title="t", description="d")
    assert DARK["paper"] in source and LIGHT["paper"] not in source


def test_the_image_of_a_heatmap_has_a_pixel_for_each_value_the_first_row_on_top() -> None:
    values = np.linspace(0.0, 1.0, 6).reshape(2, 3)
    values[0, 1] = np.nan
    shown = a_heatmap(2, 3, values=values, is_log=False)
    image = next(parsed(figure(a_picture(shown, epochs=3))).iter(f"{SVG}image"))
    _, _, data = (image.get("href") or "").partition("base64,")
    import base64

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")).astype(int)
    assert pixels.shape == (2, 3, 4)
    assert pixels[0, 1, 3] == 0
    assert pixels[0, 0, :3].sum() < pixels[0, 2, :3].sum() < pixels[1, 2, :3].sum()
    assert image.get("style") == "image-rendering:pixelated"


def test_an_overview_of_seventy_epochs_is_small() -> None:
    assert len(svg(figure(five_panels()), title="t", description="d")) < 40_000
    large = svg(figure(a_picture(a_heatmap(400))), title="t", description="d")
    assert len(large) < 100_000


def test_a_picture_shows_itself_in_a_notebook() -> None:
    shown = five_panels()._repr_svg_()
    assert ElementTree.fromstring(shown).tag.endswith("svg")
