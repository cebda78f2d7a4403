"""Pages of custody as a person reads them."""

import re

from django.http import HttpResponse
from django.urls import reverse


def url(name: str, **kwargs: object) -> str:
    """The address of a page of custody in the exam of the tests."""
    return reverse(f"custody-{name}", kwargs={"exam": "vet-2011", **kwargs})


def text(answer: HttpResponse) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
