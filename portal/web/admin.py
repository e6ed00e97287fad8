"""The admin site, for looking only: whatever changes something goes through an operation, from another door."""

from functools import wraps
from typing import Any, ClassVar, NoReturn

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Client, ClientKey, Membership, Organization, SigningKey, User
from portal.accounts.roles import Act
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, NotFoundError
from portal.core.tenancy import act_within
from portal.web.requests import actor_behind


class LookingSite(admin.AdminSite):
    """The admin for those whose role includes it everywhere; its rows know no market to narrow them to."""

    site_header = site_title = "Countersign"
    index_title = gettext_lazy("For looking")

    def has_permission(self, request: HttpRequest) -> bool:
        """Let those in who may see everything, everywhere."""
        return may_look(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's own signature
        """Show what the person behind the request may reach."""

        @wraps(view)
        def looking(request: HttpRequest, *args: object, **kwargs: object) -> Any:
            act_within(actor_behind(request).tenants)
            return view(request, *args, **kwargs)

        return super().admin_view(looking, cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the portal's own sign-in; those who are signed in already lack the role."""
        if request.user.is_authenticated:
            raise ForbiddenError(_("Your role does not include this page. An operator can grant it."))
        return redirect_to_login(request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Change nothing, not even a password."""
        raise NotFoundError


def may_look(request: HttpRequest) -> bool:
    """Say whether the person behind a request may see the admin."""
    # An empty place is reached only by grants that hold everywhere.
    return bool(request.user.is_authenticated) and actor_behind(request).may(Act.ADMIN_SEE, {})


site = LookingSite(name="admin")


class Looking(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes nothing; `hidden` columns never leave the database."""

    hidden: ClassVar[tuple[str, ...]] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Leave out what nobody may see."""
        return self.hidden

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_look(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_look(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User, site=site)
class UserAdmin(Looking):
    """People."""

    hidden = ("password",)
    list_display = ("name", "email", "language", "is_active", "created_at")
    search_fields = ("name", "email", "public_id")


@admin.register(Organization, site=site)
class OrganizationAdmin(Looking):
    """Organizations of every kind."""

    list_display = ("name", "kind", "public_id")
    list_filter = ("kind",)
    search_fields = ("name", "public_id")


@admin.register(Membership, site=site)
class MembershipAdmin(Looking):
    """Who has which role where."""

    list_display = ("user", "role", "organization")
    list_filter = ("role",)
    list_select_related = ("user", "organization")


@admin.register(Client, site=site)
class ClientAdmin(Looking):
    """Programs that call the API."""

    list_display = ("name", "kind", "created_at", "disabled_at", "requests_per_minute")
    list_filter = ("kind",)
    search_fields = ("name", "public_id")


@admin.register(ClientKey, site=site)
class ClientKeyAdmin(Looking):
    """Keys, without their digests."""

    hidden = ("digest",)
    list_display = ("prefix", "client", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("client",)


@admin.register(SigningKey, site=site)
class SigningKeyAdmin(Looking):
    """Public keys with which clients sign."""

    hidden = ("public_key",)
    list_display = ("key_id", "client", "created_at", "revoked_at")
    list_select_related = ("client",)


@admin.register(Entry, site=site)
class EntryAdmin(Looking):
    """The trail."""

    list_display = ("at", "act", "actor_kind", "actor_id", "subject_kind", "subject_id")
    list_filter = ("actor_kind", "subject_kind")
    search_fields = ("subject_id", "actor_id", "act")
