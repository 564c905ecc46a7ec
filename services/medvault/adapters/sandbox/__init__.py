"""Looking into files where they can do no harm: a process of their own, for each file afresh."""
