from django.apps import AppConfig


class Accounts(AppConfig):
    name = "rightcall.office.accounts"
    label = "accounts"
