"""The key of a dataset's hashes, for those who want to know whether a value that they hold is in it."""

from pathlib import Path

from portalscope.analysis import partition, values

OF_INSPECTION = ".key"
OF_DATASET = "key"


def find(dataset: Path, inspection: Path | None = None) -> bytes | None:
    """Return the key with which the dataset's values were hashed, None when it is not there.

    It lies in the inspection that the dataset was decoded from, or beside the dataset. A key that does not fit is no
    key: hashes made with it would never be found. Nothing is created.
    """
    fitting = {stamp["value_key"] for _, stamp in partition.stamps(dataset)}
    places = [dataset.with_name(f"{dataset.name}-values") / OF_DATASET]
    if inspection is not None:
        places.insert(0, inspection / OF_INSPECTION)
    found = (path.read_bytes() for path in places if path.is_file())
    return next((key for key in found if values.fingerprint(key) in fitting), None)
