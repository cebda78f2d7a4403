"""A layout as arrays, worked out once per template: the reader moves points, not pixels."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.layout import GROUP, Box, CardLayout

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Geometry:
    """Centres in millimetres, and for each the row of the side track that it stands on.

    `bubbles` (questions × options, 2), `digits` (places × 10, 2), `staff` (2, 2), `gauge` (2, 2),
    `probes` (questions × (options + 1), 2) lie on bare paper beside the bubbles of a row.
    `track` (rows, 2 sides, 2), `rulers` (bands, 6, 2). `groups` (groups, 5) are question indices.
    """

    marks: Points
    orientation: Points
    bubbles: Points
    digits: Points
    staff: Points
    gauge: Points
    probes: Points
    track: Points
    rulers: Points
    groups: NDArray[np.int64]
    group_of: NDArray[np.int64]

    def rows(self, points: Points) -> NDArray[np.int64]:
        """The nearest row of the track for every point."""
        ys = self.track[:, 0, 1]
        return np.asarray(np.abs(points[:, 1:2] - ys[None, :]).argmin(axis=1))


def _centres(boxes: list[Box]) -> Points:
    return np.array([box.centre for box in boxes], dtype=np.float64)


@lru_cache(maxsize=16)
def geometry(layout: CardLayout) -> Geometry:
    """The arrays of a layout."""
    bubbles = _centres([box for row in layout.bubbles for box in row])
    grid = bubbles.reshape(layout.questions, -1, 2)
    step = grid[:, 1:2] - grid[:, 0:1]
    probes = np.concatenate([grid[:, 0:1] - step / 2, grid + step / 2], axis=1).reshape(-1, 2)
    starts = np.arange(0, layout.questions, GROUP)
    groups = np.minimum(starts[:, None] + np.arange(GROUP)[None, :], layout.questions - 1)
    return Geometry(
        marks=np.array(layout.marks),
        orientation=np.array([layout.orientation.centre]),
        bubbles=bubbles,
        digits=_centres([box for place in layout.digits for box in place]),
        staff=_centres([layout.absent, layout.violation]),
        gauge=_centres(list(layout.gauge)),
        probes=probes,
        track=_centres(list(layout.track)).reshape(-1, 2, 2),
        rulers=_centres(list(layout.rulers)).reshape(-1, 6, 2),
        groups=groups,
        group_of=np.arange(layout.questions) // GROUP,
    )


MEASURED = ("bubbles", "probes", "digits", "staff", "gauge")


@lru_cache(maxsize=16)
def targets(layout: CardLayout) -> tuple[Points, NDArray[np.int64], dict[str, slice]]:
    """All measured points of a layout in one array, the track row of each, and where each kind stands in it."""
    g = geometry(layout)
    parts = [getattr(g, name) for name in MEASURED]
    ends = np.cumsum([len(part) for part in parts]).tolist()
    points = np.concatenate(parts)
    slices = {name: slice(end - len(part), end) for name, part, end in zip(MEASURED, parts, ends)}
    return points, g.rows(points), slices
