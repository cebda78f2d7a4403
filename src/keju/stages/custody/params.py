"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """`spares_per_site`: papers in a site's bag of spares (V15.6). `box_bags`: bags that go into a box.
    `receivers_min`: receivers besides the confidential officer (V11.1). `receipt_minutes`: by when after counting the signed
    sheet is with the superior (V10.2.1); `count_minutes`: by when a count that began is finished. `handover_grace_minutes`:
    how long after its planned time a handover may begin.
    `keep_days_max`: days before the exam that a point may keep papers (V12.3). `mail_room_hours`: hours after which what
    lies in a mail room is late in its store; `mail_told_minutes`: by when after the notice its handover into the store is
    prepared (V11.2.1). `entry_hours`: hours after which somebody inside a store has not come out.
    The exam day: `papers_drawn_minutes_before`, `withdrawal_staff` (V15.2), `group_rooms` (V15.3.1),
    `bags_issued_minutes_before` (V15.3.4), `bag_opened_minutes_before` (V15.4.2), `back_minutes_after` (V16.1.1).
    """

    spares_per_site: int
    box_bags: int
    receivers_min: int
    receipt_minutes: int
    count_minutes: int
    handover_grace_minutes: int
    keep_days_max: int
    mail_room_hours: int
    mail_told_minutes: int
    entry_hours: int
    papers_drawn_minutes_before: int
    withdrawal_staff: int
    group_rooms: int
    bag_opened_minutes_before: int
    bags_issued_minutes_before: int
    back_minutes_after: int
    # journeys (V10.2)
    journey_escorts_single: int  # escorts where one vehicle carries papers
    journey_escorts_each: int  # escorts in each of several
    journey_escorts_train: int
    journey_escorts_air: int
    journey_arrive_days: int  # days before the exam by which papers are at the point
    journey_report_minutes: int  # how often a journey reports
    journey_grace_minutes: int  # how late a report or an arrival may be before it is an alarm
    journey_unload_minutes: int  # how long after its arrival a journey may still hold papers
    # damage and incidents (V12.5, V12.6)
    case_persons_min: int  # who treat a damaged bag together
    case_hours: int  # hours by which damage is treated and reported to the centre
    incident_step_minutes: int  # minutes by which each step of an incident was taken
