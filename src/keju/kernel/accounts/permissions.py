"""Every permission, and the roles that are sets of them. Nobody holds anything by default.

A permission reads `stage:thing:act`. Two separations are kept by test: no role both edits registrations and refunds,
and none both administers scoring and the system.
"""

from dataclasses import dataclass
from enum import StrEnum

from keju.kernel.offices.models import Kind
from keju.rulebook.words import Words, t


class Permission(StrEnum):
    """What may be done. Names follow the value: `fees:refund:execute` → `FEES_REFUND_EXECUTE`."""

    # kernel
    OFFICES_TREE_LOAD = "offices:tree:load"
    ACCOUNTS_PEOPLE_READ = "accounts:people:read"
    ACCOUNTS_PEOPLE_MANAGE = "accounts:people:manage"
    ACCOUNTS_RECOVERY_ISSUE = "accounts:recovery:issue"
    ACCOUNTS_RECOVERY_REVIEW = "accounts:recovery:review"
    AUDIT_LOG_READ = "audit:log:read"
    EXAMS_EXAM_MANAGE = "exams:exam:manage"
    EXAMS_CLOCK_SHIFT = "exams:clock:shift"
    EXAMS_OPENING_SET = "exams:opening:set"
    NOTICES_NOTICE_SEND = "notices:notice:send"
    NOTICES_NOTICE_READ = "notices:notice:read"
    DUTIES_BOARD_READ = "duties:board:read"
    DUTIES_DUTY_DISCHARGE = "duties:duty:discharge"
    DOCUMENTS_LEDGER_READ = "documents:ledger:read"
    APPROVALS_PROPOSAL_SIGN = "approvals:proposal:sign"
    READINESS_BOARD_READ = "readiness:board:read"
    READINESS_GATE_OVERRIDE = "readiness:gate:override"
    # announcement
    ANNOUNCEMENT_NOTICE_READ = "announcement:notice:read"
    ANNOUNCEMENT_NOTICE_DRAFT = "announcement:notice:draft"
    ANNOUNCEMENT_NOTICE_DECIDE = "announcement:notice:decide"
    ANNOUNCEMENT_REGION_PUBLISH = "announcement:region:publish"
    # registration
    REGISTRATION_OWN_EDIT = "registration:own:edit"
    REGISTRATION_LIST_READ = "registration:list:read"
    REGISTRATION_PERSON_UNMASK = "registration:person:unmask"
    REGISTRATION_PHOTO_OVERRULE = "registration:photo:overrule"
    REGISTRATION_IMPORT_RUN = "registration:import:run"
    REGISTRATION_POINT_PREPARE = "registration:point:prepare"
    REGISTRATION_NEED_DECIDE = "registration:need:decide"
    # fees
    FEES_LEDGER_READ = "fees:ledger:read"
    FEES_TARIFF_SET = "fees:tariff:set"
    FEES_RECEIPTS_REGISTER = "fees:receipts:register"
    FEES_PAYMENT_TAKE = "fees:payment:take"
    FEES_OWN_PAY = "fees:own:pay"
    FEES_STATEMENT_BOOK = "fees:statement:book"
    FEES_REMITTANCE_RECORD = "fees:remittance:record"
    FEES_REMITTANCE_RECEIVE = "fees:remittance:receive"
    FEES_REFUND_EXECUTE = "fees:refund:execute"
    # review
    REVIEW_LIST_READ = "review:list:read"
    REVIEW_FIRST_DECIDE = "review:first:decide"
    REVIEW_CORRECTION_DECIDE = "review:correction:decide"
    REVIEW_SUMMARY_SEND = "review:summary:send"
    REVIEW_SECOND_DECIDE = "review:second:decide"
    # venues
    VENUES_SITE_READ = "venues:site:read"
    VENUES_HOST_DECIDE = "venues:host:decide"
    VENUES_SITE_EDIT = "venues:site:edit"
    VENUES_SITE_REPORT = "venues:site:report"
    VENUES_CHECKLIST_ATTEST = "venues:checklist:attest"
    # seating
    SEATING_PLAN_READ = "seating:plan:read"
    SEATING_PLAN_MAKE = "seating:plan:make"
    SEATING_PLAN_CHANGE = "seating:plan:change"
    # tickets
    TICKETS_LIST_READ = "tickets:list:read"
    TICKETS_NUMBERS_GENERATE = "tickets:numbers:generate"
    TICKETS_PRINTING_OPEN = "tickets:printing:open"
    TICKETS_OWN_PRINT = "tickets:own:print"
    TICKETS_SHEETS_PRINT = "tickets:sheets:print"
    # staffing
    STAFFING_PEOPLE_READ = "staffing:people:read"
    STAFFING_PEOPLE_EDIT = "staffing:people:edit"
    STAFFING_APPOINTMENT_MAKE = "staffing:appointment:make"
    STAFFING_APPOINTMENT_CONSENT = "staffing:appointment:consent"
    STAFFING_RECUSAL_DECIDE = "staffing:recusal:decide"
    STAFFING_ROSTER_MAKE = "staffing:roster:make"
    STAFFING_PHONE_UNMASK = "staffing:phone:unmask"
    STAFFING_TRAINING_HOLD = "staffing:training:hold"
    STAFFING_HANDBOOK_DRAFT = "staffing:handbook:draft"
    STAFFING_HANDBOOK_APPROVE = "staffing:handbook:approve"
    # security
    SECURITY_RECORD_READ = "security:record:read"
    SECURITY_LETTER_SIGN = "security:letter:sign"
    SECURITY_PLAN_MAKE = "security:plan:make"
    SECURITY_PLAN_APPROVE = "security:plan:approve"
    SECURITY_INSPECTION_MAKE = "security:inspection:make"
    SECURITY_FINDING_MEND = "security:finding:mend"
    SECURITY_EMERGENCY_MAKE = "security:emergency:make"
    SECURITY_DEVICE_MANAGE = "security:device:manage"
    SECURITY_RECORDING_KEEP = "security:recording:keep"
    SECURITY_RECORDING_DISPOSE = "security:recording:dispose"
    # custody
    CUSTODY_QUANTITIES_READ = "custody:quantities:read"
    CUSTODY_QUANTITIES_SET = "custody:quantities:set"
    CUSTODY_QUANTITIES_CONFIRM = "custody:quantities:confirm"
    CUSTODY_CHAIN_READ = "custody:chain:read"
    CUSTODY_CONTAINERS_MAKE = "custody:containers:make"
    CUSTODY_CONTAINERS_PACK = "custody:containers:pack"
    CUSTODY_HANDOVER_MAKE = "custody:handover:make"
    CUSTODY_HANDOVER_CONSENT = "custody:handover:consent"
    CUSTODY_JOURNEY_PLAN = "custody:journey:plan"
    CUSTODY_JOURNEY_APPROVE = "custody:journey:approve"
    CUSTODY_STORE_MANAGE = "custody:store:manage"
    CUSTODY_STORE_ENTER = "custody:store:enter"
    CUSTODY_CASE_REPORT = "custody:case:report"
    CUSTODY_CASE_INSTRUCT = "custody:case:instruct"
    CUSTODY_SEAL_ROOM_RUN = "custody:seal_room:run"
    CUSTODY_DESTRUCTION_ORDER = "custody:destruction:order"
    CUSTODY_EVIDENCE_MAKE = "custody:evidence:make"
    CUSTODY_MARKS_TAKE = "custody:marks:take"
    # examday
    EXAMDAY_ROOM_READ = "examday:room:read"
    EXAMDAY_ROOM_RECORD = "examday:room:record"
    EXAMDAY_REPORT_SEND = "examday:report:send"
    # marking
    MARKING_CARDS_PRINT = "marking:cards:print"
    MARKING_BATCH_READ = "marking:batch:read"
    MARKING_BATCH_SCAN = "marking:batch:scan"
    MARKING_READING_ADJUDICATE = "marking:reading:adjudicate"
    MARKING_KEY_SET = "marking:key:set"
    MARKING_SCORE_RUN = "marking:score:run"
    MARKING_SCORE_READ = "marking:score:read"
    MARKING_SCORE_FREEZE = "marking:score:freeze"
    MARKING_SCORE_COUNTERSIGN = "marking:score:countersign"
    # results
    RESULTS_LINE_READ = "results:line:read"
    RESULTS_LINE_PROPOSE = "results:line:propose"
    RESULTS_LINE_DECIDE = "results:line:decide"
    RESULTS_RELEASE_PUBLISH = "results:release:publish"
    RESULTS_OWN_READ = "results:own:read"
    RESULTS_REGISTER_SEND = "results:register:send"
    RESULTS_REGISTER_READ = "results:register:read"
    # certificates
    CERTIFICATES_LIST_READ = "certificates:list:read"
    CERTIFICATES_GRANT_MAKE = "certificates:grant:make"
    CERTIFICATES_PRINT_MAKE = "certificates:print:make"
    CERTIFICATES_COLLECTION_RECORD = "certificates:collection:record"
    CERTIFICATES_REISSUE_DECIDE = "certificates:reissue:decide"
    CERTIFICATES_OWN_REQUEST = "certificates:own:request"
    # archive
    ARCHIVE_BUNDLE_READ = "archive:bundle:read"
    ARCHIVE_BUNDLE_SEAL = "archive:bundle:seal"


P = Permission
CANDIDATE_PERMISSIONS = frozenset(
    {
        P.REGISTRATION_OWN_EDIT,
        P.FEES_OWN_PAY,
        P.TICKETS_OWN_PRINT,
        P.RESULTS_OWN_READ,
        P.CERTIFICATES_OWN_REQUEST,
    }
)

EVERY_OFFICE = {
    P.DUTIES_BOARD_READ,
    P.DUTIES_DUTY_DISCHARGE,
    P.NOTICES_NOTICE_READ,
    P.ANNOUNCEMENT_NOTICE_READ,
    P.READINESS_BOARD_READ,
    P.APPROVALS_PROPOSAL_SIGN,
}
READS_ALL = {
    P.REGISTRATION_LIST_READ,
    P.FEES_LEDGER_READ,
    P.REVIEW_LIST_READ,
    P.VENUES_SITE_READ,
    P.SEATING_PLAN_READ,
    P.TICKETS_LIST_READ,
    P.EXAMDAY_ROOM_READ,
    P.CERTIFICATES_LIST_READ,
    P.ARCHIVE_BUNDLE_READ,
    P.DOCUMENTS_LEDGER_READ,
    P.ACCOUNTS_PEOPLE_READ,
    P.RESULTS_LINE_READ,
    P.RESULTS_REGISTER_READ,
    P.CUSTODY_QUANTITIES_READ,
    P.CUSTODY_CHAIN_READ,
    P.STAFFING_PEOPLE_READ,
    P.SECURITY_RECORD_READ,
}
STAFFS_AND_SECURES = {
    P.STAFFING_PEOPLE_READ,
    P.STAFFING_PEOPLE_EDIT,
    P.STAFFING_APPOINTMENT_MAKE,
    P.STAFFING_ROSTER_MAKE,
    P.STAFFING_PHONE_UNMASK,
    P.STAFFING_TRAINING_HOLD,
    P.SECURITY_RECORD_READ,
    P.SECURITY_PLAN_MAKE,
    P.SECURITY_INSPECTION_MAKE,
    P.SECURITY_FINDING_MEND,
    P.SECURITY_EMERGENCY_MAKE,
    P.SECURITY_DEVICE_MANAGE,
    P.SECURITY_RECORDING_KEEP,
}
KEEPS_PAPERS = {
    P.CUSTODY_QUANTITIES_READ,
    P.CUSTODY_CHAIN_READ,
    P.CUSTODY_CONTAINERS_PACK,
    P.CUSTODY_HANDOVER_MAKE,
    P.CUSTODY_JOURNEY_PLAN,
    P.CUSTODY_STORE_MANAGE,
    P.CUSTODY_STORE_ENTER,
    P.CUSTODY_CASE_REPORT,
    P.STAFFING_PEOPLE_READ,
    P.SECURITY_RECORD_READ,
    P.DOCUMENTS_LEDGER_READ,
}
LEADS = {
    P.STAFFING_PEOPLE_READ, P.STAFFING_PHONE_UNMASK, P.STAFFING_APPOINTMENT_CONSENT, P.STAFFING_RECUSAL_DECIDE,
    P.SECURITY_RECORD_READ, P.SECURITY_LETTER_SIGN, P.SECURITY_PLAN_APPROVE, P.SECURITY_RECORDING_DISPOSE,
    P.CUSTODY_CHAIN_READ, P.CUSTODY_HANDOVER_CONSENT, P.CUSTODY_CASE_INSTRUCT, P.CUSTODY_DESTRUCTION_ORDER,
}  # fmt: skip


@dataclass(frozen=True)
class Role:
    """A set of permissions that a person may hold at offices of the given kinds."""

    code: str
    name: Words
    at: frozenset[Kind]
    permissions: frozenset[Permission]


def _role(code: str, zh: str, en: str, at: Kind, *permissions: Permission | set[Permission]) -> Role:
    held = set(EVERY_OFFICE)
    for p in permissions:
        held |= p if isinstance(p, set) else {p}
    return Role(code, t(zh, en), frozenset({at}), frozenset(held))


_ROLES = [
    _role("committee_member", "委员会委员", "Committee member", Kind.COMMITTEE,
          READS_ALL, P.ANNOUNCEMENT_NOTICE_DECIDE, P.RESULTS_LINE_DECIDE, P.AUDIT_LOG_READ,
          P.STAFFING_APPOINTMENT_MAKE, P.SECURITY_LETTER_SIGN),
    _role("office_officer", "管理办公室工作人员", "Office officer", Kind.OFFICE,
          READS_ALL, P.ANNOUNCEMENT_NOTICE_DRAFT, P.NOTICES_NOTICE_SEND, P.RESULTS_LINE_PROPOSE,
          P.RESULTS_REGISTER_SEND, P.STAFFING_HANDBOOK_APPROVE, P.STAFFING_RECUSAL_DECIDE, P.SECURITY_PLAN_APPROVE,
          P.CUSTODY_CASE_INSTRUCT),
    _role("centre_exam", "中心考务", "Centre examination officer", Kind.CENTRE,
          READS_ALL, P.EXAMS_EXAM_MANAGE, P.EXAMS_CLOCK_SHIFT, P.EXAMS_OPENING_SET, P.TICKETS_PRINTING_OPEN,
          P.CUSTODY_QUANTITIES_SET,
          P.NOTICES_NOTICE_SEND, P.MARKING_CARDS_PRINT, P.AUDIT_LOG_READ, P.ARCHIVE_BUNDLE_SEAL,
          STAFFS_AND_SECURES, P.STAFFING_HANDBOOK_DRAFT, P.SECURITY_LETTER_SIGN),
    _role("centre_finance", "中心财务", "Centre finance officer", Kind.CENTRE,
          P.FEES_LEDGER_READ, P.FEES_REMITTANCE_RECEIVE, P.FEES_TARIFF_SET, P.DOCUMENTS_LEDGER_READ),
    _role("centre_scoring", "中心阅卷", "Centre scoring officer", Kind.CENTRE,
          P.MARKING_BATCH_READ, P.MARKING_BATCH_SCAN, P.MARKING_READING_ADJUDICATE, P.MARKING_SCORE_RUN,
          P.MARKING_SCORE_READ),
    _role("centre_key", "中心命题", "Centre key keeper", Kind.CENTRE, P.MARKING_KEY_SET, P.MARKING_BATCH_READ),
    _role("centre_data", "中心数据管理员", "Centre data administrator", Kind.CENTRE,
          P.MARKING_BATCH_READ, P.MARKING_SCORE_READ, P.MARKING_SCORE_FREEZE, P.RESULTS_RELEASE_PUBLISH,
          P.RESULTS_LINE_READ),
    _role("centre_system", "中心系统管理员", "Centre system administrator", Kind.CENTRE,
          P.ACCOUNTS_PEOPLE_MANAGE, P.ACCOUNTS_PEOPLE_READ, P.AUDIT_LOG_READ, P.MARKING_SCORE_COUNTERSIGN),
    _role("centre_certificates", "中心证书", "Centre certificate officer", Kind.CENTRE,
          P.CERTIFICATES_LIST_READ, P.CERTIFICATES_GRANT_MAKE, P.CERTIFICATES_PRINT_MAKE, P.CERTIFICATES_REISSUE_DECIDE,
          P.RESULTS_REGISTER_READ),
    _role("centre_custody", "中心试卷保密", "Centre papers officer", Kind.CENTRE,
          KEEPS_PAPERS, P.CUSTODY_CONTAINERS_MAKE, P.CUSTODY_JOURNEY_APPROVE, P.CUSTODY_CASE_INSTRUCT,
          P.CUSTODY_EVIDENCE_MAKE, P.CUSTODY_MARKS_TAKE, P.AUDIT_LOG_READ),
    _role("region_custody", "考区试卷保密", "Region papers officer", Kind.REGION,
          KEEPS_PAPERS, P.CUSTODY_JOURNEY_APPROVE, P.CUSTODY_CASE_INSTRUCT, P.CUSTODY_EVIDENCE_MAKE),
    _role("point_custody", "考点试卷保密", "Point papers officer", Kind.POINT,
          KEEPS_PAPERS, P.CUSTODY_SEAL_ROOM_RUN, P.VENUES_SITE_READ, P.EXAMDAY_ROOM_READ),
    _role("region_officer", "考区考务", "Region officer", Kind.REGION,
          READS_ALL, P.ANNOUNCEMENT_REGION_PUBLISH, P.EXAMS_OPENING_SET, P.NOTICES_NOTICE_SEND,
          P.REVIEW_SECOND_DECIDE, P.REVIEW_CORRECTION_DECIDE, P.VENUES_HOST_DECIDE, P.SEATING_PLAN_MAKE, P.SEATING_PLAN_CHANGE,
          P.TICKETS_NUMBERS_GENERATE, P.TICKETS_SHEETS_PRINT, P.CUSTODY_QUANTITIES_CONFIRM,
          P.REGISTRATION_PERSON_UNMASK, P.EXAMDAY_REPORT_SEND, P.CERTIFICATES_REISSUE_DECIDE,
          P.ACCOUNTS_RECOVERY_REVIEW, STAFFS_AND_SECURES),
    _role("region_leader", "考区领导", "Region leader", Kind.REGION, READS_ALL, LEADS, P.READINESS_GATE_OVERRIDE),
    _role("region_finance", "考区财务", "Region finance officer", Kind.REGION,
          P.FEES_LEDGER_READ, P.FEES_TARIFF_SET, P.FEES_RECEIPTS_REGISTER, P.FEES_STATEMENT_BOOK,
          P.FEES_REMITTANCE_RECORD, P.FEES_REFUND_EXECUTE, P.DOCUMENTS_LEDGER_READ),
    _role("point_clerk", "考点报名确认", "Point clerk", Kind.POINT,
          P.REGISTRATION_LIST_READ, P.REGISTRATION_PERSON_UNMASK, P.REGISTRATION_PHOTO_OVERRULE, P.REGISTRATION_NEED_DECIDE,
          P.REVIEW_LIST_READ,
          P.REVIEW_FIRST_DECIDE, P.REVIEW_SUMMARY_SEND, P.FEES_PAYMENT_TAKE, P.DOCUMENTS_LEDGER_READ,
          P.CERTIFICATES_LIST_READ, P.CERTIFICATES_COLLECTION_RECORD, P.CERTIFICATES_REISSUE_DECIDE,
          P.ACCOUNTS_RECOVERY_ISSUE),
    _role("point_manager", "考点考务", "Point manager", Kind.POINT,
          P.REGISTRATION_LIST_READ, P.REGISTRATION_POINT_PREPARE, P.REGISTRATION_IMPORT_RUN, P.REVIEW_LIST_READ,
          P.REVIEW_CORRECTION_DECIDE, P.REVIEW_SUMMARY_SEND, P.VENUES_SITE_READ, P.VENUES_SITE_EDIT,
          P.VENUES_SITE_REPORT, P.VENUES_CHECKLIST_ATTEST, P.SEATING_PLAN_READ, P.TICKETS_LIST_READ,
          P.TICKETS_SHEETS_PRINT, P.MARKING_CARDS_PRINT, P.EXAMDAY_ROOM_READ, P.EXAMDAY_ROOM_RECORD,
          P.EXAMDAY_REPORT_SEND, P.DOCUMENTS_LEDGER_READ, P.ACCOUNTS_PEOPLE_READ, P.FEES_LEDGER_READ,
          P.ACCOUNTS_RECOVERY_REVIEW, STAFFS_AND_SECURES),
    _role("point_leader", "考点领导", "Point leader", Kind.POINT,
          P.REGISTRATION_LIST_READ, P.VENUES_SITE_READ, P.SEATING_PLAN_READ, P.TICKETS_LIST_READ, P.EXAMDAY_ROOM_READ,
          P.CUSTODY_QUANTITIES_READ, P.DOCUMENTS_LEDGER_READ, LEADS),
    _role("site_officer", "考试地点工作人员", "Site officer", Kind.SITE,
          P.VENUES_SITE_READ, P.VENUES_SITE_EDIT, P.VENUES_CHECKLIST_ATTEST, P.SEATING_PLAN_READ, P.TICKETS_LIST_READ,
          P.TICKETS_SHEETS_PRINT, P.STAFFING_PEOPLE_READ, P.STAFFING_PHONE_UNMASK, P.SECURITY_RECORD_READ,
          P.SECURITY_INSPECTION_MAKE, P.SECURITY_FINDING_MEND, P.SECURITY_DEVICE_MANAGE, P.SECURITY_RECORDING_KEEP),
    _role("centre_leader", "中心领导", "Centre leader", Kind.CENTRE, READS_ALL, LEADS),
]  # fmt: skip
ROLES: dict[str, Role] = {role.code: role for role in _ROLES}
