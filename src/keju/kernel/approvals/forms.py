"""What is typed at a signature, a refusal and a withdrawal."""

from django import forms

from keju.rulebook.words import t

WRONG = t(
    "验证码不对、已用过或已过期，没有签署。请等下一个动态码；用签字码单的，换一个没用过的码。每错一次，等候时间加倍。"
    "签字码单（或领取它的链接）由谁给出，就不能在谁的登录下输入：请换一个人的登录。",
    "The code is wrong, used or too old; nothing was signed. Wait for the next one, or take an unused code of your sheet."
    " Every further wrong code doubles the wait. A sheet does not work while whoever gave it out (or the link to it) is signed"
    " in: use somebody else's session.",
)


class SignForm(forms.Form):
    """The own second factor; `content_hash` is of what the page showed."""

    content_hash = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    code = forms.CharField(
        label=t("本人的动态码", "Your own code"),
        help_text=t(
            "手机验证器上当前的6位数字；没有登录账号的，填签字码单上一个没用过的码（含序号）。",
            "The six digits your device shows now; without a sign-in, an unused code of your sheet with its number.",
        ),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code"}),
    )


class ReasonForm(forms.Form):
    """Why it is refused or withdrawn."""

    reason = forms.CharField(
        label=t("理由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
