"""Pack a bundle into a zip archive for Windows, to be run from where it is unpacked.

python packaging/portable_archive.py BUNDLE TARGET
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from archives import write_zip
from build_stamp import source_date_epoch

if __name__ == "__main__":
    day = datetime.fromtimestamp(source_date_epoch(), UTC)
    write_zip(Path(sys.argv[1]), Path(sys.argv[2]), (day.year, day.month, day.day))
