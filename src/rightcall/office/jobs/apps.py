from django.apps import AppConfig


class Jobs(AppConfig):
    name = "rightcall.office.jobs"
    label = "jobs"
