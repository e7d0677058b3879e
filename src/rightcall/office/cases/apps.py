from django.apps import AppConfig


class Cases(AppConfig):
    name = "rightcall.office.cases"
    label = "cases"
