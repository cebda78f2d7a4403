"""The picture shows every point inside its frame, and a line for everybody who goes elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.siting import Point
from keju.algorithms.siting.drawing import MOST, WIDTH, picture

points = st.lists(
    st.builds(
        Point,
        st.from_regex(r"13\d\d", fullmatch=True),
        st.integers(0, 9999),
        st.floats(73, 135),
        st.floats(16, 54),
    ),
    max_size=8,
    unique_by=lambda p: p.code,
)


@given(points, st.data())
def test_everybody_is_in_the_frame_and_every_way_is_drawn(found: list[Point], data: st.DataObject) -> None:
    codes = [p.code for p in found]
    host = {code: data.draw(st.sampled_from(codes)) for code in codes}
    drawn = picture(found, host, {code: f"考点{code}" for code in codes})
    assert sorted(s.code for s in drawn.spots) == sorted(codes)
    assert all(MOST <= s.x <= WIDTH - MOST and MOST <= s.y <= drawn.height - MOST for s in drawn.spots)
    assert {(line.point, line.host) for line in drawn.lines} == {(p, h) for p, h in host.items() if p != h}
    assert drawn == picture(found, host, {code: f"考点{code}" for code in codes})


def test_north_is_above_east_is_right_and_a_name_covers_no_other_where_there_is_room() -> None:
    found = [Point("1301", 900, 114, 38), Point("1302", 100, 115, 39), Point("1303", 100, 114.08, 38)]
    a, b, c = sorted(picture(found, {}, {p.code: "石家庄市" for p in found}).spots, key=lambda s: s.code)
    assert b.y < a.y == c.y and a.x < c.x < b.x and a.radius > b.radius
    assert a.anchor != "start" and c.anchor == "start"
