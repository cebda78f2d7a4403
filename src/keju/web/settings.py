"""Django settings. Everything that differs between installations comes from the data folder or `KEJU_…`."""

import os
from ipaddress import ip_network
from pathlib import Path

from keju.web.installation import DataFolder
from keju.web.installation.places import database_settings, is_thrown_away
from keju.web.settings_messages import gateways

WEB = Path(__file__).parent
DATA = DataFolder.current()
SECRETS = DATA.secrets

SECRET_KEY = SECRETS.django_secret_key
DEBUG = False
ALLOWED_HOSTS = os.environ.get("KEJU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("KEJU_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("KEJU_HTTPS", "") == "1"
# Addresses or networks of the proxies in front of us, whose word about visitors is believed.
PROXIES = [ip_network(p.strip()) for p in os.environ.get("KEJU_PROXIES", "").split(",") if p.strip()]

STAGES = [
    "announcement",
    "registration",
    "fees",
    "review",
    "venues",
    "seating",
    "tickets",
    "staffing",
    "security",
    "custody",
    "examday",
    "marking",
    "results",
    "certificates",
    "archive",
]
KERNEL = [
    "audit",
    "offices",
    "accounts",
    "exams",
    "approvals",
    "files",
    "jobs",
    "documents",
    "notices",
    "duties",
    "readiness",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "procrastinate.contrib.django",
    *[f"keju.kernel.{name}" for name in KERNEL if (WEB.parent / "kernel" / name / "apps.py").exists()],
    *[f"keju.stages.{name}" for name in STAGES if (WEB.parent / "stages" / name / "apps.py").exists()],
    "keju.web",
]

MIDDLEWARE = [
    "keju.web.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "keju.web.front.FrontMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "keju.web.privacy.PrivacyMiddleware",
    "keju.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "keju.web.errors.ErrorMiddleware",
]

ROOT_URLCONF = "keju.web.urls"
WSGI_APPLICATION = "keju.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "keju.web.context.surroundings",
            ],
            "builtins": ["keju.web.templatetags.keju", "keju.web.templatetags.keju_parts"],
        },
    }
]

DATABASES = database_settings()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "/sign-in/"
# NIST SP 800-63B-4: fifteen characters where the password stands alone, eight beside a second factor (ADR 10).
PASSWORD_MINIMUM_ALONE = int(os.environ.get("KEJU_PASSWORD_MINIMUM", "15"))
PASSWORD_MINIMUM_WITH_CODE = int(os.environ.get("KEJU_PASSWORD_MINIMUM_WITH_CODE", "8"))
# Rounds of hashing behind each code of a signing sheet, ten milliseconds. The codes of a database that is thrown away guard
# nothing; any other refuses a sheet of fewer than 20,000, whatever stands here (accounts_sheet_rounds_kept).
SIGNING_ROUNDS = (
    1 if is_thrown_away(DATABASES["default"]["NAME"]) else int(os.environ.get("KEJU_SIGNING_ROUNDS", "20000"))
)
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "keju.web.errors.too_many_attempts"
AXES_VERBOSE = False

# Passkeys of candidates (ADR 12): the domain that they are bound to, and the addresses that a browser may speak from. A
# browser makes none for a bare IP address; there people sign in with the password as ever.
PASSKEY_DOMAIN = os.environ.get("KEJU_PASSKEY_DOMAIN", "localhost")
PASSKEYS = {
    "rp_id": PASSKEY_DOMAIN,
    "origins": CSRF_TRUSTED_ORIGINS
    or [f"http{'s' if HTTPS else ''}://{PASSKEY_DOMAIN}:{os.environ.get('PORT', '8000')}"],
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "keju.web.errors.form_too_old"
SESSION_COOKIE_AGE = 60 * 60 * 10
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}

USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA.path / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = os.environ.get("KEJU_STATIC", "") != "collected"
if WHITENOISE_USE_FINDERS:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

# How long one answer of a public page serves every visitor; not while developing and testing.
PUBLIC_SECONDS = float(os.environ.get("KEJU_PUBLIC_SECONDS", "0" if WHITENOISE_USE_FINDERS else "3"))

# Counts of tries (see throttle): of more visitors than the 300 that are usual, or a busy hour forgets them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

FILES_ROOT = DATA.path / "files"
CHECKPOINTS_ROOT = DATA.path / "checkpoints"
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
GATEWAYS = gateways(os.environ, DATA.path / "outbox")
# Paying online (docs/gateway.md); empty where candidates pay by transfer or at the counter.
FEES_GATEWAY = {
    "url": os.environ.get("KEJU_GATEWAY_URL", ""),
    "merchant": os.environ.get("KEJU_GATEWAY_MERCHANT", ""),
    "key": os.environ.get("KEJU_GATEWAY_KEY", ""),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("KEJU_LOG", "WARNING")},
}
