"""Staff, their roles, and what narrows lists."""

from django import forms

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.exams import queries as exams
from keju.kernel.exams.choosing import offer
from keju.kernel.offices import queries as offices
from keju.rulebook.words import t
from keju.stages.venues import queries as venues
from keju.web.site.forms.secrets import for_staff, refuse_weak

CHOOSE = ("", t("请选择", "Choose"))


class NewPerson(forms.Form):
    name = forms.CharField(label=t("姓名", "Name"), max_length=80)
    username = forms.RegexField(
        r"^[a-zA-Z0-9][a-zA-Z0-9._-]{2,39}$",
        label=t("登录名", "Sign-in name"),
        help_text=t("3至40个字母、数字、点、横线。", "3 to 40 letters, digits, dots, dashes."),
        error_messages={"invalid": t("登录名写法不对。", "That is no sign-in name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    password = for_staff(label=t("初始密码", "First password"))
    identity = forms.CharField(
        label=t("身份证号码", "Identity number"),
        max_length=24,
        help_text=t(
            "人员库中已有此号码的，账号就给该人；号码本身不保存。",
            "If the registry of staff has this number, the sign-in is theirs. The number itself is not kept.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    office = forms.ChoiceField(label=t("所属机构", "Office"))
    employer = forms.CharField(label=t("工作单位", "Employer"), max_length=120, required=False)
    phone = forms.CharField(label=t("电话", "Telephone"), max_length=40, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "office", office_choices())

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        about = [str(data.get(name, "")) for name in ("username", "name", "phone", "employer")]
        refuse_weak(self, "password", about)
        return data


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
        offer(self, "office", office_choices())
        offer(self, "role", [CHOOSE, *((r.code, r.name) for r in ROLES.values())])
        every = [("", str(t("全部考试", "Every exam")))]
        offer(self, "exam_slug", every + [(e.slug, str(e)) for e in exams.exams()])

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:  # type: ignore[operator]
            self.add_error("ends_on", t("截止日在起始日之前。", "It would end before it starts."))
        return data


class Identify(forms.Form):
    """The identity number of somebody with a sign-in, as it stands in their document."""

    identity = forms.CharField(
        label=t("身份证号码", "Identity number"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(
        label=t("核对了什么证件", "Which document you looked at"),
        max_length=200,
        help_text=t("例如：居民身份证原件。", "For example: the identity card itself."),
    )
    close = forms.BooleanField(
        label=t("此人另有账号的，停用本页的账号", "If they have another sign-in, close the one of this page"),
        required=False,
    )


class EndOn(forms.Form):
    ends_on = forms.DateField(label=t("截止日", "Last day"), widget=forms.DateInput(attrs={"type": "date"}))


class PeopleFilter(forms.Form):
    q = forms.CharField(label=t("姓名或单位", "Name or employer"), required=False)


def office_choices() -> list[tuple[str, object]]:
    """The national bodies, then each region with its points and the sites of this year's hosts."""
    names = {o.code: o for o in offices.everything()}
    sites = venues.site_codes()
    national = [(o.code, str(o.name)) for o in names.values() if o.path == "/"]
    choices: list[tuple[str, object]] = [CHOOSE, (str(t("全国", "Nation")), national)]
    for region in (o for o in names.values() if o.kind == "region"):
        below = [(o.code, str(o.name)) for o in names.values() if o.parent_id == region.code]
        own = [(code, str(offices.office(code).name)) for code in sites if code.startswith(region.code)]
        choices.append((str(region.name), [(region.code, str(region.name)), *sorted([*below, *own])]))
    return choices
