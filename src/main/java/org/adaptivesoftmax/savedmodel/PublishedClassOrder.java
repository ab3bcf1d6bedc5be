package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Signature;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;

/**
 * The ranks of a published output layer's class ids: its answer casts ranks to ids, or gathers the ids from a constant that
 * has them by rank.
 */
final class PublishedClassOrder {
  /** Operations that pass on the values of their first input. */
  private static final Set<String> PASSING =
      Set.of("Identity", "Reshape", "Squeeze", "ExpandDims", "EnsureShape");

  /** Null where ids are ranks. */
  private final @Nullable Map<Long, Long> ranks;

  private PublishedClassOrder(@Nullable Map<Long, Long> ranks) {
    this.ranks = ranks;
  }

  /**
   * Reads a version's graph.
   *
   * @return empty if the answer comes from neither
   */
  static Optional<PublishedClassOrder> of(Path version) throws IOException {
    MetaGraphDef metaGraph = metaGraph(version.resolve(ModelDirectory.SAVED_MODEL));
    Map<String, NodeDef> nodes = new HashMap<>();
    metaGraph.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
    TensorInfo classes =
        metaGraph
            .getSignatureDefOrDefault(Signature.DEFAULT_KEY, SignatureDef.getDefaultInstance())
            .getOutputsOrDefault("classes", TensorInfo.getDefaultInstance());
    NodeDef node = nodes.get(nodeName(classes.getName()));
    while (node != null && PASSING.contains(node.getOp())) {
      node = input(nodes, node);
    }
    if (node == null || !node.getOp().equals("GatherV2")) {
      return node != null && node.getOp().equals("Cast")
          ? Optional.of(new PublishedClassOrder(null))
          : Optional.empty();
    }
    NodeDef gathered = input(nodes, node);
    return gathered != null && gathered.getOp().equals("Const")
        ? ids(gathered.getAttrOrThrow("value").getTensor()).map(PublishedClassOrder::ranked)
        : Optional.empty();
  }

  private static PublishedClassOrder ranked(long[] ids) {
    Map<Long, Long> ranks = new HashMap<>();
    for (int rank = 0; rank < ids.length; rank++) {
      ranks.put(ids[rank], (long) rank);
    }
    return new PublishedClassOrder(ranks);
  }

  /** {@return the rank of a class id; empty if it is no class} */
  OptionalLong rank(long id) {
    if (ranks == null) {
      return OptionalLong.of(id);
    }
    Long rank = ranks.get(id);
    return rank == null ? OptionalLong.empty() : OptionalLong.of(rank);
  }

  private static MetaGraphDef metaGraph(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return SavedModel.parseFrom(in).getMetaGraphs(0);
    } catch (InvalidProtocolBufferException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a SavedModel: " + file, e);
    }
  }

  private static @Nullable NodeDef input(Map<String, NodeDef> nodes, NodeDef node) {
    return nodes.get(nodeName(node.getInput(0)));
  }

  private static String nodeName(String tensor) {
    int colon = tensor.indexOf(':');
    return colon < 0 ? tensor : tensor.substring(0, colon);
  }

  private static Optional<long[]> ids(TensorProto tensor) {
    if (tensor.getDtype() != DataType.DT_INT64) {
      return Optional.empty();
    } else if (tensor.getTensorContent().isEmpty()) {
      return Optional.of(tensor.getInt64ValList().stream().mapToLong(Long::longValue).toArray());
    }
    ByteBuffer bytes =
        tensor.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long[] ids = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(ids);
    return Optional.of(ids);
  }
}
