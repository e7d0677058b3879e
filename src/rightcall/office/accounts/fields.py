"""Fields that lists at scale stand on: the unit of a row, and text in an order that both databases share."""

from __future__ import annotations

from typing import Any

from django.db import models


class UnitOf(models.ForeignKey[Any, Any]):
    """The unit of what a row is about, kept in the row itself, so that the rows of a unit stand together in an index and no list is a search through another table.

    INVARIANT: it is written with the row and never differs, since nothing moves from one unit to another.
    """

    def __init__(self, about: str, **options: Any) -> None:
        self.about = about
        super().__init__("accounts.Unit", models.PROTECT, related_name="+", db_index=False, editable=False)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, _options = super().deconstruct()
        return name, path, [self.about], {}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add:
            setattr(model_instance, self.attname, getattr(model_instance, self.about).unit_id)
        return super().pre_save(model_instance, add)


class Ordered(models.CharField):  # type: ignore[type-arg]
    """Text in the order of its code points on either database, so that what begins alike stands together in an index."""

    def db_parameters(self, connection: Any) -> Any:
        return {**super().db_parameters(connection), "collation": "C" if connection.vendor == "postgresql" else None}
