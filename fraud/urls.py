"""Addresses of the pages of the fraud domain."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
