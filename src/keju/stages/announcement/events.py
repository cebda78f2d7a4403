"""What this stage writes into the audit log."""

DRAFTED = "announcement.notice.drafted"
DECIDED = "announcement.notice.decided"
PUBLISHED = "announcement.notice.published"
WINDOWS_SET = "announcement.windows.set"
REGION_PUBLISHED = "announcement.region.published"
REGION_DEFERRED = "announcement.region.deferred"
