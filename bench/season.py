"""A whole season of the papers with planted faults: every fault is raised within a minute of its term, and nothing else is.

    python bench/season.py [POINTS [FAULTS [ROOMS [FORMAL]]]]

By default 333 points of 15 rooms (a bag of papers and one of cards for each half-day: 30 bags, 60 with the afternoon), 500
faults of thirteen kinds, and 40 points that receive by formal handovers with every signature. The rest of the honest mass changes
hands by the chain's own bulk path, one operation for the nation at each of its eight changes of hands; stores, keys, guards,
journeys, reports of the day, every fault and the watch go through the services. Prints what was planted and raised, by kind, with
time and memory. Ends with 1 if a fault was missed, raised late or early, or anything was raised falsely.
"""

import resource
import sys
import time

from _season import machine

from keju.web.rehearsal.scratch import scratch

WAVES = 4


def main(count: int, faults: int, rooms: int, formal: int) -> int:
    print(machine())
    begun = time.perf_counter()
    with scratch(1):
        from keju.web.cli._common import with_django

        with_django()
        from keju.kernel.offices import divisions
        from keju.stages.custody.tests.season import course, nation
        from keju.stages.custody.tests.season.faults import drawn

        def say(words: str) -> None:
            print(f"{time.perf_counter() - begun:7.0f} s  {words}", flush=True)

        points = _spread([d.code for d in divisions.points()], count)
        planted = drawn(points, faults, seed=1, waves=WAVES)
        uncovered = {f.point: course.moment(f) for f in planted if f.kind == "uncovered_hour"}
        made = nation.nation(points, rooms=rooms, uncovered=uncovered)
        say(f"{len(points)} points of {len(made.regions)} regions, {len(points) * rooms * 4:,} bags")
        season = course.Season(made, planted, formal)
        verdict = course.run(season, say)
        _print(season, verdict)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{time.perf_counter() - begun:.0f} s, {time.process_time():.0f} s of Python, {peak:,.0f} MB at most; {machine()}"
    )
    return int(not verdict.is_exact)


def _spread(codes: list[str], count: int) -> list[str]:
    """So many of them, in every region alike."""
    return sorted(sorted(codes, key=lambda c: (c[2:], c))[:count])


def _print(season, verdict) -> None:
    print(f"{'kind':20} {'planted':>7} {'raised':>7} {'findings':>8}")
    for kind, planted, raised, findings in verdict.table:
        print(f"{kind:20} {planted:7} {raised:7} {findings:8}")
    total = [sum(row[n] for row in verdict.table) for n in (1, 2, 3)]
    print(f"{'all':20} {total[0]:7} {total[1]:7} {total[2]:8}   false: {len(verdict.false)}")
    print(
        f"{season.looks} looks, the longest {season.longest:.1f} s, all {season.looking:.0f} s; {verdict.again} told again;"
        f" {season.steps():,} steps of the chain"
    )
    for what, found in (
        ("missing", verdict.missing),
        ("untimely", verdict.untimely),
        ("false", verdict.false),
    ):
        for one in found[:20]:
            print(f"{what}: {one}")


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    sys.exit(main(*(given + [333, 500, 15, 40][len(given) :])))
