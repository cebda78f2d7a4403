"""Server milliseconds of the readiness board: a region of 12 points, 13 sites, 600 rooms and 2,400 staff, and 31 of them.

    python bench/readiness.py [REGIONS [ROUNDS]]

The rows are made in the database by SQL: hosts with their reported sites, rooms, what was looked at in every room but a few,
duties, staff appointed to rooms, floors and sites, nine of ten trained, and every bag of papers in the store of its point. Then
the board of a site, a point, the region and the nation, the card on the home page, the wall and the export are opened in process
through the whole stack, everything computed anew each time. The best of the rounds after one to warm up: by the clock, and in
processor time of Python and PostgreSQL. Last, which providers the region's time goes to. Goals of issue 5: region 200 ms,
nation 1 s. Ends with 1 if the clock's best misses one.
"""

import sys
import time
from typing import Any

from _season import client_of, machine, season
from _spent import best, opened

GOALS = {"region": 200, "nation": 1000}
REGION, POINTS, ROOMS, STAFF = "37", 12, 46, 2_400
ROWS = """
INSERT INTO exams_opening (exam_id, office_id, office_path, leader, address, contact, phone, hours, deferred_reason)
SELECT %(exam)s, code, path, '王一', '路1号', '李二', '0000-000000', '', '' FROM offices WHERE code NOT IN
  (SELECT office_id FROM exams_opening WHERE exam_id = %(exam)s);
INSERT INTO venues_decision (exam_id, office_path, region_code, version, proposal, minimum, reason, decided_by, decided_at)
SELECT %(exam)s, path, code, 1, '{}'::jsonb, 300, '', 'x', now() FROM offices WHERE length(code) = 2;
INSERT INTO venues_assignment (decision_id, exam_id, office_path, point_code, host_code, candidates, current)
SELECT d.id, %(exam)s, o.path, o.code, o.code, 0, true FROM offices o
JOIN venues_decision d ON d.region_code = left(o.code, 2) WHERE length(o.code) = 4;
INSERT INTO venues_site (exam_id, office_path, point_code, code, name_zh, name_en, address, surroundings, contact, phone,
  standard, version, reported_at, reported_by)
SELECT %(exam)s, path || lpad(n::text, 2, '0') || '/', code, code || '-' || lpad(n::text, 2, '0'), '第一中学', '', '学府路1号',
  '', '', '', 30, 1, now(), 'x' FROM offices, generate_series(1, 2) n
WHERE length(code) = 4 AND (n = 1 OR code LIKE '%%01');
INSERT INTO venues_room (exam_id, site_id, office_path, number, name, building, floor, columns, rows, gap_cm, kind)
SELECT %(exam)s, s.id, s.office_path, n, '', '1', 1 + n / 12, 5, 6, 80,
  CASE WHEN n = %(rooms)s THEN 'seal' WHEN n = %(rooms)s - 1 THEN 'rest' WHEN n > %(rooms)s - 5 THEN 'spare' ELSE 'exam' END
FROM venues_site s, generate_series(1, %(rooms)s) n;
INSERT INTO venues_attestation (exam_id, site_id, room_id, office_path, item, rule, settled, note, photos, attested_by,
  attested_at)
SELECT %(exam)s, s.id, NULL, s.office_path, i, 'V14.1', s.id %% 9 > 0, 'x', '[]'::jsonb, 'x', now()
FROM venues_site s, unnest(ARRAY['proven', 'fit', 'cordon', 'patrolled']) i
UNION ALL SELECT %(exam)s, r.site_id, r.id, r.office_path, i, 'V14.7.4', true, '', '[]'::jsonb, 'x', now()
FROM venues_room r, unnest(ARRAY['bare', 'sealed']) i WHERE r.kind IN ('exam', 'spare') AND r.number %% 10 > 0;
INSERT INTO accounts_person (name, office_path, employer, phone)
SELECT '人' || n, o.path, '第' || n || '中学', ''::bytea FROM offices o, generate_series(1, %(each)s) n
WHERE length(o.code) = 4;
INSERT INTO staffing_member (person_id, identity, identity_index, sex, in_sector, phone_index, permanent, languages,
  certificates, office_path, made_at, version)
SELECT id, ''::bytea, decode(md5(id::text), 'hex'), 'M', false, ''::bytea, false, '', '', office_path, now(), 1
FROM accounts_person WHERE name LIKE '人%%';
INSERT INTO staffing_appointment (exam_id, member_id, post, office_path, office_code, building, floor, room, substitute, state,
  reason, answered, scan, made_by, made_at, decided_at, version)
SELECT %(exam)s, m.id, 'invigilator', m.office_path || '01/', split_part(m.office_path, '/', 3) || '-01', '1', 1, 1 + m.id %% 41,
  false, 'accepted', '', 'paper', 'x', 'x', now(), now(), 1 FROM staffing_member m;
INSERT INTO exams_clearance (exam_id, person_id, office_path, module, evidence, cleared_at)
SELECT %(exam)s, m.person_id, m.office_path, x, 'x', now() FROM staffing_member m,
  unnest(ARRAY['discipline', 'invigilation']) x WHERE m.id %% 10 > 0;
INSERT INTO custody_store (exam_id, office_path, office_code, name, address, host_kind, host_name, reason, lease, agreement,
  remote, made_by, made_at, version)
SELECT %(exam)s, path, code, '保密室', '学府路1号', '', '', '', '', '', false, 'x', now(), 1 FROM offices;
INSERT INTO custody_container (exam_id, office_path, code, kind, site_code, room, session, category, copies, first_serial,
  last_serial, made_at)
SELECT %(exam)s, s.office_path, left(k.kind, 1) || n || lpad(r.id::text, 8, '0'), k.kind, s.code, r.number, n, 'general', 30,
  k.papers * (30 * r.id + 1), k.papers * (30 * r.id + 30), now() FROM venues_room r JOIN venues_site s ON s.id = r.site_id,
  generate_series(1, 2) n, (VALUES ('bag', 1), ('card_bag', 0)) AS k(kind, papers) WHERE r.kind = 'exam'
UNION ALL SELECT %(exam)s, office_path, 's' || n || lpad(id::text, 8, '0'), 'spare_bag', code, 0, n,
  'general', 5, 10000000 + 5 * id + 1, 10000000 + 5 * id + 5, now() FROM venues_site, generate_series(1, 2) n;
INSERT INTO custody_step (operation_id, exam_id, office_path, container_id, act, number, at, place, place_path, custodian, seal,
  frozen, copies, inside, "out", used, unused, defective, missing, destroyed)
SELECT 1, %(exam)s, c.office_path, c.id, 'handed_over', 1, now(), 'store:' || t.id, t.office_path, t.office_code, 's' || c.id,
  false, c.copies, c.copies, 0, 0, 0, 0, 0, 0
FROM custody_container c JOIN custody_store t ON t.office_code = left(c.site_code, 4);
INSERT INTO custody_holding (exam_id, office_path, container_id, act, number, at, place, place_path, custodian, seal, frozen,
  copies, inside, "out", used, unused, defective, missing, destroyed)
SELECT exam_id, office_path, container_id, act, number, at, place, place_path, custodian, seal, frozen, copies, inside, "out",
  used, unused, defective, missing, destroyed FROM custody_step;
"""


def main(regions: int, rounds: int) -> int:
    print(machine())
    with season() as (folder, exam):
        rows = _fill(folder, exam, regions)
        print(f"{regions} regions of {POINTS} points, {POINTS + 1} sites; in all {rows}")
        region, nation = client_of("region_officer", REGION), client_of("centre_exam", "centre")
        late = False
        print(f"{'':34}    clock    CPU = Python + PostgreSQL")
        for who, client, name, address in _addresses(exam, region, nation):
            answer, taken = opened(client, address, rounds)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
            least = best(taken)
            missed = least.clock > GOALS[who]
            late |= missed
            figures = f"{least.clock:8.1f} {least.cpu:6.1f} = {least.python:5.1f} + {least.database:5.1f}"
            print(f"{who:8} {name:25} {figures}{'  LATE' if missed else ''}", flush=True)
        _providers(exam)
    return int(late)


def _fill(folder: Any, exam: Any, regions: int) -> str:
    import psycopg

    from keju.kernel.calendar import now
    from keju.kernel.duties import services as duties
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices.queries import points
    from keju.kernel.offices.queries import regions as every
    from keju.web.installation import places

    by = Actor.system("bench")
    with acting(by):
        codes = [REGION, *(r.code for r in every() if r.code != REGION)][:regions]
        found = {code: [p.code for p in points(code)][:POINTS] for code in codes}
        offices = [(c, f"/{c}/") for c in codes] + [(p, f"/{p[:2]}/{p}/") for c in codes for p in found[c]]
    with psycopg.connect(**places.owner(folder), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")  # no foreign keys and triggers row by row
        db.execute("CREATE TEMP TABLE offices (code text, path text)")
        db.cursor().executemany("INSERT INTO offices VALUES (%s, %s)", offices)
        facts = {"exam": exam.pk, "rooms": ROOMS, "each": STAFF // POINTS}
        for statement in ROWS.split(";\n"):
            if statement.strip():
                db.execute(statement, facts)
        db.execute("VACUUM ANALYZE")
    with acting(by):
        duties.reach(exam=exam, key="exam_day", when=now(), by=by, at=now())
    with psycopg.connect(**places.owner(folder)) as db:
        counted = [
            f"{db.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,} {word}"
            for table, word in (
                ("venues_site", "sites"),
                ("venues_room", "rooms"),
                ("staffing_appointment", "staff"),
                ("duties_obligation", "duties"),
                ("custody_holding", "bags of papers and cards"),
            )
        ]
    return ", ".join(counted)


def _addresses(exam: Any, region: Any, nation: Any) -> list[tuple[str, Any, str, str]]:
    from django.urls import reverse

    from keju.kernel.offices import Actor, acting
    from keju.stages.venues import queries

    def at(name: str, **more: object) -> str:
        return reverse(name, kwargs={"exam": exam.slug, **more})

    with acting(Actor.system("bench")):
        site = queries.sites_of_hosts(exam, f"/{REGION}/")[0].code
    return [
        ("region", region, "board", at("readiness-board")),
        ("region", region, "board, only red", at("readiness-board") + "?state=red"),
        ("region", region, "a point", at("readiness-office", code=site[:4])),
        ("region", region, "a site and its gate", at("readiness-office", code=site)),
        ("region", region, "card on the home page", at("readiness-figures")),
        ("region", region, "wall", at("readiness-wall")),
        ("nation", nation, "board", at("readiness-board")),
        ("nation", nation, "card on the home page", at("readiness-figures")),
        ("nation", nation, "wall", at("readiness-wall")),
        ("nation", nation, "export", at("readiness-export", code="centre")),
    ]


def _providers(exam: Any) -> None:
    """Milliseconds of each provider, of the nation, the slowest first."""
    from django.db import connection

    from keju.kernel.calendar import now
    from keju.kernel.exams import queries as exams
    from keju.kernel.offices import Actor, acting
    from keju.kernel.readiness.registry import providers

    known, spent = exams.programme(exam).rules, []
    with acting(Actor.system("bench")):
        for provider in providers():
            if provider.rules and not set(provider.rules) & set(known):
                continue
            statements: list[str] = []
            start = time.perf_counter()
            with connection.execute_wrapper(
                lambda execute, sql, params, many, context, seen=statements: (
                    seen.append(sql) or execute(sql, params, many, context)
                )
            ):
                rows = len(list(provider.run(exam, "/", now(exam))))
            taken = (time.perf_counter() - start) * 1000
            spent.append((taken, rows, len(statements), provider.name))
    print("of the nation, once each:")
    for taken, rows, statements, name in sorted(spent, reverse=True)[:12]:
        print(f"{taken:8.1f} ms {rows:6,} rows {statements:3} statements  {name.removeprefix('keju.')}")


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    raise SystemExit(main(words[0] if words else 31, words[1] if len(words) > 1 else 5))
