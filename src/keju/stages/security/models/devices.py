"""Devices, their tests, and where each is used when."""

from django.db import models
from django.db.models import Q

from keju.kernel.exams.models import Exam


class Entrance(models.Model):
    """A way into a site where candidates are checked."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=7)
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "security_entrance"
        constraints = [
            models.UniqueConstraint(fields=["exam", "site_code", "name"], name="security_entrance_name")
        ]


class Device(models.Model):
    """Something of an office's inventory (P2.3), over the years. `passed`: its last test, None while there is none."""

    office_path = models.CharField(max_length=40, db_collation="C")
    office_code = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    tag = models.CharField(max_length=40)
    model = models.CharField(max_length=80, blank=True)
    passed = models.BooleanField(null=True)
    tested_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "security_device"
        indexes = [models.Index(fields=["office_path", "-id"], name="security_device_where")]
        constraints = [
            models.UniqueConstraint(fields=["office_code", "tag"], name="security_device_tag"),
            models.CheckConstraint(
                condition=Q(passed=None, tested_at=None) | Q(passed__isnull=False, tested_at__isnull=False),
                name="security_device_tested",
            ),
        ]


class DeviceTest(models.Model):
    """Somebody tried the device. Only grows; the last test counts."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="tests")
    office_path = models.CharField(max_length=40, db_collation="C")
    passed = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)
    by_ref = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_device_test"
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True) | ~Q(note=""), name="security_device_test_says_what"
            )
        ]


class DeviceUse(models.Model):
    """A device is at a room, an entrance or the site as a whole from … until. The database refuses two places at one time.

    `fit`: the device passed its last test, of this exam and not of another year; what is broken does not count. `ended_at`:
    it was taken away before.
    """

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="uses")
    office_path = models.CharField(max_length=40, db_collation="C")
    site_code = models.CharField(max_length=7)
    kind = models.CharField(max_length=40)
    room = models.SmallIntegerField(null=True)
    entrance = models.ForeignKey(Entrance, null=True, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    fit = models.BooleanField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_device_use"
        indexes = [models.Index(fields=["exam", "site_code"], name="security_device_use_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__gt=models.F("from_at")), name="security_device_use_span"
            ),
            models.CheckConstraint(
                condition=Q(room=None) | Q(entrance=None), name="security_device_use_one_place"
            ),
        ]
