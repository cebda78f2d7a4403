"""The codes with which people without a sign-in sign in a rehearsal: given out as they are needed, each used once."""

from datetime import datetime

from keju.kernel.accounts.services import issue_signing_codes
from keju.web.rehearsal.world import CLOCKWORK


class Codes:
    """`each`: codes on a person's sheet; when they are used up there is a new sheet."""

    def __init__(self, at: datetime, each: int = 10) -> None:
        self._at, self._each = at, each
        self._left: dict[int, list[str]] = {}

    def of(self, *people: int) -> dict[int, str]:
        """Person → a code not used yet."""
        return {person: self.next(person) for person in people}

    def next(self, person: int) -> str:
        """A code of theirs not used yet."""
        if not self._left.get(person):
            self._left[person] = issue_signing_codes(
                person_id=person, count=self._each, by=CLOCKWORK, at=self._at
            )
        return self._left[person].pop(0)
