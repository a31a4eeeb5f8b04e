"""Figures beside their budgets: `python -m benchmarks [NAME...]`. Nothing here passes or fails; see docs/performance.md."""
