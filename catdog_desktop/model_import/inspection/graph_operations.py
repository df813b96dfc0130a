"""TensorFlow operations that only compute. Files, Python, sockets and tables are not among them."""

from typing import Final

from catdog_desktop.messages import N_


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMPUTING: Final = _names(
    """
    NoOp Const Placeholder PlaceholderWithDefault Identity IdentityN StopGradient PreventGradient EnsureShape
    Assert VarHandleOp ReadVariableOp AssignVariableOp AssignAddVariableOp AssignSubVariableOp VarIsInitializedOp
    VariableShape ResourceGather DisableCopyOnRead PartitionedCall StatefulPartitionedCall If StatelessIf While
    StatelessWhile Case StatelessCase Switch Merge Enter Exit NextIteration LoopCond Add AddV2 AddN Sub Mul
    MulNoNan Div DivNoNan RealDiv FloorDiv TruncateDiv Mod FloorMod Pow Square SquaredDifference Sqrt Rsqrt Exp
    Expm1 Log Log1p Neg Abs Sign Reciprocal Inv Maximum Minimum Round Rint Floor Ceil Sin Cos Tan Asin Acos Atan
    Atan2 Sinh Cosh Tanh Asinh Acosh Atanh Erf Erfc Erfinv Sigmoid ClipByValue Xlogy Xdivy IsNan IsInf IsFinite
    Equal NotEqual Less LessEqual Greater GreaterEqual ApproximateEqual LogicalAnd LogicalOr LogicalNot BitwiseAnd
    BitwiseOr BitwiseXor Invert LeftShift RightShift Cumsum Cumprod Bincount Mean Sum Max Min Prod All Any ArgMax
    ArgMin EuclideanNorm L2Loss TopK TopKV2 MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 Einsum MatrixDiag
    MatrixDiagV3 MatrixBandPart Cross Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2 DepthwiseConv2dNative
    FusedConv2D _FusedConv2D _FusedMatMul BiasAdd BiasAddV1 MaxPool MaxPoolV2 MaxPool3D AvgPool AvgPool3D Relu
    Relu6 LeakyRelu Elu Selu Softplus Softsign Softmax LogSoftmax FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3
    LRN InTopKV2 SpaceToBatchND BatchToSpaceND SpaceToDepth DepthToSpace ExtractImagePatches Reshape Shape ShapeN
    Size Rank Squeeze ExpandDims Transpose Concat ConcatV2 Split SplitV Pack Unpack Stack Slice StridedSlice Gather
    GatherV2 GatherNd ScatterNd TensorScatterUpdate TensorScatterAdd Tile Pad PadV2 MirrorPad Fill ZerosLike
    OnesLike Range LinSpace OneHot Where Select SelectV2 Reverse ReverseV2 ReverseSequence Roll BroadcastTo
    BroadcastArgs BroadcastGradientArgs Cast Bitcast DynamicStitch Unique UnravelIndex InvertPermutation
    TensorListReserve TensorListFromTensor TensorListGetItem TensorListSetItem TensorListStack TensorListLength
    TensorListElementShape EmptyTensorList TensorListPushBack TensorListPopBack FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel QuantizeV2 Dequantize QuantizeAndDequantizeV2
    QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 ResizeBilinear ResizeNearestNeighbor ResizeBicubic ResizeArea
    CropAndResize ImageProjectiveTransformV2 ImageProjectiveTransformV3 AdjustContrastv2 AdjustHue AdjustSaturation
    RGBToHSV HSVToRGB ScaleAndTranslate RandomUniform RandomUniformInt RandomStandardNormal TruncatedNormal
    RngReadAndSkip StatelessRandomUniform StatelessRandomUniformV2 StatelessRandomUniformInt
    StatelessRandomUniformIntV2 StatelessRandomUniformFullInt StatelessRandomUniformFullIntV2 StatelessRandomNormal
    StatelessRandomNormalV2 StatelessTruncatedNormal StatelessTruncatedNormalV2 StatelessRandomGetKeyCounter
    StatelessRandomGetAlg StatelessRandomGetKeyCounterAlg StatefulUniform StatefulUniformInt
    StatefulStandardNormalV2 StatelessMultinomial Multinomial RandomShuffle
    """
)

SAVING: Final = frozenset({"SaveV2", "MergeV2Checkpoints"})
"""Write a file wherever their input says. Every SavedModel has them in its own saving function, never called here."""

NAMING: Final = frozenset({"ShardedFilename", "StringJoin", "StaticRegexFullMatch"})
"""Put together the name of that file; they do nothing else."""

RESTORING: Final = frozenset({"RestoreV2"})
"""Reads a checkpoint: how the weights come in."""

REASONS: Final = {
    "WriteFile": N_("it uses the operation '{operation}', which writes a file"),
    "ReadFile": N_("it uses the operation '{operation}', which reads a file"),
    "WholeFileReaderV2": N_("it uses the operation '{operation}', which reads a file"),
    "MatchingFiles": N_("it uses the operation '{operation}', which lists your files"),
    "PyFunc": N_("it uses the operation '{operation}', which calls Python code"),
    "PyFuncStateless": N_("it uses the operation '{operation}', which calls Python code"),
    "EagerPyFunc": N_("it uses the operation '{operation}', which calls Python code"),
    "SaveV2": N_("it uses the operation '{operation}', which writes a file"),
    "MergeV2Checkpoints": N_("it uses the operation '{operation}', which moves files"),
    "RestoreV2": N_("it uses the operation '{operation}', which reads a file"),
    "SaveSlices": N_("it uses the operation '{operation}', which writes a file"),
    "Save": N_("it uses the operation '{operation}', which writes a file"),
    "PrintV2": N_("it uses the operation '{operation}', which writes to a file or the screen"),
    "XlaCallModule": N_("it uses the operation '{operation}', which runs a compiled program (a model of JAX)"),
    "HashTableV2": N_("it uses the operation '{operation}', which looks words up, and which no photo needs"),
    "InitializeTableFromTextFileV2": N_("it uses the operation '{operation}', which reads a file"),
}
