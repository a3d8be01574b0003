"""Tables and reports out: the dataset, what goes where, what changed."""
