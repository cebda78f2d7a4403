"""Who may see which file. The content lies sealed in `settings.FILES_ROOT`, named by its SHA-256."""

from django.db import models
from django.db.models import Q


class StoredFile(models.Model):
    """One naming of a file: this content belongs to this office and, where there is one, to this candidate."""

    sha256 = models.CharField(max_length=64, db_collation="C")
    office_path = models.CharField(max_length=40, db_collation="C")
    candidate_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    stored_by = models.CharField(max_length=80)
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "files_file"
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "office_path", "candidate_id"],
                nulls_distinct=False,
                name="files_named_once",
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="files_sha256"),
            models.CheckConstraint(condition=Q(size__gte=0), name="files_size"),
        ]
        indexes = [models.Index(fields=["candidate_id"], name="files_candidate")]
