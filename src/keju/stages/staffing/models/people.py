"""Who works for the examination: one row a person in the whole nation, over all years."""

from django.db import models
from django.db.models import Q

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.sealed import SealedField


class Member(models.Model):
    """A member of staff (P5.2), once in the nation: `identity_index` is the candidates' index, so that the two compare.

    Name, employer and telephone stand in `person`. `in_sector`: the employer belongs to the sector that may not
    invigilate (V2.7), `sector_sure`: its name sounds like it and somebody has looked into it; `permanent`: permanent
    staff of the employer; `office_path`: the home office, which keeps the entry.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    identity = SealedField()
    identity_index = models.BinaryField(unique=True)
    sex = models.CharField(max_length=1)
    in_sector = models.BooleanField()
    sector_sure = models.BooleanField(default=False, db_default=False)
    phone_index = models.BinaryField(default=b"")
    permanent = models.BooleanField(default=False)
    languages = models.CharField(max_length=120, blank=True)
    certificates = models.CharField(max_length=200, blank=True)
    office_path = models.CharField(max_length=40, db_collation="C")
    made_at = models.DateTimeField()
    left_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "staffing_member"
        indexes = [
            models.Index(fields=["office_path", "id"], name="staffing_member_where"),
            models.Index(fields=["phone_index"], name="staffing_member_phone"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["M", "F"]), name="staffing_member_sex"),
            models.CheckConstraint(condition=Q(version__gte=1), name="staffing_member_version"),
        ]
