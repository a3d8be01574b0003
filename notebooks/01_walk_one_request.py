# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Walk one request (for researchers)
#
# One request of a bundled sample, from the bytes on the wire to the judgement of every value. The bytes are those of
# Microsoft's 1DS web SDK; the person in them is invented.

# %%
from pathlib import Path

from portalscope import samples
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.exchange import Exchange
from portalscope.capture.importing import planted_values
from portalscope.capture.read import read
from portalscope.capture.run import Run

SAMPLE = Path(samples.__file__).parent / "js1ds_444_v1"

# %% [markdown]
# ## The bytes
#
# `read` gives exchanges exactly as they were sent: nothing is decoded.

# %%
exchanges = [item for item in read(SAMPLE / "js1ds_444_v1.mitm", "tour") if isinstance(item, Exchange)]
one = exchanges[0]
print(one.id, one.method, one.host, one.path, f"{len(one.body)} bytes")

# %% [markdown]
# ## The message
#
# `judge` knows what was planted in this run, decodes an exchange and judges every leaf.

# %%
pipeline = Pipeline()
run = Run(id="tour", planted=planted_values(SAMPLE))
message, findings = pipeline.judge(run)(one)
print(message.adapter, [step.step for step in message.walk])
for event in message.events:
    print(f"{event.kind:9}{event.name[:40]:42}{len(event.fields):4} leaves")

# %% [markdown]
# ## Closed accounting
#
# Decoded and unread bytes are all bytes; every leaf has a finding.

# %%
account = message.accounts["body"]
assert account.size == account.decoded + account.unread
assert all(len(event.fields) == len(judged) for event, judged in zip(message.events, findings, strict=True))
print(f"{account.decoded} of {account.size} bytes decoded, {len(message.problems)} problems")

# %% [markdown]
# ## Why is a field what it is?
#
# Every ground, the strongest first. Values stay hidden: they are personal data, even here.

# %%
personal = [
    (field, finding)
    for event, judged in zip(message.events, findings, strict=True)
    for field, finding in zip(event.fields, judged, strict=True)
    if finding.category == "personal"
]
for field, finding in personal[:10]:
    grounds = ", ".join(f"{ground.level} {ground.because}" for ground in finding.evidence)
    print(f"{field.key[:44]:46}{finding.property:18}{grounds}")

# %% [markdown]
# ## The same as one table
#
# `explain` is what the command line shows.

# %%
walk = pipeline.explain(one, run)
print(walk["endpoint"]["service"], "|", walk["endpoint"]["status"], "|", walk["endpoint"]["basis"][:80])
