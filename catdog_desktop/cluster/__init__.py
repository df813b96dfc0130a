"""Classify photos on many machines with Dask: a listing of photos in, a folder of Parquet files out."""


class ClusterError(Exception):
    """The job cannot start or continue. The message is a sentence with the reason and what to do."""
