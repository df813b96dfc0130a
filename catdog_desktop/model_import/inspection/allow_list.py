"""Allow-lists of what a model may consist of. Everything else is refused, whatever its name.

The lists hold what only computes: no class here takes a function, code, a file name or an address in its config.
Names are those of Keras 1 to 3 and tf_keras. Not on the lists on purpose, though Keras has them: `Lambda`, `TFSMLayer`,
`TorchModuleWrapper`, `FlaxLayer`, `JaxLayer` (code or another model), the lookups and `TextVectorization` (files), and
the layers that call a named method of an object.
"""

import re
from collections.abc import Mapping
from typing import Final

from catdog_desktop.messages import N_


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODELS: Final = _names("Functional Sequential Model Network")

LAYERS: Final = _names(
    """
    InputLayer Dense Activation Dropout Flatten Reshape Permute RepeatVector Masking ActivityRegularization Identity
    EinsumDense Embedding ReversibleEmbedding
    Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose SeparableConv1D SeparableConv2D
    DepthwiseConv1D DepthwiseConv2D Convolution1D Convolution2D Convolution3D Convolution2DTranspose
    SeparableConvolution1D SeparableConvolution2D
    LocallyConnected1D LocallyConnected2D
    Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    MaxPooling1D MaxPooling2D MaxPooling3D MaxPool1D MaxPool2D MaxPool3D
    AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    BatchNormalization BatchNormalizationV1 BatchNormalizationV2 SyncBatchNormalization LayerNormalization
    GroupNormalization UnitNormalization RMSNormalization SpectralNormalization Normalization
    ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise GaussianDropout AlphaDropout
    Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
    SimpleRNN GRU LSTM RNN SimpleRNNCell GRUCell LSTMCell StackedRNNCells ConvLSTM1D ConvLSTM2D ConvLSTM3D
    CuDNNGRU CuDNNLSTM TimeDistributed Bidirectional
    Rescaling Resizing CenterCrop RandomCrop RandomFlip RandomTranslation RandomRotation RandomZoom RandomContrast
    RandomBrightness RandomHeight RandomWidth RandomShear RandomSharpness RandomSaturation RandomHue RandomGrayscale
    RandomPosterization RandomColorJitter RandomColorDegeneration RandomErasing RandomGaussianBlur RandomInvert
    RandomPerspective RandomElasticTransform AutoContrast Equalization Solarization AugMix CutMix MixUp RandAugment
    Pipeline
    """
)
"""The configs of layers in `Pipeline` and in wrappers are walked too."""

APPLICATION_LAYERS: Final[Mapping[str, str]] = {
    "CustomScaleLayer": "inception_resnet_v2",
    "LayerScale": "convnext",
    "StochasticDepth": "convnext",
}
"""Layers that only one of `keras.applications` has, and its module. They multiply by a number or by weights, add, and
drop branches in training."""

FUNCTION_LAYERS: Final = _names("TFOpLambda SlicingOpLambda")
"""tf_keras's layers for a plain `x / 255` in a functional model; their function must be one of `TF_FUNCTIONS`."""

OPERATIONS: Final = _names(
    """
    Absolute Add Amax Amin Average BatchNorm BroadcastTo Cast Ceil Clip Concatenate Conv ConvTranspose Copy Cos
    DepthwiseConv DepthToSpace Divide DivideNoNan Dot DotProductAttention Einsum Elu Equal Erf Exp ExpandDims Expm1
    Flip Floor FloorDivide Gelu GetItem Glu Greater GreaterEqual HardSigmoid HardSilu HardTanh Inner LayerNorm LeakyRelu
    Less LessEqual Log Log10 Log1p Log2 LogSigmoid LogSoftmax LogicalAnd LogicalNot LogicalOr Logsumexp Matmul Max
    MaxPool AveragePool Maximum Mean Min Minimum Mod Moments Moveaxis Multiply Negative Normalize NotEqual
    OnesLike Outer Pad Power Prod Ravel Reciprocal Relu Relu6 Repeat Reshape Resize RGBToGrayscale RMSNorm Roll Round
    Rsqrt Selu SeparableConv Sigmoid Sign Silu Sin Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Square
    Squeeze Stack Std StopGradient Subtract Sum Swapaxes Take Tan Tanh Tensordot Tile Transpose TrueDivide Unstack Var
    Where ZerosLike
    """
)
"""Classes of Keras 3 for the functions of `keras.ops` in a functional model; none of them takes a function."""

TF_FUNCTIONS: Final = _names(
    """
    __operators__.add __operators__.getitem __operators__.matmul __operators__.eq __operators__.ne
    math.add math.subtract math.multiply math.truediv math.divide math.divide_no_nan math.floordiv math.pow math.square
    math.sqrt math.rsqrt math.exp math.log math.abs math.negative math.maximum math.minimum math.sigmoid math.tanh
    math.softplus math.reduce_mean math.reduce_sum math.reduce_max math.reduce_min math.reduce_prod math.reduce_std
    math.reduce_variance math.l2_normalize math.scalar_mul math.round math.floor math.ceil math.erf math.argmax
    math.reciprocal math.reciprocal_no_nan math.squared_difference math.add_n
    nn.relu nn.relu6 nn.elu nn.selu nn.gelu nn.silu nn.swish nn.leaky_relu nn.sigmoid nn.tanh nn.softmax nn.log_softmax
    nn.softplus nn.softsign nn.bias_add nn.conv2d nn.depthwise_conv2d nn.max_pool nn.max_pool2d nn.avg_pool
    nn.avg_pool2d nn.l2_normalize nn.space_to_depth nn.depth_to_space nn.dropout nn.crelu
    reshape transpose concat stack unstack split squeeze expand_dims tile pad reverse slice strided_slice gather
    broadcast_to cast identity stop_gradient clip_by_value shape size rank where zeros_like ones_like fill one_hot
    linalg.matmul linalg.normalize einsum tensordot subtract multiply add divide
    image.resize image.rgb_to_grayscale image.grayscale_to_rgb image.per_image_standardization
    keras.activations.relu keras.activations.sigmoid keras.activations.softmax keras.activations.tanh
    keras.activations.swish keras.activations.gelu keras.activations.elu
    """
)
"""Functions of TensorFlow as a `TFOpLambda` names them (without `tf.` and `compat.v1.`)."""

ACTIVATIONS: Final = _names(
    """
    linear relu relu6 leaky_relu elu selu celu gelu silu swish mish glu sigmoid hard_sigmoid hard_silu hard_swish
    hard_tanh hard_shrink soft_shrink tanh tanh_shrink softmax log_softmax log_sigmoid softplus softsign exponential
    sparse_plus sparse_sigmoid sparsemax squareplus threshold
    """
)
ACTIVATION_LAYERS: Final = _names("ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax Activation")

INITIALISERS: Final = _names(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform Ones
    Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
    constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform ones one orthogonal
    random_normal random_uniform truncated_normal normal uniform variance_scaling zeros zero
    """
)
REGULARISERS: Final = _names("L1 L2 L1L2 OrthogonalRegularizer l1 l2 l1_l2 orthogonal_regularizer")
CONSTRAINTS: Final = _names(
    """
    MaxNorm MinMaxNorm NonNeg UnitNorm RadialConstraint max_norm maxnorm min_max_norm non_neg nonneg unit_norm unitnorm
    radial_constraint
    """
)
DTYPE_POLICIES: Final = _names("DTypePolicy FloatDTypePolicy Policy PolicyV1")
DTYPES: Final = _names(
    """
    float16 float32 float64 bfloat16 mixed_float16 mixed_bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64
    bool string
    """
)

OPTIMISERS: Final = _names(
    """
    SGD sgd RMSprop rmsprop Adam adam AdamW adamw Adadelta adadelta Adagrad adagrad Adamax adamax Nadam nadam Ftrl ftrl
    Lion lion Adafactor Lamb Muon LossScaleOptimizer
    ExponentialDecay PiecewiseConstantDecay PolynomialDecay InverseTimeDecay CosineDecay CosineDecayRestarts
    """
)
LOSSES_AND_METRICS: Final = _names(
    """
    BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy BinaryFocalCrossentropy
    CategoricalFocalCrossentropy MeanSquaredError MeanAbsoluteError Hinge SquaredHinge CategoricalHinge Poisson
    KLDivergence LogCosh Huber CosineSimilarity
    Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy AUC Precision Recall
    TruePositives TrueNegatives FalsePositives FalseNegatives F1Score FBetaScore Mean Sum MeanMetricWrapper
    RootMeanSquaredError PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity
    CompileMetrics
    """
)

DATA: Final = _names("__keras_tensor__ __tensor__ __numpy__ __slice__ __ellipsis__ __tuple__ TensorShape InputSpec")
"""Not classes: how a config writes values that JSON does not have."""

_LAYER_MODULE: Final = r"(tf_)?keras(\.src)?(\._tf_keras\.keras)?\.layers(\.[a-z]+(_[a-z]+)*\d?)*"
_MODEL_MODULE: Final = (
    r"(tf_)?keras(\.src)?(\.(models|engine))?(\.(functional|sequential|model|training|network|training_v1))?"
)


_INNER_FILES: Final = r"(_v1|_v2)?|random_initializers|constant_initializers"


def _kind(folder: str) -> str:
    return rf"(tf_)?keras(\.src)?\.{folder}(\.({folder}{_INNER_FILES}))?"


FAMILIES: Final[Mapping[str, tuple[frozenset[str], re.Pattern[str]]]] = {
    "model": (MODELS, re.compile(_MODEL_MODULE)),
    "layer": (LAYERS | FUNCTION_LAYERS, re.compile(_LAYER_MODULE)),
    "application": (
        frozenset(APPLICATION_LAYERS),
        re.compile(rf"(tf_)?keras(\.src)?\.applications\.({'|'.join(sorted(set(APPLICATION_LAYERS.values())))})"),
    ),
    "operation": (OPERATIONS, re.compile(r"keras\.src\.ops\.(core|image|linalg|math|nn|numpy)")),
    "initialiser": (INITIALISERS, re.compile(_kind("initializers"))),
    "regulariser": (REGULARISERS, re.compile(_kind("regularizers"))),
    "constraint": (CONSTRAINTS, re.compile(_kind("constraints"))),
    "policy": (
        DTYPE_POLICIES,
        re.compile(r"(tf_)?keras(\.src)?(\.dtype_policies(\.dtype_policy)?|\.mixed_precision(\.policy)?)?"),
    ),
}
"""By family: its names, and the modules that they may come from."""

COMPILE_MODULE: Final = re.compile(r"(tf_)?keras(\.src)?\.(optimizers|losses|metrics)(\.[a-z_]+)*")

REASONS: Final[Mapping[str, str]] = {
    "Lambda": N_("it has a Lambda layer, which holds program code that would run on your computer"),
    "__lambda__": N_("it holds program code that would run on your computer"),
    "TFSMLayer": N_("it has a TFSMLayer, which loads and runs another model from a file"),
    "TorchModuleWrapper": N_("it has a TorchModuleWrapper, whose contents are a pickle: program code"),
    "FlaxLayer": N_("it has a FlaxLayer, which holds program code"),
    "JaxLayer": N_("it has a JaxLayer, which holds program code"),
    "StringLookup": N_("it has a StringLookup layer, which can read your files, and which photos do not need"),
    "IntegerLookup": N_("it has an IntegerLookup layer, which can read your files, and which photos do not need"),
    "TextVectorization": N_(
        "it has a TextVectorization layer, which can read your files, and which photos do not need"
    ),
    "TensorFlowOpLayer": N_("it has a TensorFlowOpLayer, which runs any operation of TensorFlow, files included"),
    "ClassMethod": N_("it calls a named method of a class"),
    "InstanceMethod": N_("it calls a named method of an object"),
    "InstanceProperty": N_("it reads a named property of an object"),
    "__typespec__": N_("it names a type of Python to be loaded"),
    "TypeSpec": N_("it names a type of TensorFlow to be loaded"),
    "CompositeTensor": N_("it names a type of TensorFlow to be loaded"),
    "__bytes__": N_("it holds raw bytes"),
}
"""Names that Keras knows and that are refused, each with its reason; translated where it is shown."""

ADVICE: Final[Mapping[str, str]] = {
    "Lambda": N_(
        "Build the model again with Keras's own layers in its place (Rescaling for a division by 255, say), or save it "
        "as a SavedModel (model.export('folder')) and import that folder."
    ),
    "KerasLayer": N_(
        "KerasLayer is a layer of tensorflow_hub and not part of Keras. Where you made the model, run "
        "model.export('folder') and import that folder."
    ),
    "TensorFlowOpLayer": N_(
        "TensorFlow 2.0 to 2.3 wrote it for plain arithmetic. Where you made the model, run "
        "tf.saved_model.save(model, 'folder') and import that folder, or use a Rescaling layer and save it again."
    ),
}
CUSTOM_ADVICE: Final = N_(
    "It belongs to custom code, which CatDog does not run. Where you made the model, run "
    "model.export('folder') and import that folder."
)
