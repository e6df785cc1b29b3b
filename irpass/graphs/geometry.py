"""Points and the pieces that edges are drawn of."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """A place in a picture: `x` goes to the right, `y` down, in pixels."""

    x: float
    y: float


class Segment(NamedTuple):
    """A piece of an edge: a cubic curve with two control points. Where those are its ends, it is a straight line."""

    start: Point
    control_out: Point
    control_in: Point
    end: Point

    @property
    def is_line(self) -> bool:
        return self.control_out == self.start and self.control_in == self.end

    def at(self, t: float) -> Point:
        """The point at `t` of the way along, 0 to 1."""
        u = 1 - t
        weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
        x, y = (sum(w * p[i] for w, p in zip(weights, self, strict=True)) for i in (0, 1))
        return Point(x, y)

    def shifted(self, dx: float, dy: float) -> Segment:
        a, b, c, d = self
        return Segment(
            Point(a.x + dx, a.y + dy), Point(b.x + dx, b.y + dy), Point(c.x + dx, c.y + dy), Point(d.x + dx, d.y + dy)
        )


def upright(start: Point, end: Point, lead_out: float, lead_in: float) -> Segment:
    """A curve that is vertical at both ends; the leads are how far below them its control points are."""
    return Segment(start, Point(start.x, start.y + lead_out), Point(end.x, end.y + lead_in), end)
