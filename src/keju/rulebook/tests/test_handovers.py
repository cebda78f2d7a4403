"""Handovers as a programme writes them: what follows what, and who is told in between."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME


@pytest.mark.rule("V11.2.1", "V11.2.3")
def test_a_mail_rooms_handover_is_followed_by_one_whose_people_are_told(tmp_path: Path) -> None:
    programme = load_programme("veterinarian")
    told = {kind.code: kind.informs for kind in programme.handovers if kind.informs}
    assert told == {f"carrier_to_{office}_mail": ("receiver", "head") for office in ("region", "point")}
    for code in told:
        after = programme.handover_after(code)
        assert after is not None and after.code == f"{code.removeprefix('carrier_to_')}_to_store"
    assert programme.handover_after("region_mail_to_store") is None

    folder = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", folder)
    path = folder / "handovers.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("informs: [receiver, head]", "informs: [witness]", 1), encoding="utf-8")
    found = [p.words.en for p in check_programme(folder) if not p.mild]
    assert found == ["the handover that follows has no role “witness”"]
