import pytest

from keju.kernel.accounts.services import signing


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """What guards a stolen table costs tests nothing."""
    monkeypatch.setattr(signing, "ITERATIONS", 1)
