"""What the year leads to: transcripts, registers of passes, certificates."""

from keju.kernel.files import queries as files
from keju.kernel.offices import acting
from keju.stages.certificates import queries as certified
from keju.stages.certificates import services as certifying
from keju.stages.results import queries
from keju.stages.results import services as printing
from keju.stages.tickets import queries as tickets
from keju.web.rehearsal.papers.candidates import owners, points, sites
from keju.web.rehearsal.world import CLOCKWORK, World

#: the most certificates that are printed in one go
BATCH = 500


def results(world: World) -> dict[str, int]:
    """Everybody with a result prints the transcript; every region has its register as PDF and spreadsheet."""
    count = {"transcripts": 0, "registers": 0}
    at = world.calendar.released
    for _, site in sites(world):
        with acting(CLOCKWORK):
            rooms = tickets.seat_numbers(viewer=CLOCKWORK, exam=world.exam, site_code=site)
        for seats in rooms.values():
            numbers = {pk: number for _, number, pk in seats}
            for pk, owner in owners(world, numbers):
                with acting(owner):
                    if queries.own_result(viewer=owner, exam=world.exam) is None:
                        continue  # missed every session
                    pdf = printing.print_transcript(exam=world.exam, by=owner, at=at, language="zh")
                world.write(f"transcripts/{site}/{numbers[pk]}.pdf", pdf)
                count["transcripts"] += 1
    office = world.national("office_officer")
    with acting(office):
        for sent in queries.registers(viewer=office, exam=world.exam):
            for kind, sha in (("pdf", sent.pdf_sha256), ("xlsx", sent.xlsx_sha256)):
                world.write(f"registers/{sent.region_code}.{kind}", files.read(sha, viewer=office))
            count["registers"] += 1
    return count


def certificates(world: World) -> dict[str, int]:
    """The certificates of every point, a page each, in files of at most `BATCH`."""
    officer, count = world.national("centre_certificates"), 0
    with acting(officer):
        for point in points(world):
            ids = certified.ids(viewer=officer, exam=world.exam, point_code=point.code)
            for part, start in enumerate(range(0, len(ids), BATCH), 1):
                some = ids[start : start + BATCH]
                pdf = certifying.print_certificates(
                    exam=world.exam, certificate_ids=some, by=officer, at=world.calendar.granted
                )
                world.write(f"certificates/{point.code}-{part}.pdf", pdf)
                count += len(some)
    return {"certificates": count}
