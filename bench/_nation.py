"""A nation whose reviews are over and whose sites are reported, made by SQL alone. Not a benchmark itself."""

from datetime import date
from typing import Any

PER_POINT = 3_250
ROOMS = """
INSERT INTO venues_site (exam_id, office_path, point_code, code, name_zh, name_en, address, surroundings, contact, phone,
  standard, version, reported_at, reported_by)
SELECT %(exam)s, path || '01/', point, point || '-01', '第一中学', '', '学府路1号', '', '', '', 30, 1, now(), 'x'
FROM points;
INSERT INTO venues_room (exam_id, site_id, office_path, number, name, building, floor, columns, rows, gap_cm, kind, step_free)
SELECT %(exam)s, s.id, s.office_path, n, '', '1', 1 + n / 20, 5, 6, 80,
  CASE WHEN n > %(rooms)s THEN 'separate' ELSE 'exam' END, n %% 10 = 1 OR n > %(rooms)s
FROM venues_site s, generate_series(1, %(rooms)s + %(separate)s) n;
INSERT INTO venues_decision (exam_id, office_path, region_code, version, proposal, minimum, reason, decided_by, decided_at)
SELECT DISTINCT %(exam)s, '/' || left(point, 2) || '/', left(point, 2), 1, '{}'::jsonb, 300, '', 'x', now() FROM points;
INSERT INTO venues_assignment (decision_id, exam_id, office_path, point_code, host_code, candidates, current)
SELECT d.id, %(exam)s, p.path, p.point, p.point, 0, true FROM points p JOIN venues_decision d ON d.region_code = left(p.point, 2);
"""
PEOPLE = """
INSERT INTO registration_registration (exam_id, candidate_id, office_path, point_code, state, version, identity,
  identity_index, phone, email, address, name, sex, birth_on, employer, category, route, route_facts, photo_sha256,
  photo_overruled_by, pledged_at, submitted_at, decided_at, reason)
SELECT %(exam)s, i, p.path, p.point, 'confirmed', 1, ''::bytea, decode(md5(i::text), 'hex'), ''::bytea, ''::bytea, ''::bytea,
  '考生' || i, 'male', '1985-03-04',
  CASE WHEN random() < 0.3 THEN '' ELSE p.point || '市第' || floor(200 * random() ^ 2) || '兽医站' END,
  CASE WHEN i %% 10 = 0 THEN 'aquatic' ELSE 'general' END, 'diploma',
  jsonb_build_object('degree', 'bachelor', 'major', 'veterinary', 'school', '第' || floor(120 * random() ^ 2) || '农业大学'),
  repeat('a', 64), '', now(), now(), now(), ''
FROM generate_series(1, %(count)s) i JOIN points p ON p.n = i %% %(points)s;
INSERT INTO registration_need (registration_id, candidate_id, office_path, kind, state, note, reason, asked_at, decided_by,
  decided_at)
SELECT id, candidate_id, office_path, CASE WHEN x < 0.002 THEN 'step_free' WHEN x < 0.004 THEN 'near_door'
  WHEN x < 0.0048 THEN 'extra_time' ELSE 'separate_room' END, 'granted', '', '', now(), 'x', now()
FROM (SELECT id, candidate_id, office_path, random() AS x FROM registration_registration OFFSET 0) r WHERE x < 0.005;
INSERT INTO review_second (exam_id, registration_id, candidate_id, office_path, passed, reason, version, signed, first_by,
  decided_by, decided_at)
SELECT exam_id, id, candidate_id, office_path, true, '', 1, true, 'a', 'b', now() FROM registration_registration;
INSERT INTO review_batch (exam_id, region_code, office_path, passed, failed, set_by, set_at)
SELECT %(exam)s, left(point_code, 2), '/' || left(point_code, 2) || '/', count(*), 0, 'x', now() FROM registration_registration
GROUP BY 2;
INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
SELECT 'registration', exam_id, office_path, state || '/' || category, count(*), 0 FROM registration_registration
GROUP BY 2, 3, 4;
"""


def nation(folder: Any, count: int) -> tuple[Any, int]:
    """The exam with so many eligible candidates, and its exam rooms: as many as two categories per host need."""
    import psycopg

    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices.queries import regions
    from keju.web.installation import places

    exam = _exam()
    with acting(Actor.system("bench")):
        codes = [region.code for region in regions()]
    each = max(1, min(99, round(count / len(codes) / PER_POINT)))
    points = [f"{code}{n:02d}" for n in range(1, each + 1) for code in codes]
    most = -(-count // len(points))
    rooms = -(-most // 10 // 30) + -(-most * 9 // 10 // 30) + 3
    facts = {
        "exam": exam.pk,
        "count": count,
        "points": len(points),
        "rooms": rooms,
        "separate": 4 + most // 800,
    }
    with psycopg.connect(**places.owner(folder), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")  # no foreign keys and triggers row by row
        db.execute("SELECT setseed(0.5)")
        db.execute(
            "CREATE TEMP TABLE points AS SELECT row_number() OVER () - 1 AS n, point, '/' || left(point, 2) || '/' || point"
            " || '/' AS path FROM unnest(%s::text[]) point",
            [points],
        )
        for statement in (ROOMS + PEOPLE).split(";\n"):
            if statement.strip():
                db.execute(statement, facts if "%(" in statement else None)
        db.execute("VACUUM ANALYZE")
    return exam, rooms * len(points)


def _exam() -> Any:
    from keju.kernel.calendar import now
    from keju.kernel.exams import services as exams
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices.services import load_tree

    by, at = Actor.system("bench"), now()
    with acting(by):
        load_tree(by=by, at=at)
        return exams.make(
            slug="vet-2011", programme="veterinarian", year=2011, exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 7, 1), is_rehearsal=True, by=by, at=at,
        )  # fmt: skip
