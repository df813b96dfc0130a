"""What ends a cluster job before its time, in a sentence for whoever started it."""


class ClusterError(Exception):
    """The job cannot begin or go on; the message is one sentence that says why and what to do."""
