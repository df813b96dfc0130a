"""Classify photos on many machines with Dask: a listing of photos in, a folder of Parquet files out."""
