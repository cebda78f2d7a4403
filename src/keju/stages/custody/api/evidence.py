"""Evidence files over the API: asked for with a reason, then a job whose result is the archive."""

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody.services.evidence import ask_evidence, public_keys

router = Router(tags=["custody"])
MAKE = "custody:evidence:make"


class EvidenceIn(Schema):
    """`reason`: why it is wanted, and on which document; it stays in the log. `language`: of the part to read."""

    reason: str
    language: str = "zh"


class EvidenceOut(Schema):
    """The job that makes it; its result is the archive."""

    job: str
    state: str


@router.post(
    "/{exam}/containers/{code}/evidence", response=EvidenceOut, operation_id="custody_container_evidence"
)
@office_api(MAKE)
def of_container(request: Request, exam: str, code: str, asked: EvidenceIn) -> object:
    """The signed evidence file of a container and of what it ever lay in."""
    return _begun(request, "container", code, asked)


@router.post("/{exam}/sites/{site}/evidence", response=EvidenceOut, operation_id="custody_site_evidence")
@office_api(MAKE)
def of_site(request: Request, exam: str, site: str, asked: EvidenceIn) -> object:
    """The signed evidence file of every container of a site."""
    return _begun(request, "site", site, asked)


@router.get("/{exam}/evidence-keys", response=list[str], operation_id="custody_evidence_keys")
@office_api("custody:chain:read")
def keys(request: Request, exam: str) -> object:
    """The public keys that evidence files are verified with: C2SP verifier keys, of the log and of the files."""
    return [str(key) for key in public_keys()]


def _begun(request: Request, kind: str, code: str, asked: EvidenceIn) -> dict[str, str]:
    language = "en" if asked.language == "en" else "zh"
    job = ask_evidence(
        exam=request.exam, kind=kind, code=code, reason=asked.reason, language=language, by=actor(request),
        at=now(request.exam),
    )  # fmt: skip
    return {"job": str(job.public), "state": str(job.state)}
