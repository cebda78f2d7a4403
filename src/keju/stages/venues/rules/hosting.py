"""Chapter 6: which points host. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from keju.rulebook import Refusal, rule


@rule("V6.1")
def propose_hosts(counts: Mapping[str, int], minimum: int) -> dict[str, str]:
    """Point → host: points with too few candidates are merged into the nearest larger one, the smallest first.

    Near is by code. Points without candidates stay out. Every host then has `minimum`, or is the only one.
    """
    group = {point: n for point, n in counts.items() if n > 0}
    host = {point: point for point in group}
    while len(group) > 1:
        small = min(group, key=lambda point: (group[point], point))
        if group[small] >= minimum:
            break
        others = (point for point in group if point != small)
        nearest = min(others, key=lambda point: (abs(int(point) - int(small)), -group[point], point))
        group[nearest] += group.pop(small)
        host = {point: nearest if to == small else to for point, to in host.items()}
    return dict(sorted(host.items()))


@rule("V6.1")
def check_hosts(
    assignment: Mapping[str, str], counts: Mapping[str, int], points: Iterable[str], minimum: int
) -> Iterator[Refusal]:
    """Everybody has a host of this region that is its own host; a small one is refused in principle."""
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
        if n < minimum:
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
