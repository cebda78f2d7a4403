"""Chapter 18. Pure: numbers, what a collection needs, who passes a request for a new certificate."""

from collections.abc import Iterator

from keju.rulebook import Refusal, rule

SERIAL_WIDTH = 6


@rule("V18.1.1")
def number_of(year: int, region_code: str, serial: int) -> str:
    """The certificate's number: year, region, serial; serials run from 1 without a gap in each region and year."""
    return f"{year}{region_code}{serial:0{SERIAL_WIDTH}d}"


@rule("V18.1.1")
def check_grant(*, released: bool, waiting: int) -> Iterator[Refusal]:
    """Qualifications are granted after the release, to those who passed and have none yet."""
    if not released:
        yield Refusal("V18.1.1", "certificates_not_released")
    elif not waiting:
        yield Refusal("V18.1.1", "certificates_nobody_waits")


@rule("V18.1.1")
def check_delivery(*, certificates: int, delivered: bool) -> Iterator[Refusal]:
    """A point's certificates are sent once, and only if there are any."""
    if not certificates:
        yield Refusal("V18.1.1", "certificates_none_here")
    if delivered:
        yield Refusal("V18.1.1", "certificates_delivered_already")


@rule("V18.1.1")
def check_receipt(*, sent: int, counted: int, received: bool) -> Iterator[Refusal]:
    """The point counted as many as were sent."""
    if received:
        yield Refusal("V18.1.1", "certificates_received_already")
    if counted != sent:
        yield Refusal("V18.1.1", "certificates_count", {"sent": sent, "counted": counted}, field="counted")


@rule("V18.1.1", "V18.1.2")
def check_collection(
    *,
    valid: bool,
    delivered: bool,
    collected: bool,
    identity_seen: bool,
    diploma_owed: bool,
    diploma: bool,
    copies: int,
    needed: int,
) -> Iterator[Refusal]:
    """Collected once, in person with the identity card; who registered as a graduating student hands in the diploma
    and `needed` copies."""
    if not valid:
        yield Refusal("V18.1.1", "certificates_void")
    if not delivered:
        yield Refusal("V18.1.1", "certificates_not_delivered")
    if collected:
        yield Refusal("V18.1.1", "certificates_collected_already")
    if not identity_seen:
        yield Refusal("V18.1.1", "certificates_identity_card", field="identity_seen")
    if diploma_owed and not (diploma and copies >= needed):
        facts = {"needed": needed, "copies": copies}
        yield Refusal("V18.1.2", "certificates_diploma", facts, field="diploma")


@rule("V18.2")
def check_request(*, valid: bool, open_request: bool, reason: str) -> Iterator[Refusal]:
    """A valid certificate may be asked for anew, once at a time, in writing with the reason."""
    if not valid:
        yield Refusal("V18.2", "certificates_void")
    if open_request:
        yield Refusal("V18.2", "certificates_asked_already")
    if not reason.strip():
        yield Refusal("V18.2", "certificates_no_reason", field="reason")


TURN = {"asked": "point", "point": "region", "region": "centre"}


@rule("V18.2")
def check_pass(
    *, state: str, level: str, passed_by: list[str], by: str, identity_copy: bool
) -> Iterator[Refusal]:
    """Point, region and centre pass a request in this order, by three persons; the point saw the identity copy."""
    if TURN.get(state) != level:
        yield Refusal("V18.2", "certificates_not_your_turn", {"state": state})
    if by in passed_by:
        yield Refusal("V18.2", "certificates_same_person")
    if level == "point" and not identity_copy:
        yield Refusal("V18.2", "certificates_identity_copy", field="identity_copy")


def level_of(office_path: str) -> str:
    """Which of the three levels an office is: "/" centre, "/11/" region, "/11/1101/" point; "" for no office."""
    depth = len([part for part in office_path.split("/") if part])
    return {0: "centre" if office_path else "", 1: "region", 2: "point"}.get(depth, "")


def masked_name(name: str) -> str:
    """The first letter and a star for each other: enough to recognise somebody, too little to learn a name."""
    return name[:1] + "*" * min(len(name) - 1, 4)
