"""Chapter 6: which points host. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from keju.rulebook import Refusal, rule


@rule("V6.1")
def check_hosts(
    assignment: Mapping[str, str],
    counts: Mapping[str, int],
    points: Iterable[str],
    minimum: int,
    most: int,
) -> Iterator[Refusal]:
    """Everybody has a host of this region that is its own host, with no more candidates than a host has ticket serials
    (`most`, V7.2); a small one is refused in principle."""
    known = set(points)
    for point in sorted(set(assignment) | set(assignment.values())):
        if point not in known:
            yield Refusal("V6.1", "venues_point_elsewhere", {"point": point}, field="assignment")
    for point, n in sorted(counts.items()):
        if n and point not in assignment:
            yield Refusal("V6.1", "venues_point_unassigned", {"point": point, "count": n}, field="assignment")
    for point, host in sorted(assignment.items()):
        if assignment.get(host) != host:
            yield Refusal("V6.1", "venues_host_not_own", {"point": point, "host": host}, field="assignment")
    for host, n in sorted(per_host(assignment, counts).items()):
        if n > most:
            yield Refusal(
                "V7.2", "venues_host_full", {"host": host, "count": n, "most": most}, field="assignment"
            )
        if n < minimum and assignment.get(host) == host:
            facts = {"host": host, "count": n, "minimum": minimum}
            yield Refusal("V6.1", "venues_host_small", facts, strength="in principle", field="reason")


def per_host(assignment: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, int]:
    """Candidates at every host."""
    found = dict.fromkeys(assignment.values(), 0)
    for point, host in assignment.items():
        found[host] += counts.get(point, 0)
    return found


@rule("V1.7")
def check_is_host(point: str, hosts: Iterable[str]) -> Iterator[Refusal]:
    """Only points designated as hosts arrange rooms."""
    if point not in set(hosts):
        yield Refusal("V1.7", "venues_not_host", {"point": point})


@rule("V7.1")
def check_tickets_closed(opened: bool) -> Iterator[Refusal]:
    """Once candidates hold tickets, neither hosts nor sites change."""
    if opened:
        yield Refusal("V7.1", "venues_tickets_opened")
