from django.apps import AppConfig


class PersonRoom(AppConfig):
    name = "rightcall.office.person"
    label = "person"
