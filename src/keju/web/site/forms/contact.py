"""Where a candidate is reached."""

from django import forms

from keju.rulebook.words import t


def telephone() -> forms.CharField:
    return forms.RegexField(
        r"^\+?[0-9][0-9 \-]{5,19}$",
        label=t("手机号码", "Telephone"),
        help_text=t("报名和考试有变化时，用这个号码联系您。", "Used to reach you when something changes."),
        error_messages={
            "invalid": t(
                "请填写完整的电话号码，只用数字，例如13800138000。",
                "Enter the whole number in digits, for example 13800138000.",
            )
        },
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class MyContact(forms.Form):
    phone = telephone()
    email = forms.EmailField(
        label=t("电子邮箱", "E-mail"),
        required=False,
        max_length=120,
        help_text=t(
            "可不填；填了，重要消息也发到邮箱。", "Optional; given, important messages go there too."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(
        label=t("短信和邮件用什么语言", "Language of messages to you"),
        choices=[("zh", "中文"), ("en", "English")],
        widget=forms.RadioSelect,
    )
