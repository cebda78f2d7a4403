"""What the benchmarks of the registration share: an exam in its season, people, photos, a server under load.

Not a benchmark itself. Django is set up by whoever enters `season`, so everything of it is imported inside.
"""

import http.client
import os
import platform
import random
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SLUG, REGION = "vet-2011", "37"
CSRF = "k" * 32
TICK = os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """Processor, cores, memory, load and Python: what a figure means nothing without."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, load {load:.1f}, Python {platform.python_version()}"


@contextmanager
def season(*, durable: bool = False) -> Iterator[Any]:
    """A scratch installation with registration open at every point of one region; yields (folder, exam).

    `durable`: the database flushes every commit through to the disk, as an installation's does.
    """
    os.environ["KEJU_STATIC"] = "collected"
    from keju.web.rehearsal.scratch import THROWAWAY, scratch

    with scratch(1, {"max_wal_size": "4GB"} if durable else THROWAWAY) as folder:
        from keju.web.cli._common import with_django

        with_django()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["*"]
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder, _exam()


def _exam() -> Any:
    from keju.kernel.calendar import now
    from keju.kernel.duties import services as duties
    from keju.kernel.exams import services as exams
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices import queries as offices
    from keju.kernel.offices.services import load_tree
    from keju.stages.registration import services

    by, at = Actor.system("bench"), now()
    day = date(2011, 10, 16)
    with acting(by):
        load_tree(by=by, at=at)
        exam = exams.make(
            slug=SLUG, programme="veterinarian", year=2011, exam_day=day, rules_as_of=date(2011, 7, 1),
            is_rehearsal=True, by=by, at=at,
        )  # fmt: skip
        exams.open_office(exam=exam, office=offices.office(REGION), leader="王一", by=by, at=at)
        for point in offices.points(REGION):
            exams.open_office(exam=exam, office=point, leader="李二", by=by, at=at)
            services.prepare_point(
                exam=exam, point_code=point.code, address="人民路1号", contact="赵三", phone="010-1234567",
                hours="9:00–17:00", by=by, at=at,
            )  # fmt: skip
        days = {"registration_opens": -9, "registration_closes": 20, "confirmation_opens": 5}
        for key, distance in {**days, "confirmation_ends": 40, "exam_day": 130}.items():
            duties.reach(exam=exam, key=key, when=at + timedelta(days=distance), by=by, at=at)
    return exam


def point_codes() -> list[str]:
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices import queries as offices

    with acting(Actor.system("bench")):
        return [p.code for p in offices.points(REGION)]


def client_of(role: str, office_code: str) -> Any:
    """Django's test client, signed in as new staff of that office, second factor passed."""
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from keju.kernel.accounts.models import Login
    from keju.kernel.accounts.services import NewStaff, add_staff
    from keju.kernel.calendar import now
    from keju.kernel.offices import Actor, acting
    from keju.kernel.offices.queries import office

    by, name = Actor.system("bench"), f"{role}-{office_code}"
    with acting(by):
        staff = [NewStaff("某人", name, role, office(office_code))]
        add_staff(staff=staff, starts_on=date(2000, 1, 1), by=by, at=now())
    login = Login.objects.get(username=name)
    client = Client(headers={"accept-encoding": "gzip, br"})
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    device = TOTPDevice.objects.create(user=login, name="bench", confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


# ---- people and photos


def photos(count: int, seed: int = 1) -> list[bytes]:
    """So many different good photos: a few drawn ones, each grained anew, so that no two have the same bytes."""
    import numpy as np
    import simplejpeg

    from keju.algorithms.photo.fitting import fit_jpeg
    from keju.algorithms.synthetic.faces import photo_pool

    pool = [simplejpeg.decode_jpeg(p.jpeg, "RGB") for p in photo_pool(seed, 24, 0)]
    chance = np.random.default_rng(seed)
    made: list[bytes] = []
    quality = 0
    while len(made) < count:
        picture = pool[len(made) % len(pool)].astype(np.int16)
        picture[-40:] += chance.integers(-3, 4, picture[-40:].shape, np.int16)  # on the clothes
        rgb = np.clip(picture, 0, 255).astype(np.uint8)
        data = simplejpeg.encode_jpeg(rgb, quality, "RGB", "420") if quality else b""
        if not 22_000 < len(data) < 39_000:
            data = fit_jpeg(rgb, 21_000, 40_000) or b""
            quality = quality or 93
        made.append(data)
    return made


@dataclass(frozen=True)
class Signed:
    """A candidate with a session: what the browser would send along."""

    candidate_id: int
    identity: str
    cookie: str


def signed_candidates(count: int) -> list[Signed]:
    """So many accounts, each with a session as the sign-in leaves it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from keju.algorithms.identity import compose
    from keju.kernel.accounts.models import Candidate
    from keju.kernel.accounts.queries import identity_index
    from keju.kernel.accounts.services import NewCandidate, ensure_candidates
    from keju.kernel.calendar import now
    from keju.kernel.exams.access import CANDIDATE
    from keju.kernel.offices import Actor, acting

    by, at, first = Actor.system("bench"), now(), date(1960, 1, 1)
    numbers = [compose("370102", first + timedelta(days=n // 900), n % 900 + 1) for n in range(count)]
    with acting(by):
        made = ensure_candidates(
            people=[NewCandidate(n, f"考生{i}", "13800000000") for i, n in enumerate(numbers)], by=by, at=at
        )
        rows = Candidate.objects.filter(pk__in=made.values()).select_related("login")
        logins = {row.pk: row.login for row in rows}
    store, sessions, found = SessionStore(), [], []
    for number in numbers:
        pk = made[identity_index(number)]
        login, key = logins[pk], secrets.token_hex(16)
        data = {
            SESSION_KEY: str(login.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: login.get_session_auth_hash(),
            CANDIDATE: pk,
        }
        sessions.append(
            Session(session_key=key, session_data=store.encode(data), expire_date=at + timedelta(days=1))
        )
        found.append(Signed(pk, number, f"sessionid={key}; csrftoken={CSRF}"))
    Session.objects.bulk_create(sessions, batch_size=2000)
    return found


# ---- a region full of rows, by SQL


def fill(folder: Any, exam: Any, count: int) -> dict[str, Any]:
    """Exactly `count` candidates of the region are registered, by SQL alone; returns examples to search for.

    Names, points, categories and states are spread as in a season; a thousand identity numbers serve all (they are
    only shown, masked); every row has its own keyed index, and the example's is that of its number.
    """
    import psycopg

    from keju.algorithms.identity import compose
    from keju.algorithms.synthetic import names as parts
    from keju.kernel.accounts.queries import identity_index
    from keju.kernel.accounts.sealed import seal
    from keju.web.installation import places

    chance = random.Random(1)
    surnames = chance.choices(list(parts.SURNAMES), list(parts.SURNAMES.values()), k=4000)
    given = parts.GIVEN_MEN + parts.GIVEN_WOMEN
    people = [s + "".join(chance.choices(given, k=chance.choice((1, 2, 2)))) for s in surnames]
    numbers = [
        seal(compose("370102", date(1970, 1, 1) + timedelta(days=9 * n), n % 900 + 1)) for n in range(1000)
    ]
    example = compose("370102", date(1988, 8, 8), 888)
    with psycopg.connect(**places.owner(folder)) as db:
        db.execute("SET session_replication_role = replica")  # no foreign keys and triggers row by row
        db.execute("TRUNCATE registration_registration, accounts_candidate, registration_photo_check CASCADE")
        db.execute(
            "INSERT INTO accounts_candidate (identity_index, identity, name, phone, made_at)"
            " SELECT decode(md5('c' || i), 'hex'), (%s::bytea[])[1 + i %% 1000], (%s::text[])[1 + i %% 4000], %s, now()"
            " FROM generate_series(1, %s) i",
            [numbers, people, seal("13800000000"), count],
        )
        db.execute(
            """
            INSERT INTO registration_registration (exam_id, candidate_id, office_path, point_code, state, version, identity,
                identity_index, phone, email, address, name, sex, birth_on, employer, category, route, route_facts,
                photo_sha256, photo_overruled_by, pledged_at, submitted_at, decided_at, reason)
            SELECT %(exam)s, c.id, '/' || %(region)s || '/' || p || '/', p, s, 1, c.identity, c.identity_index, c.phone, '',
                c.phone, c.name, CASE WHEN c.id %% 2 = 0 THEN 'male' ELSE 'female' END, '1985-03-04', '',
                CASE WHEN c.id %% 10 = 0 THEN 'aquatic' ELSE 'general' END, 'diploma',
                '{"degree": "bachelor", "major": "veterinary", "school": "某大学"}', repeat('a', 64), '', now(), now(),
                CASE WHEN s <> 'submitted' THEN now() END, CASE WHEN s = 'rejected' THEN '材料不全' ELSE '' END
            FROM accounts_candidate c,
                LATERAL (SELECT (%(points)s::text[])[1 + (c.id * 7919) %% %(n)s] AS p) AS at,
                LATERAL (SELECT CASE WHEN h < 70 THEN 'confirmed' WHEN h < 97 THEN 'submitted' WHEN h < 99 THEN 'rejected'
                    ELSE 'withdrawn' END AS s FROM (SELECT (c.id * 104729) %% 100 AS h) x) AS st
            """,
            {"exam": exam.pk, "region": REGION, "points": (codes := point_codes()), "n": len(codes)},
        )
        db.execute(
            "INSERT INTO registration_version (registration_id, candidate_id, office_path, number, at, by, snapshot)"
            " SELECT id, candidate_id, office_path, 1, submitted_at, 'candidate:' || candidate_id, %s"
            " FROM registration_registration",
            [seal('{"name": "某人"}')],
        )
        db.execute("DELETE FROM offices_tally WHERE subject = 'registration'")
        db.execute(
            "INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount) SELECT 'registration', exam_id,"
            " office_path, state || '/' || category, count(*), 0 FROM registration_registration GROUP BY 2, 3, 4"
        )
        db.execute(
            "INSERT INTO registration_photo_check VALUES (repeat('a', 64), 'photo-1', '[]', '[]',"
            """ '{"width": 230, "height": 334, "kb": 28.0, "ratio": 1.45}')"""
        )
        row = db.execute(
            "UPDATE registration_registration SET identity = %s, identity_index = %s WHERE id ="
            " (SELECT percentile_disc(0.6) WITHIN GROUP (ORDER BY id) FROM registration_registration) RETURNING id, name",
            [seal(example), identity_index(example)],
        ).fetchone()
    with psycopg.connect(**places.owner(folder), autocommit=True) as db:
        db.execute("VACUUM ANALYZE")
    return {"id": row[0], "name": row[1], "identity": example}  # type: ignore[index]


# ---- a server under load


@contextmanager
def served(workers: int = 2, threads: int = 4) -> Iterator["Server"]:
    """Granian with our application on a free port of the loopback, as `keju up` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers",
        str(workers), "--blocking-threads", str(threads), "--no-ws", "--backlog", "1024", "keju.web.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "KEJU_HOSTS": "*"}, stdout=subprocess.DEVNULL)
    try:
        server = Server(port, process.pid)
        server.wait()
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


@dataclass
class Server:
    port: int
    pid: int

    def wait(self, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                connection.request("GET", "/")
                connection.getresponse().read()
                return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


@dataclass
class Load:
    """What the clients saw. `seconds`: from the first request to the last answer."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def at(self, share: float) -> float:
        return sorted(self.milliseconds)[min(len(self.milliseconds) - 1, int(len(self.milliseconds) * share))]

    def told(self) -> str:
        middle = statistics.median(self.milliseconds)
        return f"{self.per_second():7.0f}/s   median {middle:.0f} ms, 95 % {self.at(0.95):.0f} ms, 99 % {self.at(0.99):.0f} ms"


Act = Callable[[http.client.HTTPConnection, Any], int]


def drive(port: int, jobs: Sequence[Any], act: Act, clients: int) -> Load:
    """Every job once, by so many clients at the same time, each on a connection of its own that is kept open."""
    load, lock, waiting = Load(), threading.Lock(), iter(jobs)
    start = threading.Barrier(clients + 1)

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start.wait()
        while True:
            with lock:
                job = next(waiting, None)
            if job is None:
                return
            begun = time.perf_counter()
            try:
                status = act(connection, job)
            except OSError as error:
                with lock:
                    load.failed.append(repr(error))
                return
            taken = (time.perf_counter() - begun) * 1000
            with lock:
                load.milliseconds.append(taken)
                load.statuses[status] = load.statuses.get(status, 0) + 1

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - begun
    return load


def call(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> tuple[int, bytes]:
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    return answer.status, answer.read()


# ---- processor time of process trees, from /proc


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes and all that they started, ended ones included."""
    children: dict[int, list[int]] = {}
    times: dict[int, tuple[int, int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
            times[int(stat.parent.name)] = (
                int(fields[11]) + int(fields[12]),
                int(fields[13]) + int(fields[14]),
            )
    total, waiting = 0, list(pids)
    while waiting:
        pid = waiting.pop()
        total += sum(times.get(pid, (0, 0)))
        waiting += children.get(pid, [])
    return total / TICK


def postmaster(folder: Any) -> int:
    from keju.web.installation.postgres import EmbeddedPostgres

    return EmbeddedPostgres(folder).pid() or 0
