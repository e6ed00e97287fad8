"""Addresses of the pages that belong to no domain."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from portal.web import views
from portal.web.guards import public
from portal.web.platform import (
    client_keys,
    clients,
    invitations,
    mails,
    people,
    requests,
    roles,
    sign_on,
    single_sign_on,
    trail,
    trail_exports,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", public(views.SignInView.as_view()), name="sign-in"),
    path("sign-out/", public(LogoutView.as_view()), name="sign-out"),
    path("language/", public(set_language), name="set_language"),
    path("theme/", views.theme, name="theme"),
    path("market/", views.scope, name="scope"),
    path("search/", views.search, name="search"),
    path("people/", people.people, name="people"),
    path("people/invite/", invitations.invite, name="person-invite"),
    path("people/<str:public_id>/", people.person, name="person"),
    path("people/<str:public_id>/roles/", people.new_role, name="role-new"),
    path("people/<str:public_id>/roles/<int:membership_id>/revoke/", people.revoke, name="role-revoke"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<str:public_id>/", requests.request, name="request"),
    path("requests/<str:public_id>/approve/", requests.approve, name="request-approve"),
    path("requests/<str:public_id>/refuse/", requests.refuse, name="request-refuse"),
    path("requests/<str:public_id>/withdraw/", requests.withdraw, name="request-withdraw"),
    path("requests/<str:public_id>/renew/", requests.renew, name="request-renew"),
    path("people/<str:public_id>/invitation/resend/", invitations.resend, name="invitation-resend"),
    path("people/<str:public_id>/invitation/withdraw/", invitations.withdraw, name="invitation-withdraw"),
    path("invitation/", invitations.accept, name="invitation"),
    path("sign-in/organization/", sign_on.sign_on, name="sign-on"),
    path("sign-in/organization/return/", sign_on.come_back, name="sign-on-return"),
    path("single-sign-on/", single_sign_on.providers, name="single-sign-on"),
    path("single-sign-on/new/", single_sign_on.new_provider, name="single-sign-on-new"),
    path("single-sign-on/<str:public_id>/", single_sign_on.provider, name="single-sign-on-edit"),
    path("roles/", roles.roles, name="roles"),
    path("trail/", trail.entries, name="trail"),
    path("trail/<int:entry_id>/", trail.entry, name="trail-entry"),
    path("trail/exports/new/", trail_exports.new_export, name="trail-export-new"),
    path("trail/exports/<str:public_id>/", trail_exports.export, name="trail-export"),
    path("mails/", mails.mails, name="mails"),
    path("mails/<str:public_id>/", mails.mail, name="mail"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new_client, name="client-new"),
    path("clients/<str:public_id>/", clients.client, name="client"),
    path("clients/<str:public_id>/change/", clients.change, name="client-change"),
    path("clients/<str:public_id>/disable/", clients.disable, name="client-disable"),
    path("clients/<str:public_id>/enable/", clients.enable, name="client-enable"),
    path("clients/<str:public_id>/keys/new/", client_keys.new_key, name="key-new"),
    path("clients/<str:public_id>/keys/<str:key_id>/rotate/", client_keys.rotate, name="key-rotate"),
    path("clients/<str:public_id>/keys/<str:key_id>/revoke/", client_keys.revoke, name="key-revoke"),
    path("clients/<str:public_id>/signing/new/", client_keys.new_signing_key, name="signing-key-new"),
    path(
        "clients/<str:public_id>/signing/<str:key_id>/revoke/",
        client_keys.revoke_signing,
        name="signing-key-revoke",
    ),
]
