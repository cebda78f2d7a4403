"""What the law says: clauses, refusals, dated parameters, programmes. Pure: the stages ask, it answers."""

from keju.rulebook.clauses import registry, rule
from keju.rulebook.errors import NotInForce, Problem, ProgrammeError, UnknownProgramme
from keju.rulebook.model import Clause, DueSpec, DutySpec, FixedDay, Programme
from keju.rulebook.parameters import duties_on, load_params, value_of
from keju.rulebook.programmes import load_programme, programme_codes, rule_by_id
from keju.rulebook.refusals import Refusal, RuleRefused, enforce
from keju.rulebook.words import Words, current_language, set_language, speaking, t

__all__ = [
    "Clause",
    "DueSpec",
    "DutySpec",
    "FixedDay",
    "NotInForce",
    "Problem",
    "Programme",
    "ProgrammeError",
    "Refusal",
    "RuleRefused",
    "UnknownProgramme",
    "Words",
    "current_language",
    "duties_on",
    "enforce",
    "load_params",
    "load_programme",
    "programme_codes",
    "registry",
    "rule",
    "rule_by_id",
    "set_language",
    "speaking",
    "t",
    "value_of",
]
