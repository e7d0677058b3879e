from django.apps import AppConfig


class Notices(AppConfig):
    name = "rightcall.office.notices"
    label = "notices"

    def ready(self) -> None:
        """The kinds of work of this room, and the gate in its database."""
        from django.db.models.signals import post_migrate

        from rightcall.office.notices import guard, issuing, mailing, printing  # noqa: F401

        post_migrate.connect(guard.stand, sender=self)
