"""Pictures of a CI: a run of a pipeline with its jobs, their steps and what each wrote."""
