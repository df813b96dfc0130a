"""Beyond one machine: the same core over Dask. A listing of photos in, a folder of Parquet files out."""
