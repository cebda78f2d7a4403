"""What a person types on the site's own pages."""

from keju.web.site.forms.codes import AnyCode
from keju.web.site.forms.contact import MyContact
from keju.web.site.forms.office import AuditFilter, ClockTo, Code
from keju.web.site.forms.passkeys import NewPasskey, PasskeyName
from keju.web.site.forms.people import EndOn, Grant, Identify, NewPerson, PeopleFilter
from keju.web.site.forms.places import PlaceFilter
from keju.web.site.forms.recovery import IssueCode, NewPasswordByCode, NewPasswordByPaper, Recover
from keju.web.site.forms.signing import OfficeSignIn, SignIn, SignUp

__all__ = [
    "AnyCode",
    "AuditFilter",
    "ClockTo",
    "Code",
    "EndOn",
    "Grant",
    "Identify",
    "IssueCode",
    "MyContact",
    "NewPasskey",
    "NewPasswordByCode",
    "NewPasswordByPaper",
    "NewPerson",
    "OfficeSignIn",
    "PasskeyName",
    "PeopleFilter",
    "PlaceFilter",
    "Recover",
    "SignIn",
    "SignUp",
]
