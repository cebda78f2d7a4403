"""`field__among=values`: as `__in`, but the values travel as one array instead of a placeholder each.

For lists of hundreds or thousands of keys that bulk services look up; there `__in` costs more in building the
statement than the database needs to answer it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models


@models.ForeignObject.register_lookup
@models.Field.register_lookup
class Among(models.Lookup):
    """True where the field equals one of the values; an empty list matches nothing. NULL is never among them."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        field = self.lhs.output_field
        return [field.get_prep_value(value) for value in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        # Without the length: a cast to varchar(64)[] would cut values and find what was not asked for.
        kind = field.db_type(connection).partition("(")[0]
        values = [field.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        return f"{lhs} = ANY(%s::{kind}[])", [*params, values]
