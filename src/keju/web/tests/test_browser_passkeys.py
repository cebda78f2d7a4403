"""A passkey in a real browser, whose own virtual device makes and keeps it."""

import pytest

from keju.kernel.accounts.models import Passkey
from keju.kernel.offices import Actor, acting
from keju.web.tests.chromium import launched
from keju.web.tests.conftest import IDENTITY, PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

pytestmark = pytest.mark.browser


def test_a_passkey_is_added_and_signs_in(live_server, transactional_db, settings, candidate):
    home = live_server.url.replace("127.0.0.1", "localhost")
    settings.PASSKEYS = {"rp_id": "localhost", "origins": [home]}
    with launched() as browser:
        page = browser.new_page(base_url=home)
        page.context.add_cookies([{"name": "keju_language", "value": "zh", "url": home}])
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        page.goto("/sign-in/?next=/my/passkeys/")
        page.fill("[name=username]", IDENTITY)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.fill("form[data-passkey] [name=name]", "我的手机")
        page.fill("form[data-passkey] [name=password]", "wrong")
        page.get_by_role("button", name="添加").click()
        page.get_by_text("密码不对").wait_for()
        page.fill("form[data-passkey] [name=password]", PASSWORD)
        page.get_by_role("button", name="添加").click()
        page.get_by_role("heading", name="我的手机").wait_for()
        page.context.clear_cookies(name="sessionid")
        page.goto("/sign-in/?next=/my/passkeys/")
        page.get_by_role("button", name="用通行密钥登录").click()
        page.get_by_role("heading", name="我的手机").wait_for()
    with acting(Actor.system("test")):
        assert Passkey.objects.get().last_used_at is not None
