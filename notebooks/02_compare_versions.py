# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Compare two versions (for testers)
#
# Two sessions of the same clients in an older and a newer version: what is new, gone, changed; does it pass the gate?

# %%
from pathlib import Path
from tempfile import mkdtemp

from portalscope import samples
from portalscope.analysis.compare import differences
from portalscope.analysis.frames import load
from portalscope.analysis.gates import GATES, failing
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.importing import import_file
from portalscope.capture.run import Run

SAMPLES = Path(samples.__file__).parent
WORK = Path(mkdtemp(prefix="portalscope-compare-"))

# %% [markdown]
# ## Import and decode
#
# A run folder keeps the raw file and its SHA-256; a dataset keeps no value, only keyed hashes.

# %%
pipeline = Pipeline()
for name in ("sample_reg_v1", "sample_reg_v2"):
    recording = SAMPLES / name / f"{name}.mitm"
    import_file(WORK / "inspection", name, [recording], Run(id=name), planted_from=SAMPLES / name)
    pipeline.decode_run(WORK / "inspection" / name, WORK / "dataset")
frames = load(WORK / "dataset")
print(frames.names)

# %% [markdown]
# ## What differs

# %%
table = differences(frames, "sample_reg_v1", "sample_reg_v2")
print(table.groupby(["kind", "change"], observed=True).size())

# %%
print(
    table.query("kind == 'event' and change != 'changed'")[["change", "subject", "before", "after"]].to_string(
        index=False
    )
)

# %% [markdown]
# ## New kinds of data, and where they go

# %%
new = table.query("kind == 'property' and change == 'new'")
print(new[["subject", "category", "after"]].to_string(index=False))

# %% [markdown]
# ## The gate
#
# The same as `portalscope compare A B --fail-on …`, which ends with code 3.

# %%
print("there are:", ", ".join(GATES))
print("hit:", failing(table, ["new-endpoint", "new-personal", "new-us"]))
