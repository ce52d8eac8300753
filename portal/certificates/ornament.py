"""Fine-line ornament of the certificate, drawn from the statement's digest so that each certificate's differs.

Guilloche as banknotes have it: several copies of one closed wave, turned against each other, weave a net. It carries
no meaning for a machine, prints in one ink and stays light enough to write over. Everything here is a pure function
of its arguments: the same digest always gives the same lines.

The lines are PDF operators (ISO 32000-1, 8.5.2), not SVG: reading some 800 curves back from SVG took as long as
laying out a page. A strand that returns turned or shifted is written once and placed several times.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

# Coordinates are whole units in a box of this half-width: short numbers keep the PDF small.
_HALF = 1000
_BAND_STRANDS = 6
_PIECES_PER_WAVE = 4


@dataclass(frozen=True, slots=True)
class _Line:
    """Colour as a PDF RGB triple, and width in millimetres."""

    colour: str
    millimetres: float


# The teal of the page (#0b5560), and a tint of it that black text stays readable on.
FULL = _Line("0.043 0.333 0.376", 0.09)
PALE = _Line("0.70 0.81 0.82", 0.1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """PDF operators in a ``box`` (width, height) of their own units, to be shown at ``size`` in millimetres.

    Each of ``parts`` is drawn several times: ``places`` names a part and the matrix (a b c d e f) that puts it.
    """

    parts: dict[str, bytes]
    places: tuple[tuple[str, tuple[float, float, float, float, float, float]], ...]
    box: tuple[float, float]
    size: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Ring:
    """A woven ring: ``strands`` copies of a wave with ``lobes`` periods, ``swing`` about a mean ``radius``."""

    radius: float
    swing: float
    lobes: int
    strands: int
    twist: float


def _curve(point: Callable[[float], tuple[float, float]], start: float, stop: float, pieces: int) -> str:
    """A smooth path through ``point(t)`` in PDF operators, with tangents from central differences."""
    step = (stop - start) / pieces
    small = step / 64
    third = step / 3

    def handle(t: float) -> tuple[float, float]:
        (x0, y0), (x1, y1) = point(t - small), point(t + small)
        return (x1 - x0) / (2 * small) * third, (y1 - y0) / (2 * small) * third

    x0, y0 = point(start)
    dx0, dy0 = handle(start)
    parts = [f"{x0:.0f} {y0:.0f} m"]
    for piece in range(1, pieces + 1):
        x1, y1 = point(start + piece * step)
        dx1, dy1 = handle(start + piece * step)
        parts.append(f"{x0 + dx0:.0f} {y0 + dy0:.0f} {x1 - dx1:.0f} {y1 - dy1:.0f} {x1:.0f} {y1:.0f} c")
        x0, y0, dx0, dy0 = x1, y1, dx1, dy1
    return "\n".join(parts)


def _wave(ring: _Ring) -> str:
    def point(angle: float) -> tuple[float, float]:
        radius = ring.radius + ring.swing * math.cos(ring.lobes * angle)
        return radius * math.cos(angle), radius * math.sin(angle)

    return _curve(point, 0, 2 * math.pi, ring.lobes * _PIECES_PER_WAVE)


def _rings(digest: bytes) -> tuple[_Ring, ...]:
    """Three rings whose lobes, widths and turns come from the first bytes of the digest."""
    a, b, c, d, e, f, g, h = digest[:8]
    return (
        _Ring(radius=850 + a % 20, swing=115 + b % 16, lobes=24 + c % 9, strands=5, twist=h / 40),
        _Ring(radius=560 + d % 50, swing=175 + e % 40, lobes=11 + f % 6, strands=6, twist=g / 40),
        _Ring(radius=215 + b % 40, swing=125 + d % 45, lobes=5 + g % 4, strands=6, twist=a / 40),
    )


def rosette(digest: bytes, *, millimetres: float, line: _Line = PALE) -> Drawing:
    """A round guilloche, ``millimetres`` across, from at least eight bytes of ``digest``."""
    parts: dict[str, bytes] = {}
    strands = []
    box = (2.0 * _HALF, 2.0 * _HALF)
    size = (millimetres, millimetres)
    for number, ring in enumerate(_rings(digest)):
        name = f"Ring{number}"
        parts[name] = _stroked(_wave(ring), line, box, size)
        for strand in range(ring.strands):
            turn = ring.twist + 2 * math.pi * strand / ring.strands / ring.lobes
            sine, cosine = math.sin(turn), math.cos(turn)
            strands.append((name, (cosine, sine, -sine, cosine, _HALF, _HALF)))
    return Drawing(parts, tuple(strands), box, size)


@lru_cache(maxsize=4)
def band(*, millimetres: float, height: float, waves: int = 15, line: _Line = FULL) -> Drawing:
    """A straight guilloche, ``millimetres`` wide and ``height`` high; the same on every certificate."""
    width = 2 * _HALF * millimetres / height
    period = width / waves
    box, size = (width, 2.0 * _HALF), (millimetres, height)

    def strand(phase: float) -> str:
        def point(x: float) -> tuple[float, float]:
            turn = 2 * math.pi * x / period
            return x, _HALF * (1 + 0.62 * math.sin(turn + phase) + 0.34 * math.sin(3 * turn - phase))

        return _curve(point, 0, period, 3 * _PIECES_PER_WAVE)

    weave = " S\n".join(strand(2 * math.pi * number / _BAND_STRANDS) for number in range(_BAND_STRANDS))
    places = tuple(("Wave", (1.0, 0.0, 0.0, 1.0, number * period, 0.0)) for number in range(waves))
    return Drawing({"Wave": _stroked(weave, line, box, size)}, places, box, size)


def _stroked(path: str, line: _Line, box: tuple[float, float], size: tuple[float, float]) -> bytes:
    width = line.millimetres / size[1] * box[1]
    return f"{line.colour} RG {width:.2f} w 1 j 1 J\n{path} S\n".encode("ascii")
