"""Gateways as the environment sets them."""

import pytest

from keju.web.settings_messages import gateways


def test_settings_choose_the_adapters(tmp_path):
    plain = gateways({}, tmp_path)
    assert (plain["sms"]["adapter"], plain["email"]["adapter"]) == ("console", "console")
    full = gateways(
        {"KEJU_SMS_URL": "https://sms.example.org", "KEJU_SMTP_HOST": "mail.example.org", "KEJU_SMS": ""},
        tmp_path,
    )
    assert (full["sms"]["adapter"], full["email"]["adapter"]) == ("http", "smtp")
    assert gateways({"KEJU_SMS": "our.Adapter"}, tmp_path)["sms"]["adapter"] == "our.Adapter"
    for wrong in ({"KEJU_SMTP_PORT": "x"}, {"KEJU_SMTP_SECURITY": "ssl"}, {"KEJU_SMS_PER_SECOND": "fast"}):
        with pytest.raises(ValueError):
            gateways(wrong, tmp_path)
