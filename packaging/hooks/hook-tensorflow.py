"""For PyInstaller, in place of its own hook, which takes all of TensorFlow: what the code imports, and a few files.

What makes a flatbuffer of a Keras model is half of TensorFlow's Python, and it is found by following the imports.
"""

from pathlib import Path

from PyInstaller.utils.hooks import get_package_paths

HERE = Path(get_package_paths("tensorflow")[1])
CONVERTER = HERE / "lite" / "python"
AUDIO = "lite/experimental/microfrontend/python/ops"
LIBRARIES = (".so", ".dylib", ".dll", ".pyd")

# Imported by a name in a text.
hiddenimports = [
    "tensorflow.compiler.tf2tensorrt._pywrap_py_utils",
    "tensorflow.compiler.tf2tensorrt.ops.gen_trt_ops",
    "tensorflow.python.data.ops.batch_op",
    "tensorflow.python.data.ops.prefetch_op",
    "tensorflow.python.data.ops.repeat_op",
    "tensorflow.python.data.ops.shuffle_op",
    *(f"tensorflow.lite.python.{path.stem}" for path in CONVERTER.glob("_pywrap_*") if path.suffix in LIBRARIES),
]

# Opened as a file when the converter is imported.
binaries = [
    (str(path), f"tensorflow/{AUDIO}")
    for path in sorted((HERE / AUDIO).glob("_audio_microfrontend_op.*"))
    if path.suffix in LIBRARIES
]

# AutoGraph reads the source of itself, and of what wraps a signature.
module_collection_mode = {
    "tensorflow.python.autograph": "pyz+py",
    "tensorflow.python.saved_model": "pyz+py",
}

# A link to these in the folder above would be where TensorFlow believes that it lies.
bindepend_symlink_suppression = ["**/libtensorflow_cc.*", "**/libtensorflow_framework.*"]
