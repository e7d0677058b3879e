from django.apps import AppConfig


class Campaigns(AppConfig):
    name = "rightcall.office.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        """The kinds of work of this room, and the tally in its database."""
        from django.db.models.signals import post_migrate

        from rightcall.office.campaigns import rolls, screening, tally  # noqa: F401

        post_migrate.connect(tally.stand, sender=self)
