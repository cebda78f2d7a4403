"""The report of used spare papers as plain data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keju.rulebook import rule
from keju.rulebook.words import Words
from keju.stages.custody.documents.handovers import both, moment

Line = tuple[str, Words, int, str, Words, str, int, int, str, datetime]


@rule("V15.6")
def spare_report(*, exam: Words, office: Words, at: datetime, uses: Sequence[Line]) -> dict[str, Any]:
    """Plain data for `custody/spares`. `uses`: site, session, room, ticket, what was wrong, note, serial of the defective
    paper, serial of the spare, who consented, when."""
    return {
        "exam": both(exam),
        "office": both(office),
        "at": moment(at),
        "uses": [
            {
                "site": site, "session": both(session), "room": str(room), "ticket": ticket, "defect": both(defect),
                "note": note, "defective": str(bad), "spare": str(spare), "head": head, "when": moment(when),
            }
            for site, session, room, ticket, defect, note, bad, spare, head, when in uses
        ],
    }  # fmt: skip
