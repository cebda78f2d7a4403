"""The log's tables. Only this package writes them; the database refuses every change of a written row."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Event(models.Model):
    """What happened. Written in the transaction of the change itself."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    office_path = models.CharField(max_length=40, db_collation="C")
    exam = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    rules = ArrayField(models.CharField(max_length=12))
    data = models.JSONField()
    mac = models.BinaryField()

    class Meta:
        db_table = "audit_event"
        managed = True
        indexes = [
            models.Index(fields=["subject", "at"], name="audit_event_subject"),
            models.Index(fields=["office_path", "at"], name="audit_event_office"),
        ]


class Leaf(models.Model):
    """The event's place in the Merkle tree, given by the sequencer; gapless from 0."""

    index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_leaf"


class Node(models.Model):
    """A complete subtree's hash: `level` 1 and up; leaves are level 0 in `Leaf`."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_node"


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root (C2SP checkpoint)."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        db_table = "audit_checkpoint"
