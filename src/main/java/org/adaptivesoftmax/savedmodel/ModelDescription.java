package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.graph.ReachableGraph;
import org.jspecify.annotations.Nullable;
import org.tensorflow.op.Op;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.MetaGraphDefOrBuilder;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** A SavedModel's description: adds what TensorFlow Java's exporter leaves out, and leaves out what loaders do not need. */
final class ModelDescription {
  static final String INIT_OP_KEY = "__saved_model_init_op";
  private static final int SCHEMA_VERSION = 1;

  private ModelDescription() {}

  /**
   * Completes the description of a SavedModel that was just exported.
   *
   * @param file its {@code saved_model.pb}
   * @param assetTensors by the name of each asset's file, the constant that holds its path
   * @param initOp what loaders run once, or null
   */
  static void complete(Path file, Map<String, String> assetTensors, @Nullable Op initOp)
      throws IOException {
    SavedModel.Builder model;
    try (InputStream in = Files.newInputStream(file)) {
      model = SavedModel.parseFrom(in).toBuilder();
    }
    model.setSavedModelSchemaVersion(SCHEMA_VERSION);
    MetaGraphDef.Builder metaGraph = model.getMetaGraphsBuilder(0);
    assetTensors.forEach(
        (fileName, tensor) ->
            metaGraph.addAssetFileDef(
                AssetFileDef.newBuilder()
                    .setFilename(fileName)
                    .setTensorInfo(TensorInfo.newBuilder().setName(tensor))));
    if (initOp != null) {
      metaGraph.putSignatureDef(INIT_OP_KEY, initSignature(initOp));
    }
    metaGraph.setGraphDef(ReachableGraph.of(metaGraph.getGraphDef(), roots(metaGraph)));
    ModelStamp.stamp(metaGraph);
    try (OutputStream out = Files.newOutputStream(file)) {
      model.build().writeTo(out);
    }
  }

  private static List<String> roots(MetaGraphDefOrBuilder metaGraph) {
    List<String> roots = new ArrayList<>();
    for (SignatureDef signature : metaGraph.getSignatureDefMap().values()) {
      signature.getInputsMap().values().forEach(tensor -> roots.add(tensor.getName()));
      signature.getOutputsMap().values().forEach(tensor -> roots.add(tensor.getName()));
    }
    metaGraph.getAssetFileDefList().forEach(asset -> roots.add(asset.getTensorInfo().getName()));
    SaverDef saver = metaGraph.getSaverDef();
    roots.add(saver.getFilenameTensorName());
    roots.add(saver.getSaveTensorName());
    roots.add(saver.getRestoreOpName());
    return roots;
  }

  /** Loaders find the operation by a signature without inputs, whose output is no tensor but the operation. */
  private static SignatureDef initSignature(Op initOp) {
    return SignatureDef.newBuilder()
        .putOutputs(
            INIT_OP_KEY,
            TensorInfo.newBuilder()
                .setName(initOp.op().name())
                .setDtype(DataType.DT_INVALID)
                .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
                .build())
        .build();
  }
}
