"""What the store refuses. Only StoreBusy is worth trying again; the others stay as they are until somebody acts."""


class StoreError(Exception):
    """The store cannot do what was asked."""


class StoreBusy(StoreError):
    """The database is locked or out of reach for the moment."""


class NoSuchRecord(StoreError):
    """Nothing is stored under the id."""


class CaseIdTaken(StoreError):
    """Two different referrals have the same case id, which about one pair in a million million does."""


class DocumentDamaged(StoreError):
    """A stored file is gone or no longer has the content it was stored with."""


class RecordContradicts(StoreError):
    """What was to be recorded does not fit the case, such as a source document the case does not list."""


class StatementRefused(StoreError):
    """The database refused a statement; says which rule it broke and nothing of the values."""


class NewerDatabase(StoreError):
    """The database was made by a newer version of the product."""
