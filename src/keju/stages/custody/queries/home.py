"""The papers of an office at a glance: how many containers are in which kind of place, closed or open."""

from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.custody.rules.places import Spot

# What lies in an outer container is where that is, and under its seal as well. An emptied outer one needs none.
STOCK = """
SELECT split_part(coalesce(o.place, h.place), ':', 1) AS spot, c.kind, count(*),
  count(*) FILTER (WHERE h.seal <> '' OR o.seal <> ''), count(*) FILTER (WHERE h.frozen OR o.frozen), sum(h.copies)
FROM custody_holding h
JOIN custody_container c ON c.id = h.container_id
LEFT JOIN custody_holding o ON o.container_id = h.parent_id
WHERE h.exam_id = %s AND h.office_path >= %s AND h.office_path < %s
  AND (c.kind NOT IN ('box', 'pack') OR EXISTS (SELECT FROM custody_holding i WHERE i.parent_id = h.container_id))
GROUP BY 1, 2
"""
ORDER = {str(spot): n for n, spot in enumerate(Spot)}


@dataclass(frozen=True)
class Stock:
    """So many containers of a kind in places of one kind; `spot` "" where the outer container is another office's.

    `frozen` ones are among the `sealed` or open ones. `sheets`: papers, or cards in a card bag.
    """

    spot: str
    kind: str
    containers: int
    sealed: int
    frozen: int
    sheets: int

    @property
    def open(self) -> int:
        return self.containers - self.sealed


def stock(exam: Exam, *, viewer: Actor) -> list[Stock]:
    """The viewer's containers by kind of place, from the printing house onward. One statement."""
    path = viewer.office_path or "-"
    with connection.cursor() as cursor:
        cursor.execute(STOCK, [exam.pk, path, path + "~"])
        found = [Stock(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda s: (ORDER.get(s.spot, -1), s.kind))
