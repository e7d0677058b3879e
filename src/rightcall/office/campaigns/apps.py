from django.apps import AppConfig


class Campaigns(AppConfig):
    name = "rightcall.office.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        """The kinds of work of this room."""
        from rightcall.office.campaigns import rolls, screening  # noqa: F401
