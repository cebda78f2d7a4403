"""Sign-ins, the staff behind them with their postings, and the candidates behind them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from keju.kernel.accounts.permissions import ROLES, Role
from keju.kernel.accounts.sealed import SealedField


class LoginKind(models.TextChoices):
    STAFF = "staff"
    CANDIDATE = "candidate"


class LoginManager(BaseUserManager["Login"]):
    def get_by_natural_key(self, username: str | None) -> "Login":
        return self.get(username=username)


class Login(AbstractBaseUser):
    """A name and a password. Staff choose a name; a candidate's is the keyed index of the identity number."""

    username = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=LoginKind.choices)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    objects = LoginManager()

    class Meta:
        db_table = "accounts_login"


class Person(models.Model):
    """Somebody who works for the examination."""

    login = models.OneToOneField(Login, null=True, on_delete=models.PROTECT, related_name="person")
    name = models.CharField(max_length=80)
    employer = models.CharField(max_length=120, blank=True)
    phone = SealedField(default=b"")
    office_path = models.CharField(max_length=40, db_collation="C")

    class Meta:
        db_table = "accounts_person"


class Posting(models.Model):
    """A role held at an office, for one exam or all, from–until."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    office_code = models.CharField(max_length=20)
    office_path = models.CharField(max_length=40, db_collation="C")
    role = models.CharField(max_length=40)
    exam_slug = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    granted_by = models.CharField(max_length=80)

    class Meta:
        db_table = "accounts_posting"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="accounts_posting_span",
            ),
            models.UniqueConstraint(
                fields=["person", "office_code", "role", "exam_slug", "starts_on"],
                name="accounts_posting_once",
            ),
        ]

    @property
    def definition(self) -> Role:
        return ROLES[self.role]


class Candidate(models.Model):
    """A person who registers: one account per identity document, for all exams and years.

    `identity_index` is unique over kind, country and number of the document; phone, e-mail and language say how the
    person is reached.
    """

    login = models.OneToOneField(Login, null=True, on_delete=models.PROTECT, related_name="candidate")
    identity_index = models.BinaryField(unique=True)
    identity = SealedField()
    document_kind = models.CharField(max_length=20, default="resident", db_default="resident")
    country = models.CharField(max_length=3, default="CHN", db_default="CHN")
    name = models.CharField(max_length=80)
    phone = SealedField(default=b"")
    email = SealedField(default=b"", db_default=b"")
    language = models.CharField(max_length=2, default="zh", db_default="zh")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_candidate"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language__in=["zh", "en"]), name="accounts_candidate_language"
            )
        ]
