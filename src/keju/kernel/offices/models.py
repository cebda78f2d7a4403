"""The tree of offices: facts that everybody may read."""

from django.db import models


class Kind(models.TextChoices):
    COMMITTEE = "committee"
    OFFICE = "office"
    CENTRE = "centre"
    REGION = "region"
    POINT = "point"
    SITE = "site"


class Office(models.Model):
    """A body of the examination. The three national ones share the path "/".

    A site is no row of the tree, which is the same every year: `queries.office("1301-01")` makes one of its code.
    """

    code = models.CharField(max_length=20, primary_key=True)
    path = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        db_table = "offices_office"
        ordering = ["code"]
        indexes = [models.Index(fields=["path"], name="offices_path")]

    @property
    def name(self):  # -> Words, untyped: models know no rulebook types in annotations
        from keju.rulebook.words import t  # noqa: PLC0415

        return t(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return str(self.name)
