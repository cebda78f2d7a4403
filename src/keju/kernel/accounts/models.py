"""Sign-ins, the staff behind them with their postings and proofs of person, and the candidates with their passkeys."""

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
    """Somebody who works for the examination; where a human was entered twice, `human` joins the entries (ADR 19).

    `human`: the same number in each entry of one human, the id of the first; NULL where there is this entry alone.
    `identity_index`: the keyed index of the identity number, where it is known, in one entry of a human.
    """

    login = models.OneToOneField(Login, null=True, on_delete=models.PROTECT, related_name="person")
    name = models.CharField(max_length=80)
    employer = models.CharField(max_length=120, blank=True)
    phone = SealedField(default=b"")
    office_path = models.CharField(max_length=40, db_collation="C")
    identity_index = models.BinaryField(null=True, unique=True)
    human = models.BigIntegerField(null=True)

    class Meta:
        db_table = "accounts_person"
        indexes = [
            models.Index(
                fields=["human"], condition=models.Q(human__isnull=False), name="accounts_person_human"
            )
        ]


class Joining(models.Model):
    """Two entries were found to be one human, by the identity number; it stands for ever.

    `seen`: what the officer held in hand.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    seen = models.CharField(max_length=200)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_joining"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("other")), name="accounts_joining_two"
            ),
        ]


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


class Recovery(models.Model):
    """A try to get into an account whose password is lost, by a code sent to the telephone or printed at a counter.

    There is a row whether or not there is such an account: `candidate` and `code_hash` are filled in later, out of
    sight of who asked. The code itself stands nowhere.
    """

    SMS, COUNTER = "sms", "counter"

    way = models.CharField(max_length=8, choices=[(SMS, SMS), (COUNTER, COUNTER)])
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    identity_index = models.BinaryField()
    phone_index = models.BinaryField(default=b"")
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="+")
    code_hash = models.BinaryField(default=b"")
    tries = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=80, blank=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_recovery"
        indexes = [
            models.Index(fields=["identity_index", "made_at"], name="accounts_recovery_whose"),
            models.Index(fields=["office_path", "-made_at"], name="accounts_recovery_where"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tries__gte=0, tries__lte=5), name="accounts_recovery_tries"
            ),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(candidate__isnull=False),
                name="accounts_recovery_used_by",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by="") | ~models.Q(reviewed_by=models.F("made_by")),
                name="accounts_recovery_two_persons",
            ),
        ]


class Passkey(models.Model):
    """A key that a candidate's device keeps; here is its public half. What was removed opens nothing and stands on."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    name = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_passkey"
        constraints = [
            models.CheckConstraint(condition=models.Q(sign_count__gte=0), name="accounts_passkey_counts"),
            models.CheckConstraint(condition=~models.Q(name=""), name="accounts_passkey_named"),
        ]


class Challenge(models.Model):
    """What a device is asked to sign, once and soon: the row is gone with the first answer.

    `candidate`: whose new passkey it is for; NULL: for signing in.
    """

    value = models.BinaryField(unique=True)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_challenge"
        indexes = [models.Index(fields=["expires_at"], name="accounts_challenge_expired")]


class SigningSheet(models.Model):
    """A sheet of numbered one-time codes by which a person without a device signs; the failures slow down guessing.

    A sheet replaced or taken back is `voided_at`. `issuer`: who saw the codes when they were made, None for the person's
    own link. `rounds`: how often each code is hashed, as the installation had it set that day; a database that is not
    thrown away refuses fewer than 20,000.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    issuer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    rounds = models.IntegerField()
    made_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_signing_sheet"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(voided_at=None), name="accounts_signing_sheet_one"
            ),
            models.CheckConstraint(
                condition=models.Q(failures__gte=0), name="accounts_signing_sheet_failures"
            ),
            models.CheckConstraint(condition=models.Q(rounds__gte=1), name="accounts_signing_sheet_rounds"),
        ]


class SigningCode(models.Model):
    """One code of a sheet; it stands nowhere, only its keyed and slow hash. What is used never counts again."""

    sheet = models.ForeignKey(SigningSheet, on_delete=models.PROTECT, related_name="codes")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    number = models.SmallIntegerField()
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_signing_code"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="accounts_signing_code_number")
        ]


class ForeignTry(models.Model):
    """Wrong codes for somebody's device that were typed at another's sign-in; they slow such tries down, not the owner's."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_foreign_try"
        constraints = [
            models.CheckConstraint(condition=models.Q(failures__gte=0), name="accounts_foreign_try_counts")
        ]


class Proof(models.Model):
    """Somebody proved to be themself, once: by a time step of their device or by a code of their sheet.

    `counter` is the step or the code: unique, so that whatever is repeated proves nothing.
    """

    DEVICE, SHEET = "device", "sheet"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C", default="/")
    means = models.CharField(max_length=8, choices=[(DEVICE, DEVICE), (SHEET, SHEET)])
    counter = models.BigIntegerField()
    issuer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_proof"
        constraints = [
            models.UniqueConstraint(fields=["person", "means", "counter"], name="accounts_proof_once")
        ]
