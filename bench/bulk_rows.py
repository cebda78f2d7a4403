"""Rows into a protected table with two unique indexes, by the way that all bulk work takes (kernel/offices/bulk.py).

    python bench/bulk_rows.py [ROWS]

Goal (quality.md): 1,000,000 rows into standing indexes within 10 s. Ends with 1 if it is missed.
"""

import sys
import time

from _season import machine, season

GOAL = 10.0
COLUMNS = ["sha256", "office_path", "name", "content_type", "size", "stored_by", "stored_at"]


def main(count: int) -> int:
    print(machine())
    with season():
        from keju.kernel.offices import Actor, acting
        from keju.kernel.offices.bulk import insert_rows

        made = "2026-01-01T00:00:00+08:00"
        rows = ((f"{n:064x}", "/11/1101/", f"{n}", "text/plain", n, "person:1", made) for n in range(count))
        started = time.perf_counter()
        with acting(Actor.system("bench")):
            insert_rows("files_file", COLUMNS, rows)
        took = time.perf_counter() - started
    scaled = took * 1_000_000 / count
    print(f"{count:,} rows in {took:.2f} s, that is {scaled:.1f} s for a million (goal {GOAL:.0f})")
    return int(scaled > GOAL)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
