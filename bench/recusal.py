"""Recusal at the size of the nation: a full recheck, a single change, and what a registration pays for it.

    python bench/recusal.py [REGISTRATIONS [MEMBERS]]

Registrations, members, an appointment and three declared relatives of each are made in the database by SQL, in a database of
its own; a hundred of the relatives are candidates. Then everybody is compared anew, single changes are made from each side
(an appointment, a declaration, a registration, a corrected number), and rows of registrations go in with the trigger and without
it. By the clock, median of the single ones, with the machine's load. Ends with 1 above 30 s for the whole or 50 ms for one.
"""

import os
import statistics
import sys
import time
from datetime import UTC, date, datetime

from keju.web.rehearsal.scratch import scratch

NOW = datetime(2011, 6, 1, tzinfo=UTC)
WHOLE_S, SINGLE_MS, ROUNDS = 30, 50, 21
CANDIDATES = """INSERT INTO accounts_candidate (identity_index, identity, name, phone, made_at)
SELECT decode(md5('c' || g), 'hex'), '', 'x', '', now() FROM generate_series({first}, {last}) g"""
REGISTRATIONS = """INSERT INTO registration_registration (exam_id, candidate_id, office_path, point_code, state, version,
 identity, identity_index, phone, email, address, name, sex, birth_on, employer, category, route, route_facts, photo_sha256,
 photo_overruled_by, pledged_at, submitted_at, reason)
SELECT {exam}, c.id, '/11/1101/', '1101', 'confirmed', 1, '', c.identity_index, '', '', '', 'x', 'male', '1985-03-04', '',
 'general', 'diploma', '{{}}', repeat('a', 64), '', now(), now(), ''
FROM accounts_candidate c JOIN generate_series({first}, {last}) g ON c.identity_index = decode(md5('c' || g), 'hex')"""
MEMBERS = """WITH people AS (INSERT INTO accounts_person (name, employer, phone, office_path)
 SELECT 'm' || g, '', '', '/11/1101/' FROM generate_series(1, {members}) g RETURNING id)
INSERT INTO staffing_member (person_id, identity, identity_index, sex, in_sector, phone_index, permanent, languages, certificates,
 office_path, made_at, version)
SELECT id, '', decode(md5('m' || id), 'hex'), 'F', false, '', false, '', '', '/11/1101/', now(), 1 FROM people"""
APPOINTED = """INSERT INTO staffing_appointment (exam_id, member_id, post, office_path, office_code, building, substitute, state,
 reason, answered, scan, made_by, made_at, version)
SELECT {exam}, id, 'invigilator', '/11/1101/01/', '1101-01', '', false, 'invited', '', '', '', 'bench', now(), 1
FROM staffing_member"""
DECLARED = """WITH said AS (INSERT INTO staffing_declaration (exam_id, member_id, office_path, number, nobody, relatives_count,
 way, statement, scan, address_index, made_by, made_at)
SELECT {exam}, id, '/11/1101/', {number}, false, 3, 'link', repeat('a', 64), '', '', 'bench', now() FROM staffing_member
WHERE id IN (SELECT unnest({ids})) RETURNING id, member_id)
INSERT INTO staffing_relative (declaration_id, exam_id, member_id, office_path, relation, name, identity, identity_index)
SELECT said.id, {exam}, member_id, '/11/1101/', 'spouse', '', '', decode(md5(
 CASE WHEN k = 1 AND member_id % {every} = 0 THEN 'c' || (1 + member_id % 1000) ELSE 'r' || member_id || '/' || k END), 'hex')
FROM said CROSS JOIN generate_series(1, 3) k"""


def main(registrations: int, members: int) -> int:
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {registrations:,} registrations, {members:,} members"
    )
    with scratch(1):
        import django

        django.setup()
        from django.db import connection

        from keju.kernel.offices import Actor, acting
        from keju.stages.staffing.services import recusal

        system = Actor.system("bench")
        exam = _exam(system)

        def run(statement: str, **facts: object) -> float:
            began = time.perf_counter()
            with acting(system), connection.cursor() as cursor:
                cursor.execute(statement.format(exam=exam.pk, **facts))
            return time.perf_counter() - began

        def one(statement: str, **facts: object) -> float:
            return statistics.median(run(statement, n=n, **facts) for n in range(ROUNDS)) * 1000

        every = max(1, members // 100)
        run(CANDIDATES, first=1, last=registrations)
        bare = run(REGISTRATIONS, first=1, last=registrations)
        print(f"registrations, nobody watched yet: {bare:.1f} s")
        run(MEMBERS, members=members)
        print(f"{members:,} appointments, each compared: {run(APPOINTED):.1f} s")
        everybody = "(SELECT array_agg(id) FROM staffing_member)"
        said = run(DECLARED, number=1, ids=everybody, every=every)
        print(f"{members:,} declarations with three relatives, each compared: {said:.1f} s")
        for table in ("registration_registration", "staffing_watch", "staffing_member"):
            run(f"SELECT keju_statistics('{table}'::regclass)")
        began = time.perf_counter()
        with acting(system):
            recusal.keep_recusal(exam=exam, by=system, at=NOW)
        print(
            f"the minute's second look at all of them, reports of hits included: {time.perf_counter() - began:.1f} s"
        )
        began = time.perf_counter()
        with acting(system):
            found = recusal.recheck(exam=exam, by=system, at=NOW)
        whole = time.perf_counter() - began
        print(
            f"everybody compared anew: {whole:.1f} s (goal {WHOLE_S}), {found} that the triggers had missed"
        )
        somebody = "ARRAY[(SELECT min(id) FROM staffing_member)]"
        singles = {
            "a declaration": one(
                DECLARED.replace("{number}", "{n} + 2"),
                ids=somebody,
                every=every,
            ),
            "a number corrected": one(
                "UPDATE registration_registration SET identity_index = decode(md5('x{n}'), 'hex') WHERE id ="
                " (SELECT max(id) - {n} FROM registration_registration)"
            ),
        }
        last = registrations + 20_000
        run(CANDIDATES, first=registrations + 1, last=last)
        singles["a registration"] = statistics.median(
            run(REGISTRATIONS, first=n, last=n) * 1000
            for n in range(registrations + 1, registrations + 1 + ROUNDS)
        )
        for what, took in singles.items():
            print(f"{what}: {took:.1f} ms (goal {SINGLE_MS})")
        with_it = run(REGISTRATIONS, first=registrations + 100, last=registrations + 10_099)
        print(f"10,000 registrations in one statement among {members * 4:,} watched: {with_it:.2f} s")
        return int(whole > WHOLE_S or max(singles.values()) > SINGLE_MS or found > 0)


def _exam(system):  # an exam of nothing but its row
    from keju.kernel.exams.services import make
    from keju.kernel.offices import acting
    from keju.kernel.offices.services import load_tree

    with acting(system):
        load_tree(by=system, at=NOW)
        return make(
            slug="bench", programme="veterinarian", year=2011, exam_day=date(2011, 10, 16), rules_as_of=date(2011, 6, 1),
            is_rehearsal=True, by=system, at=NOW,
        )  # fmt: skip


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
    sys.exit(main(*(given + [1_000_000, 100_000][len(given) :])))
