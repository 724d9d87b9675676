"""Dask workers score the parts."""
