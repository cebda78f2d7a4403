"""The summary sheet as data, to the letter."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from keju.rulebook.words import t
from keju.stages.review.documents import Line, summary


@pytest.mark.rule("V5.3.3")
def test_the_summary_says_exactly_this() -> None:
    line = Line(
        "1100000001", "欧阳·𠮷", "110101********0015", t("兽医全科类", "General veterinary"), t("学历", "Diploma"),
        False, "材料不全", "",
    )  # fmt: skip
    found = summary(
        exam=t("考试", "Exam"),
        point=t("石家庄市", "Shijiazhuang"),
        region=t("河北省", "Hebei"),
        sent_at=datetime(2011, 7, 20, 16, 30, tzinfo=UTC),  # the 21st in China
        counts={"passed": 1200, "failed": 1, "absent": 3},
        cash=Decimal("191840.00"),
        transferred=Decimal("160.00"),
        lines=[line],
    )
    assert found == {
        "exam": {"zh": "考试", "en": "Exam"},
        "point": {"zh": "石家庄市", "en": "Shijiazhuang"},
        "region": {"zh": "河北省", "en": "Hebei"},
        "day": "2011-07-21",
        "passed": 1200,
        "failed": 1,
        "absent": 3,
        "cash": "191,840.00",
        "transferred": "160.00",
        "total": "192,000.00",
        "forms": 2400,
        "lines": [
            {
                "number": "1100000001",
                "name": "欧阳·𠮷",
                "identity": "110101********0015",
                "category": {"zh": "兽医全科类", "en": "General veterinary"},
                "passed": False,
                "reason": "材料不全",
                "receipt": "",
            }
        ],
    }
