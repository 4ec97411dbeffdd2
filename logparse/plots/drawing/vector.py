"""SVG from a figure, written by a renderer of our own.

matplotlib's own takes its salt and its way with texts from global settings, writes a date, fonts as
outlines, and coordinates to nine digits. This one writes texts as texts, colours by their roles
where that is wanted, and nothing that changes from one day to the next.
"""

from __future__ import annotations

import io
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

    from logparse.signals.series import FloatArray

_LETTERS = {
    Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z",
}  # fmt: skip
_ANCHORS = {"left": "start", "right": "end", "center": "middle"}
# What sticks out of the axes by less is not worth a clip path.
_SLACK = 1.0
_PALETTE = 256


class SvgRenderer(RendererBase):
    """Draws a figure at 72 dots per inch, a dot a unit; `body` is what stands between <svg> tags.

    id_prefix  starts every id
    names      what is written for a colour, by `#rrggbb`; others are written as they are
    """

    def __init__(
        self, width: float, height: float, *, id_prefix: str = "", names: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._width, self._height = width, height
        self._id_prefix = id_prefix
        self._names = names
        self._parts: list[str] = []
        self._clips: dict[tuple[float, ...], str] = {}

    @property
    def body(self) -> str:
        """All elements in the order in which they were drawn."""
        clips = "".join(
            f'<clipPath id={quoteattr(name)}><path d="{_box(box)}"/></clipPath>'
            for box, name in self._clips.items()
        )
        return (f"<defs>{clips}</defs>" if clips else "") + "".join(self._parts)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Width and height in units."""
        return self._width, self._height

    def points_to_pixels(self, points: Any) -> Any:
        """A point is a unit."""
        return points

    def option_scale_image(self) -> bool:
        """Images come as they are, with a transformation."""
        return True

    def option_image_nocomposite(self) -> bool:
        """Images are not put together into one."""
        return True

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """A path, filled with `rgbFace` and stroked as the context says."""
        flipped = transform + Affine2D().scale(1.0, -1.0).translate(0.0, self._height)
        around = (-50.0, -50.0, self._width + 50.0, self._height + 50.0)
        can_clip = rgbFace is None and path.codes is None
        drawn = path.cleaned(
            transform=flipped, remove_nans=True, clip=around if can_clip else None, curves=True
        )
        style = self._fill(gc, rgbFace) + self._stroke(gc)
        data = _path_data(drawn)
        if not data or not style:
            return
        clip = self._clip(gc, np.asarray(drawn.vertices)[:-1])  # the last one only says stop
        self._parts.append(f'<path d="{data}"{_style(style)}{clip}/>')

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None
    ) -> None:
        """An image as PNG within the SVG; its pixels stay rectangles with sharp edges."""
        high, wide = im.shape[:2]
        if not high or not wide:
            return
        placed = (transform or Affine2D().scale(wide, high)) + Affine2D().translate(x, y).scale(
            1.0, -1.0
        ).translate(0.0, self._height)
        (x0, y0), (x1, y1) = placed.transform([(0.0, 0.0), (1.0, 1.0)])
        upright = im[:: 1 if y0 < y1 else -1, :: 1 if x0 < x1 else -1]
        self._parts.append(
            f'<image x="{_short(min(x0, x1))}" y="{_short(min(y0, y1))}" '
            f'width="{_short(abs(x1 - x0))}" height="{_short(abs(y1 - y0))}" '
            'preserveAspectRatio="none" style="image-rendering:pixelated" '
            f'href="data:image/png;base64,{_png(upright)}"/>'
        )

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        """A text as text, aligned where it was put, so that it may be set in another font."""
        anchor = "left"
        if mtext is not None and (angle == 0 or mtext.get_rotation_mode() == "anchor"):
            x, y = self._anchored(mtext, x, y, angle)
            anchor = str(mtext.get_horizontalalignment())
        style = [
            f"fill:{self._colour(gc.get_rgb())}",
            f"font-size:{_short(prop.get_size_in_points())}px",
        ]
        style += ["font-weight:700"] if prop.get_weight() == "bold" else []
        style += [f"text-anchor:{_ANCHORS[anchor]}"] if anchor != "left" else []
        turn = f' transform="rotate({_short(-angle)} {_short(x)} {_short(y)})"' if angle else ""
        self._parts.append(
            f'<text x="{_short(x)}" y="{_short(y)}"{_style(style)}{turn}>{escape(s)}</text>'
        )

    def _anchored(self, text: Text, x: float, y: float, angle: float) -> tuple[float, float]:
        """Where the text is aligned along its line, and its baseline across."""
        at = text.get_transform().transform(text.get_unitless_position())
        along = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])
        start = np.array([x, y])
        x, y = start + along * ((np.array([at[0], self._height - at[1]]) - start) @ along)
        return float(x), float(y)

    def _colour(self, rgb: Any) -> str:
        shown = to_hex(rgb)
        return self._names.get(shown, shown)

    def _fill(self, gc: GraphicsContextBase, face: Any) -> list[str]:
        if face is None or (len(face) > 3 and face[3] == 0):
            return []
        alpha = gc.get_alpha() if gc.get_forced_alpha() or len(face) < 4 else face[3]
        return [f"fill:{self._colour(face)}"] + (
            [f"fill-opacity:{_short(alpha)}"] if alpha < 1 else []
        )

    def _stroke(self, gc: GraphicsContextBase) -> list[str]:
        rgb = gc.get_rgb()
        alpha = gc.get_alpha() if gc.get_forced_alpha() else rgb[3]
        if not gc.get_linewidth() or not alpha:
            return []
        style = [f"stroke:{self._colour(rgb)}"]
        style += [f"stroke-width:{_short(gc.get_linewidth())}"] if gc.get_linewidth() != 1 else []
        style += [f"stroke-opacity:{_short(alpha)}"] if alpha < 1 else []
        _, dashes = gc.get_dashes()
        if dashes is not None:
            style.append(
                "stroke-dasharray:" + " ".join(_short(float(dash)) for dash in np.asarray(dashes))
            )
        return style

    def _clip(self, gc: GraphicsContextBase, vertices: FloatArray) -> str:
        """The attribute that keeps what sticks out of the axes from being seen, where some does."""
        box = gc.get_clip_rectangle()
        if box is None:
            return ""
        x0, x1 = box.x0, box.x1
        y0, y1 = self._height - box.y1, self._height - box.y0
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        is_inside = (low >= (x0 - _SLACK, y0 - _SLACK)).all() and (
            high <= (x1 + _SLACK, y1 + _SLACK)
        ).all()
        if is_inside:
            return ""
        key = (x0, y0, x1, y1)
        name = self._clips.setdefault(key, f"{self._id_prefix}clip{len(self._clips)}")
        return f" clip-path={quoteattr(f'url(#{name})')}"


def _style(style: list[str]) -> str:
    return f" style={quoteattr(';'.join(style))}"


def _short(value: float) -> str:
    """A coordinate to a hundredth, without zeros at the end."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _box(box: tuple[float, ...]) -> str:
    left, top, right, bottom = map(_short, box)
    return f"M{left} {top}H{right}V{bottom}H{left}Z"


def _path_data(path: Path) -> str:
    """A path in SVG's letters; those that mean the same again are left out."""
    written: list[str] = []
    previous = ""
    vertices, codes = np.asarray(path.vertices).tolist(), np.asarray(path.codes).tolist()
    for (x, y), code in zip(vertices, codes, strict=True):
        if code == Path.STOP:
            break
        letter = _LETTERS[code]
        place = "" if letter == "Z" else f"{_short(x)} {_short(y)}"
        written.append((" " if letter == previous != "M" else letter) + place)
        previous = letter
    return "".join(written)


def _png(pixels: Any) -> str:
    """An image of bytes (rows, columns, 4) as PNG in base 64, with a palette where one will do."""
    high, wide, _ = pixels.shape
    packed = np.ascontiguousarray(pixels).view(np.uint32).reshape(high, wide)
    colours, at = np.unique(packed, return_inverse=True)
    kept = io.BytesIO()
    if len(colours) > _PALETTE:
        Image.fromarray(np.ascontiguousarray(pixels)).save(kept, "png")
        return b64encode(kept.getvalue()).decode("ascii")
    image = Image.fromarray(at.reshape(high, wide).astype(np.uint8)).convert("P")
    table = colours.view(np.uint8).reshape(-1, 4)
    image.putpalette(table[:, :3].tobytes())
    image.save(kept, "png", transparency=table[:, 3].tobytes(), optimize=True)
    return b64encode(kept.getvalue()).decode("ascii")
