"""The settings of the office. What differs between offices comes from the environment (see docs/reference/office-settings.md); the rest is fixed here."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from rightcall.office.place import Place

HERE = Path(__file__).parent
PLACE = Place.from_environment()
DEBUG = False
SECRET_KEY = PLACE.secret("django")
ALLOWED_HOSTS = os.environ.get("RIGHTCALL_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ADDRESS = os.environ.get("RIGHTCALL_ADDRESS", PLACE.kept("address") or "http://localhost:8000").rstrip("/")
"""The public address of the office, as printed on its notices; by default that under which it was served last, so that workers elsewhere print the same."""
WITNESSES = os.environ.get("RIGHTCALL_WITNESS", "")
"""Who co-signs the log: address and key of each, with blanks between them."""
OFFICE_NAME = os.environ.get("RIGHTCALL_NAME") or _("Call-up office")
SECURE = ADDRESS.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "csp",
    "rightcall.office.accounts",
    "rightcall.office.journal",
    "rightcall.office.jobs",
    "rightcall.office.campaigns",
    "rightcall.office.cases",
    "rightcall.office.notices",
    "rightcall.office.person",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "rightcall.office.uploading.SizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rightcall.office.accounts.middleware.ActorMiddleware",
    "rightcall.office.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
CSRF_FAILURE_VIEW = "rightcall.office.views.forged"
ROOT_URLCONF = "rightcall.office.urls"
WSGI_APPLICATION = "rightcall.office.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "rightcall.office.context.office",
            ],
            "builtins": ["django.templatetags.i18n", "rightcall.office.templatetags.words"],
            "string_if_invalid": "",
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """The one setting that moves an office from SQLite to PostgreSQL: ``postgresql://user:password@host:port/name``."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": PLACE.database,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;",
            },
            "CONN_MAX_AGE": 60,
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"RIGHTCALL_DATABASE: `{parts.scheme}` is not known; write postgresql://user:password@host:port/name, or leave it out for SQLite")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(os.environ.get("RIGHTCALL_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who signs in ---
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
OIDC_ISSUER = os.environ.get("RIGHTCALL_OIDC_ISSUER", "").rstrip("/")
if OIDC_ISSUER:
    INSTALLED_APPS.append("mozilla_django_oidc")
    AUTHENTICATION_BACKENDS.append("rightcall.office.accounts.oidc.KnownAccounts")
    OIDC_RP_CLIENT_ID = os.environ["RIGHTCALL_OIDC_CLIENT"]
    OIDC_RP_CLIENT_SECRET = PLACE.secret("oidc")
    OIDC_RP_SIGN_ALGO = "RS256"
    OIDC_RP_SCOPES = "openid"
    OIDC_USE_PKCE = True
    OIDC_TIMEOUT = 10
    OIDC_OP_AUTHORIZATION_ENDPOINT = os.environ.get("RIGHTCALL_OIDC_AUTHORIZE", f"{OIDC_ISSUER}/authorize")
    OIDC_OP_TOKEN_ENDPOINT = os.environ.get("RIGHTCALL_OIDC_TOKEN", f"{OIDC_ISSUER}/token")
    OIDC_OP_JWKS_ENDPOINT = os.environ.get("RIGHTCALL_OIDC_KEYS", f"{OIDC_ISSUER}/jwks")
    OIDC_OP_USER_ENDPOINT = ""
    OIDC_CREATE_USER = False
    LOGIN_REDIRECT_URL = "work"
    OIDC_CALLBACK_CLASS = "rightcall.office.accounts.oidc.Callback"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "work"
LOGOUT_REDIRECT_URL = "start"
OTP_TOTP_ISSUER = "Rightcall"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "password", "code", "old", "new", "next", "csrfmiddlewaretoken"]
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- words, days, files ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = os.environ.get("RIGHTCALL_TIME_ZONE", "UTC")
STATIC_URL = "static/"
STATIC_ROOT = HERE / "static"
FORM_RENDERER = "rightcall.office.forms.Renderer"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["rightcall.office.uploading.LimitedHandler"]
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
"""The tasks of a campaign are one form, a field for each office."""
DATA_UPLOAD_MAX_NUMBER_FILES = 40
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TEST_RUNNER = "django.test.runner.DiscoverRunner"
SILENCED_SYSTEM_CHECKS = ["axes.W003", "axes.W006"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("RIGHTCALL_LOG", "WARNING")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django.request": {"level": "CRITICAL"},  # addresses of questionnaires are secrets
        "django.security.csrf": {"level": "CRITICAL"},
        "django.template": {"level": "INFO"},  # below it, what stands on a page
        "django.db": {"level": "INFO"},
    },
}
