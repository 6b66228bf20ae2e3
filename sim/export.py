"""Results for R, Stata and Excel: CSV, Parquet, Stata and NetCDF.

Floor 5. Writes files beside the results; changes nothing.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sim.errors import InputError, nearest
from sim.files import replacing
from sim.run import Results

FORMATS = {
    "csv": "summary as CSV, one row per quarter, dyad, issue area and measure",
    "parquet": "summary as Parquet",
    "stata": "summary as Stata 14 data (.dta)",
    "netcdf": "every recorded run as NetCDF 4",
}
ENDS = {"csv": "csv", "parquet": "parquet", "stata": "dta", "netcdf": "nc"}
NEEDS = {"parquet": "pyarrow", "netcdf": "h5netcdf"}


def export(results: Results, formats: list[str], out: Path) -> list[Path]:
    """Write results in other formats.

    Parameters
    ----------
    formats : names from :data:`FORMATS`
    out : folder for the files

    Returns
    -------
    the files written; the last one says what the others hold and where their parameters come from

    Raises
    ------
    InputError : unknown format, or a library that is not installed
    """
    if not formats:
        raise InputError("no format is named", where="--to", how=nearest("", FORMATS))
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"'{name}' is not a format padma writes", where="--to", how=nearest(name, FORMATS))
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            raise InputError(
                f"'{name}' needs the library {NEEDS[name]}", where="--to", how="install it: pip install 'padma[export]'"
            )
    out.mkdir(parents=True, exist_ok=True)
    return [*(_one(results, name, out) for name in dict.fromkeys(formats)), _about(results, out)]


def _about(results: Results, out: Path) -> Path:
    path, manifest = out / "about.txt", results.manifest
    source = f"padma {manifest['padma']}, {manifest['runs']:,} runs, seed {manifest['seed']}, id {manifest['id']}"
    lines = [f"{results.scenario.title} ({results.scenario.name}); {source}.", *manifest["warnings"]]
    with replacing(path) as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _one(results: Results, name: str, out: Path) -> Path:
    path = out / f"{results.scenario.name}.{ENDS[name]}"
    with replacing(path) as beside:
        if name == "csv":
            results.table.to_csv(beside, index=False, float_format="%.6g")
        elif name == "parquet":
            table = results.table.copy(deep=False)
            table.attrs = {"id": results.manifest["id"], "parameters": results.manifest["parameters"]}
            table.to_parquet(beside, index=False)
        elif name == "stata":
            label = f"padma {results.manifest['id']}: {results.manifest['parameters']}"[:80]
            results.table.to_stata(beside, write_index=False, version=118, data_label=label)
        else:
            results.history.load().to_netcdf(beside, engine="h5netcdf")
    return path
