"""Refused attempts that stay on record: what somebody wanted to do that must not be. Pure."""

ATTEMPTS = {
    "withdrawal_other_half_day": "wrong_half_day",
    "withdrawal_other_day": "wrong_half_day",
    "withdrawal_other_site": "wrong_half_day",
    "packs_other_day": "early_opening",
    "packs_elsewhere": "early_opening",
    "bag_too_early": "early_opening",
    "bag_elsewhere": "early_opening",
    "handover_twice": "same_person",
    "handover_unqualified": "unqualified_person",
    "found_same_person": "same_person",
    "found_too_many": "found_too_many",
    "stores_is_guard": "key_to_guard",
}


def attempt_kind(code: str) -> str:
    """What a refusal of this code was an attempt at; "" where the refusal is enough.

    "wrong_half_day" and "early_opening" are an alarm besides, for then somebody had the papers in hand.
    """
    return ATTEMPTS.get(code, "")
