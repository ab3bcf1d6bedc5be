package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.OneLine;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What the files of a model's highest version tell. Reading its provenance, if there is one, needs Jackson ({@code
 * jackson-databind}), an optional dependency of this library.
 *
 * @param model the version's directory
 * @param versions the numbers of all versions
 * @param graph what it computes
 * @param content what it is stored in
 * @param cutoffs where the ranks are cut into clusters; null if the version does not tell
 * @param provenance where the model comes from
 * @param lineage the versions that it was made from, its parent first
 */
public record PublishedVersion(
    String model,
    List<Long> versions,
    GraphInfo graph,
    ContentInfo content,
    @Nullable List<Integer> cutoffs,
    Map<String, Object> provenance,
    List<Ancestor> lineage) {

  /**
   * What a version computes.
   *
   * @param tensorflow the version of TensorFlow that wrote it
   * @param tags of its graph
   * @param signatures by key
   * @param variables by name
   */
  public record GraphInfo(
      String tensorflow,
      List<String> tags,
      Map<String, SignatureInfo> signatures,
      Map<String, VariableInfo> variables) {}

  /**
   * What a version is stored in.
   *
   * @param weightsSha256 fingerprint of the weights, null if there is none
   * @param filesSha256 fingerprint of all other files, null if there is none
   * @param warmUpRequests how many a server runs before it serves the version, by the key of the signature
   * @param files bytes of each file, by its path within the version
   * @param bytes of all files
   */
  public record ContentInfo(
      @Nullable String weightsSha256,
      @Nullable String filesSha256,
      Map<String, Integer> warmUpRequests,
      Map<String, Long> files,
      long bytes) {}

  /**
   * A signature.
   *
   * @param method its method name
   * @param inputs by name
   * @param outputs by name
   */
  public record SignatureInfo(
      String method, Map<String, ValueInfo> inputs, Map<String, ValueInfo> outputs) {}

  /**
   * An input or an output.
   *
   * @param type of its elements, such as {@code float32}
   * @param shape with −1 for a size that is not fixed, such as the batch's; null if not even the rank is
   */
  public record ValueInfo(String type, @Nullable List<Long> shape) {
    /** {@return for instance "float32 [?, 10]"} */
    @Override
    public String toString() {
      return shape == null ? type : type + " " + shape.toString().replace("-1", "?");
    }
  }

  /**
   * A variable.
   *
   * @param type of its elements
   * @param shape its sizes
   * @param bytes that it takes
   */
  public record VariableInfo(String type, List<Long> shape, long bytes) {}

  /**
   * Reads the highest version, without loading or running it.
   *
   * @param directory of the model
   * @return what its files tell
   * @throws IllegalArgumentException if there is no version, or one of its files is missing or damaged
   * @throws IOException if it cannot be read
   */
  public static PublishedVersion read(ModelDirectory directory) throws IOException {
    Path version = directory.highestVersion();
    MetaGraphDef graph = metaGraph(version);
    requireAssets(version, graph);
    Provenance provenance = Provenance.read(version);
    PublishedClassOrder.read(provenance, version); // Fails if it is damaged, as do the counts.
    PublishedCounts.read(version);
    return new PublishedVersion(
        version.toString(),
        directory.versionNumbers(),
        new GraphInfo(
            graph.getMetaInfoDef().getTensorflowVersion(),
            graph.getMetaInfoDef().getTagsList(),
            signatures(graph),
            variables(graph)),
        content(version),
        provenance.has(ProvenanceKeys.CUTOFFS) ? provenance.integers(ProvenanceKeys.CUTOFFS) : null,
        provenance.values(),
        Ancestor.lineage(provenance));
  }

  private static ContentInfo content(Path version) throws IOException {
    Map<String, Long> files = FileTree.sizes(version);
    return new ContentInfo(
        Fingerprint.of(version, Fingerprint.WEIGHTS),
        Fingerprint.of(version, Fingerprint.FILES),
        warmUpRequests(version),
        files,
        files.values().stream().mapToLong(Long::longValue).sum());
  }

  /**
   * Reads the highest version, loads it and makes sure of it: its files fit their fingerprints, each warm-up request is
   * answered, and so are an empty batch and a batch of one by each signature that has a warm-up request; an
   * answer's first dimension is the batch, and its numbers are finite. A version that would touch files, processes or the
   * network is not loaded.
   *
   * @param directory of the model
   * @return what its files tell
   * @throws IllegalArgumentException if there is no version, or what is wrong with it
   * @throws IOException if it cannot be read
   */
  public static PublishedVersion check(ModelDirectory directory) throws IOException {
    return check(directory, false);
  }

  /**
   * Reads the highest version, loads it and makes sure of it, as above.
   *
   * @param directory of the model
   * @param trusted whether the version may do whatever TensorFlow can
   * @return what its files tell
   * @throws IllegalArgumentException if there is no version, or what is wrong with it
   * @throws IOException if it cannot be read
   */
  public static PublishedVersion check(ModelDirectory directory, boolean trusted)
      throws IOException {
    PublishedVersion published = readIntact(directory);
    requireAnswers(Path.of(published.model), trusted);
    return published;
  }

  /**
   * Reads the highest version, and holds its files against their fingerprints, without loading or running it.
   *
   * @param directory of the model
   * @return what its files tell
   * @throws IllegalArgumentException if there is no version, or one of its files is missing or damaged
   * @throws IOException if it cannot be read
   */
  public static PublishedVersion readIntact(ModelDirectory directory) throws IOException {
    PublishedVersion published = read(directory);
    Object recorded = published.provenance.getOrDefault(ProvenanceKeys.WEIGHTS_SHA256, "");
    if (!recorded.equals("") && !recorded.equals(published.content.weightsSha256)) {
      throw new IllegalArgumentException(
          OneLine.of(
              "weights' fingerprint is %s, not that of the provenance, %s: %s"
                  .formatted(published.content.weightsSha256, recorded, published.model)));
    }
    Fingerprint.check(Path.of(published.model));
    return published;
  }

  /**
   * Loads a version in this process and makes sure that it answers, as {@link #check} does.
   *
   * @param version its directory
   * @param trusted whether the version may do whatever TensorFlow can
   * @throws IllegalArgumentException says what is wrong
   * @throws IOException if it cannot be read
   */
  public static void requireAnswers(Path version, boolean trusted) throws IOException {
    VersionCheck.check(version, trusted);
  }

  private static MetaGraphDef metaGraph(Path version) throws IOException {
    Path file =
        FileTree.requireRegular(version.resolve(ModelDirectory.SAVED_MODEL), Integer.MAX_VALUE);
    try (InputStream in = Files.newInputStream(file)) {
      List<MetaGraphDef> graphs = SavedModel.parseFrom(in).getMetaGraphsList();
      return graphs.stream()
          .filter(graph -> graph.getMetaInfoDef().getTagsList().contains("serve"))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("model version has no tag serve: " + file));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          OneLine.of(
              "model version cannot be read, is it complete? %s: %s"
                  .formatted(file, e.getMessage())),
          e);
    }
  }

  private static void requireAssets(Path version, MetaGraphDef graph) {
    graph
        .getAssetFileDefList()
        .forEach(
            asset -> {
              GraphSafety.requirePlainName(asset.getFilename(), version);
              Path file = version.resolve("assets").resolve(asset.getFilename());
              if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(
                    OneLine.of("model version has no asset " + file));
              }
            });
  }

  private static Map<String, Integer> warmUpRequests(Path version) throws IOException {
    Map<String, Integer> requests = new TreeMap<>();
    WarmUpFile.read(version)
        .forEach(request -> requests.merge(request.signature(), 1, Integer::sum));
    return requests;
  }

  private static Map<String, SignatureInfo> signatures(MetaGraphDef graph) {
    Map<String, SignatureInfo> signatures = new TreeMap<>();
    graph
        .getSignatureDefMap()
        .forEach(
            (key, signature) -> {
              if (!key.equals(ModelDescription.INIT_OP_KEY)) {
                signatures.put(
                    key,
                    new SignatureInfo(
                        signature.getMethodName(),
                        values(signature.getInputsMap()),
                        values(signature.getOutputsMap())));
              }
            });
    return signatures;
  }

  private static Map<String, ValueInfo> values(Map<String, TensorInfo> tensors) {
    Map<String, ValueInfo> values = new TreeMap<>();
    tensors.forEach(
        (name, tensor) ->
            values.put(
                name,
                new ValueInfo(
                    name(tensor.getDtype()),
                    tensor.getTensorShape().getUnknownRank()
                        ? null
                        : sizes(tensor.getTensorShape()))));
    return values;
  }

  private static Map<String, VariableInfo> variables(MetaGraphDef graph) {
    Map<String, VariableInfo> variables = new TreeMap<>();
    for (NodeDef node : graph.getGraphDef().getNodeList()) {
      if (node.getOp().equals("VariableV2")) {
        DataType type = node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType();
        List<Long> shape =
            sizes(node.getAttrOrDefault("shape", AttrValue.getDefaultInstance()).getShape());
        long bytes = bytes(node.getName(), shape, width(type));
        variables.put(node.getName(), new VariableInfo(name(type), shape, bytes));
      }
    }
    return variables;
  }

  private static long bytes(String name, List<Long> shape, int width) {
    try {
      return shape.stream().reduce((long) width, Math::multiplyExact);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          OneLine.of("variable %s has an impossible shape: %s".formatted(name, shape)), e);
    }
  }

  private static List<Long> sizes(TensorShapeProto shape) {
    List<Long> sizes = new ArrayList<>();
    shape.getDimList().forEach(dimension -> sizes.add(dimension.getSize()));
    return sizes;
  }

  private static String name(DataType type) {
    return switch (type) {
      case DT_FLOAT -> "float32";
      case DT_DOUBLE -> "float64";
      case DT_HALF -> "float16";
      default -> type.name().replace("DT_", "").toLowerCase(Locale.ROOT);
    };
  }

  private static int width(DataType type) {
    return switch (type) {
      case DT_DOUBLE, DT_INT64, DT_UINT64 -> 8;
      case DT_FLOAT, DT_INT32, DT_UINT32 -> 4;
      case DT_HALF, DT_BFLOAT16, DT_INT16, DT_UINT16 -> 2;
      default -> 1;
    };
  }
}
