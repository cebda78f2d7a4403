"""How every paper ends: destroyed by order, returned, or missing with a case (V16.2.1). Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.chain import Counts
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.places import Spot, read


@dataclass(frozen=True)
class Ending:
    """A bag of papers as it stands in the point's store after the exam. `is_explained`: what is missing has its finding."""

    code: str
    kind: Kind
    place: str
    counts: Counts
    is_frozen: bool
    is_explained: bool = True

    @property
    def to_destroy(self) -> int:
        """Papers that end at the point: whole ones, written on or not."""
        return self.counts.used + self.counts.unused

    @property
    def to_return(self) -> int:
        """Papers that go to the centre: incomplete and damaged ones."""
        return self.counts.defective


@rule("V16.2.1")
def destroyed(counts: Counts) -> Counts:
    """The counts after destruction: the whole ones are gone; what is incomplete or missing stays as it is."""
    gone = counts.used + counts.unused
    return replace(counts, used=0, unused=0, destroyed=counts.destroyed + gone)


@rule("V16.2.1")
def check_destroyable(bags: Sequence[Ending], ends_at: datetime, at: datetime) -> Iterator[Refusal]:
    """After the exam; papers out of a store, counted, none frozen, none that must go back to the centre among them."""
    if at < ends_at:
        yield Refusal("V16.2.1", "destruction_too_early", {"ends": ends_at})
    if not bags:
        yield Refusal("V16.2.1", "destruction_nothing")
    for code, wrong in (
        ("destruction_not_papers", [b for b in bags if b.kind != Kind.BAG]),
        ("destruction_not_stored", [b for b in bags if not b.place or read(b.place).spot != Spot.STORE]),
        ("destruction_frozen", [b for b in bags if b.is_frozen]),
        ("destruction_uncounted", [b for b in bags if b.counts.inside or b.counts.out]),
        ("destruction_defective", [b for b in bags if b.to_return]),
        ("destruction_unexplained", [b for b in bags if b.counts.missing and not b.is_explained]),
    ):
        if wrong:
            yield Refusal("V16.2.1", code, {"containers": _named([b.code for b in wrong])})


@rule("V16.2.1")
def check_how(*, method: str, place: str) -> Iterator[Refusal]:
    """The order says where and how."""
    if not method.strip():
        yield Refusal("V16.2.1", "destruction_no_method", field="method")
    if not place.strip():
        yield Refusal("V16.2.1", "destruction_no_place", field="place")


@rule("V16.2.1")
def check_record(
    *, watchers: Collection[int], heads: Collection[int], officers: Collection[int], staff: Collection[int]
) -> Iterator[Refusal]:
    """A head and a confidential officer watch, and others do it."""
    if not set(watchers) & set(heads):
        yield Refusal("V16.2.1", "destruction_no_head", field="head")
    if not set(watchers) & set(officers):
        yield Refusal("V16.2.1", "destruction_no_officer", field="officer")
    if not set(staff) - set(watchers):
        yield Refusal("V16.2.1", "destruction_no_staff", field="staff_1")


def _named(codes: Sequence[str]) -> str:
    more = f" … ({len(codes)})" if len(codes) > 5 else ""
    return "、".join(sorted(codes)[:5]) + more
