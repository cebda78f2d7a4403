"""What a person types on the site's own pages."""

from django import forms
from django.contrib.auth.password_validation import validate_password

from keju.algorithms.identity import REASONS, IdentityRefused, check_identity
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.calendar import today
from keju.kernel.exams import queries as exams
from keju.kernel.offices import queries as offices
from keju.rulebook.words import t

NUMBER = t("身份证件号码", "Identity number")
CHOOSE = ("", t("请选择", "Choose"))
PASSWORD = t("密码", "Password")


def _secret(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete})


class SignIn(forms.Form):
    """The field is called `username` because the limiter of failed sign-ins blanks that one in its records."""

    username = forms.CharField(
        label=NUMBER,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=PASSWORD, max_length=128, strip=False, widget=_secret("current-password")
    )


class OfficeSignIn(SignIn):
    username = forms.CharField(
        label=t("登录名", "Sign-in name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class SignUp(forms.Form):
    """A candidate's account. The password: eight characters or more, none that everybody uses, nothing else asked."""

    username = forms.CharField(
        label=NUMBER,
        max_length=40,
        help_text=t("18位居民身份证号码，末位X可小写。", "The 18 characters of the resident identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=t("姓名", "Name"),
        max_length=80,
        help_text=t("与身份证上的完全一致。", "Exactly as on the identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.RegexField(
        r"^\+?[0-9 \-]{6,20}$",
        label=t("手机号码", "Telephone"),
        help_text=t("报名和考试有变化时，用这个号码联系您。", "Used to reach you when something changes."),
        error_messages={
            "invalid": t("请只填数字，例如13800138000。", "Digits only, for example 13800138000.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    password = forms.CharField(
        label=PASSWORD,
        max_length=128,
        strip=False,
        help_text=t(
            "至少8个字符；长一些、好记的句子最好，不要用常见密码。",
            "Eight characters or more; a sentence that you remember is best. No common passwords.",
        ),
        widget=_secret("new-password"),
    )
    again = forms.CharField(
        label=t("再输一遍密码", "Password again"), max_length=128, strip=False, widget=_secret("new-password")
    )

    def clean_username(self) -> str:
        try:
            return check_identity(self.cleaned_data["username"], today=today()).normalised
        except IdentityRefused as refused:
            raise forms.ValidationError(t(*REASONS[refused.code])) from refused

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(t("两次输入的密码不一样。", "The two passwords differ."))
        return again


class Code(forms.Form):
    """Six digits from the device; blanks between them are forgiven."""

    code = forms.CharField(
        label=t("6位动态码", "Six-digit code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "code",
            }
        ),
    )

    def clean_code(self) -> str:
        code = "".join(str(self.cleaned_data["code"]).split())
        if len(code) != 6 or not code.isdigit() or not code.isascii():
            raise forms.ValidationError(t("动态码是6位数字。", "The code has six digits."))
        return code


class NewPerson(forms.Form):
    name = forms.CharField(label=t("姓名", "Name"), max_length=80)
    username = forms.RegexField(
        r"^[a-zA-Z0-9][a-zA-Z0-9._-]{2,39}$",
        label=t("登录名", "Sign-in name"),
        help_text=t("3至40个字母、数字、点、横线。", "3 to 40 letters, digits, dots, dashes."),
        error_messages={"invalid": t("登录名写法不对。", "That is no sign-in name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=t("初始密码", "First password"), max_length=128, strip=False, widget=_secret("new-password")
    )
    office = forms.ChoiceField(label=t("所属机构", "Office"))
    employer = forms.CharField(label=t("工作单位", "Employer"), max_length=120, required=False)
    phone = forms.CharField(label=t("电话", "Telephone"), max_length=40, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["office"].choices = office_choices()  # type: ignore[attr-defined]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class Grant(forms.Form):
    """A role at an office, from–until, for one exam or for all."""

    office = forms.ChoiceField(label=t("机构", "Office"))
    role = forms.ChoiceField(label=t("岗位", "Role"))
    exam_slug = forms.ChoiceField(label=t("考试", "Exam"), required=False)
    starts_on = forms.DateField(label=t("起始日", "From"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=t("截止日", "Until"),
        required=False,
        help_text=t("空着表示不限期。", "Empty: until it is ended."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["office"].choices = office_choices()  # type: ignore[attr-defined]
        self.fields["role"].choices = [CHOOSE, *((r.code, r.name) for r in ROLES.values())]  # type: ignore[attr-defined]
        every = [("", str(t("全部考试", "Every exam")))]
        self.fields["exam_slug"].choices = every + [(e.slug, str(e)) for e in exams.exams()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:  # type: ignore[operator]
            self.add_error("ends_on", t("截止日在起始日之前。", "It would end before it starts."))  # type: ignore[arg-type]
        return data


class EndOn(forms.Form):
    ends_on = forms.DateField(label=t("截止日", "Last day"), widget=forms.DateInput(attrs={"type": "date"}))


class PeopleFilter(forms.Form):
    q = forms.CharField(label=t("姓名或单位", "Name or employer"), required=False)


class AuditFilter(forms.Form):
    """Narrowing the log; every field is optional and stays in the address."""

    exam = forms.CharField(required=False, widget=forms.HiddenInput())
    kind = forms.CharField(
        label=t("事件，如fees", "Event, like fees"),
        required=False,
        widget=forms.TextInput(attrs={"class": "code"}),
    )
    subject = forms.CharField(label=t("对象，如exam:2011", "Subject, like person:7"), required=False)
    rule = forms.CharField(label=t("条款，如V8.3", "Clause, like V8.3"), required=False)


class ClockTo(forms.Form):
    to = forms.DateTimeField(
        label=t("拨到", "Move to"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def office_choices() -> list[tuple[str, object]]:
    """The national bodies, then each region with its points."""
    names = {o.code: o for o in offices.everything()}
    national = [(o.code, str(o.name)) for o in names.values() if o.path == "/"]
    choices: list[tuple[str, object]] = [CHOOSE, (str(t("全国", "Nation")), national)]
    for region in (o for o in names.values() if o.kind == "region"):
        below = [(o.code, str(o.name)) for o in names.values() if o.parent_id == region.code]
        choices.append((str(region.name), [(region.code, str(region.name)), *below]))
    return choices
