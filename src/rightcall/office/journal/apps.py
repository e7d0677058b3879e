from django.apps import AppConfig


class Journal(AppConfig):
    name = "rightcall.office.journal"
    label = "journal"
