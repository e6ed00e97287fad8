"""Settings of signing in that no environment changes: where it is, and how django-allauth works here."""

AUTHENTICATION_BACKENDS = ["portal.web.adapters.PasswordBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
# Seconds: a link to choose a new password.
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_ADAPTER = "portal.web.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
# People do not sign themselves up; the fields are those that allauth's own checks expect.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Whoever adds a person answers for the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True

MFA_ADAPTER = "portal.web.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey is a second factor only where it asks who holds it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Countersign"
