from django.apps import AppConfig


class Notices(AppConfig):
    name = "rightcall.office.notices"
    label = "notices"

    def ready(self) -> None:
        """The kinds of work of this room."""
        from rightcall.office.notices import mailing, printing  # noqa: F401
