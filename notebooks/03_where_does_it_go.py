# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Where does it go? (for analysts)
#
# Which kinds of data went to which party and which country, on which grounds, and what could not be seen. The places of
# the sample's hosts are arranged; the grounds and the way of weighing them are the real ones.

# %%
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

from portalscope import samples
from portalscope.analysis import coverage
from portalscope.analysis.answer import sentence
from portalscope.analysis.frames import load
from portalscope.analysis.pipeline import Pipeline
from portalscope.analysis.summary import summary
from portalscope.capture.importing import import_file
from portalscope.capture.run import Run

SAMPLES = Path(samples.__file__).parent
WORK = Path(mkdtemp(prefix="portalscope-where-"))

# %%
pipeline = Pipeline()
for name in ("sample_reg_v1", "ort130"):
    recording = SAMPLES / name / f"{name}.mitm"
    import_file(WORK / "inspection", name, [recording], Run(id=name), planted_from=SAMPLES / name)
    pipeline.decode_run(WORK / "inspection" / name, WORK / "dataset")
frames = load(WORK / "dataset")

# %% [markdown]
# ## The answer in one sentence, and how complete it is

# %%
print(sentence(frames))
print()
print(coverage.line(frames))

# %% [markdown]
# ## One row for each kind of data and destination

# %%
table = summary(frames)
people = table[table["category"].isin(["personal", "pseudonymous"])]
columns = ["category", "property", "company", "country", "location", "requests", "values", "because"]
print(people[columns].head(20).to_string(index=False))

# %% [markdown]
# ## The grounds for a place
#
# A country is *proven* when two independent grounds agree, *likely* on one. A place in the EU is never a statement that
# nothing is transferred.

# %%
places = frames.endpoints[["host", "country", "location", "basis"]].drop_duplicates()
print(places.to_string(index=False, max_colwidth=70))

# %% [markdown]
# ## The same identifier at several hosts
#
# Equal values have equal keyed hashes.

# %%
leaves = frames.leaves(["property", "category", "host", "value_hash", "candidate", "sent"])
firm = leaves[leaves["sent"] & (leaves["category"] == "pseudonymous") & ~leaves["candidate"].astype(bool)]
hosts = firm.dropna(subset="value_hash").groupby(["property", "value_hash"], observed=True)["host"].nunique()
print(hosts[hosts > 1].rename("hosts").reset_index()[["property", "hosts"]].to_string(index=False))

# %% [markdown]
# ## What could not be seen

# %%
limits = coverage.limits(frames)
print(limits.groupby("kind", observed=True)["count"].sum())

# %% [markdown]
# ## Plain Parquet
#
# Nothing of this needs portalscope: the dataset is Parquet, partitioned by run.

# %%
exchanges = pd.read_parquet(WORK / "dataset" / "exchanges", dtype_backend="pyarrow")
print(exchanges.groupby(["run", "host"], observed=True)["request_bytes"].sum())
