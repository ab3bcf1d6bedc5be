package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Refuses a SavedModel whose graph could do more than compute: to load a model is to run it. What is looked at is the file
 * alone; nothing of it is run.
 *
 * <ul>
 *   <li>Operations that touch files, processes or the network are refused wherever they stand, in functions too.
 *   <li>Those that restore weights and fill tables from files are where a loader runs them, and read what it tells them
 *       to: the version's own weights and assets. Those that save stand where no loader and no signature reaches them.
 *   <li>A table is filled from columns that a line can have: TensorFlow ends the process for others.
 *   <li>No operation waits for itself, as TensorFlow would for ever. Loops have an operation of their own.
 * </ul>
 */
final class GraphSafety {
  /** More columns than a line of a vocabulary can reasonably have. */
  private static final long MAX_COLUMN = 1000;

  private static final Pattern REFUSED =
      Pattern.compile(
          String.join(
              "|",
              // files
              "ReadFile|WriteFile|MatchingFiles|RecordInput|ImmutableConst|DumpTensor|PrintV2",
              ".*Reader(V2)?|Reader.*|.*Dataset.*|.*Iterator.*|Snapshot.*",
              "Save|SaveSlices|DistributedSave|CalibrationStatisticsSaver|FileSystem.*",
              "Restore|RestoreSlice|DTensorRestore.*|LoadAndRemapMatrix|GenerateVocabRemapping",
              "FixedUnigramCandidateSampler|Skipgram|DecodeProto.*|EncodeProto|.*InFdo",
              ".*SummaryWriter|CreateSummary.*|Write.*Summary|ImportEvent",
              // processes
              "PyFunc|PyFuncStateless|EagerPyFunc|Abort|WorkerHeartbeat|.*(TPU|Tpu).*",
              "XlaCustomCall.*|XlaCallModule|XlaHostCompute|Debug.*|Copy|CopyHost",
              "TfLiteSubgraphExecute|MlirPassthroughOp",
              // the network
              "Rpc.*|.*RpcFuture.*|RemoteCall|Send|Recv|Xla(Send|Recv).*|Collective.*|Nccl.*"));

  private static final Set<String> SAVING = Set.of("SaveV2", "MergeV2Checkpoints");

  /** By the operation's name, which of its inputs is the path that it reads. */
  private static final Map<String, Integer> LOADING =
      Map.of("RestoreV2", 0, "InitializeTableFromTextFile", 1, "InitializeTableFromTextFileV2", 1);

  private static final Set<String> NEXT_ITERATION = Set.of("NextIteration", "RefNextIteration");
  private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");
  private static final List<String> INIT_OP_COLLECTIONS =
      List.of("saved_model_main_op", "legacy_init_op");

  private final Path version;
  private final MetaGraphDef graph;
  private final Map<String, NodeDef> nodes = new HashMap<>();
  private final Map<String, FunctionDef> functions = new HashMap<>();

  /** A function, and which of its arguments are paths that the loader gives. */
  private record Call(String function, Set<String> paths) {}

  private GraphSafety(Path version, MetaGraphDef graph) {
    this.version = version;
    this.graph = graph;
    graph.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
    graph
        .getGraphDef()
        .getLibrary()
        .getFunctionList()
        .forEach(function -> functions.put(function.getSignature().getName(), function));
  }

  /**
   * Checks a version.
   *
   * @throws IllegalArgumentException if its description cannot be read, or it holds what is refused, with the
   *     operation's name
   * @throws IOException if it cannot be read
   */
  static void check(Path version) throws IOException {
    Require.argument(
        !Files.exists(version.resolve("saved_model.cpb")),
        "model version has a second description, saved_model.cpb: %s",
        version);
    Path file =
        FileTree.requireRegular(version.resolve(ModelDirectory.SAVED_MODEL), Integer.MAX_VALUE);
    try (InputStream in = Files.newInputStream(file)) {
      for (MetaGraphDef graph : SavedModel.parseFrom(in).getMetaGraphsList()) {
        new GraphSafety(version, graph).check();
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          OneLine.of(
              "model version cannot be loaded, is it complete? %s: %s: %s"
                  .formatted(version, ModelDirectory.SAVED_MODEL, e.getMessage())),
          e);
    }
  }

  private void check() {
    Set<String> assets = new HashSet<>();
    graph
        .getAssetFileDefList()
        .forEach(
            asset -> {
              requirePlainName(asset.getFilename(), version);
              assets.add(tensor(asset.getTensorInfo().getName()));
            });
    graph.getGraphDef().getNodeList().forEach(this::requireHarmless);
    functions.values().forEach(each -> each.getNodeDefList().forEach(this::requireHarmless));
    requireNoCycle(graph.getGraphDef().getNodeList());
    functions.values().forEach(each -> requireNoCycle(each.getNodeDefList()));
    new Walk(Set.of()).from(signatureNodes());
    new Walk(assets).from(initOps());
    Set<String> restored = new HashSet<>(assets);
    restored.add(tensor(graph.getSaverDef().getFilenameTensorName()));
    new Walk(restored).from(List.of(graph.getSaverDef().getRestoreOpName()));
  }

  /**
   * Checks an asset's name: a loader would read any other path, too.
   *
   * @param version its directory, for the error
   */
  static void requirePlainName(String asset, Path version) {
    Require.argument(
        !asset.isEmpty() && !asset.matches("\\.\\.?|.*[/\\\\\\x00].*"),
        "model version has an asset whose name is not a plain file name: %s: \"%s\"",
        version,
        asset);
  }

  private void requireHarmless(NodeDef node) {
    String op = node.getOp();
    boolean internal = op.startsWith("_") && !functions.containsKey(op);
    if (internal || REFUSED.matcher(op).matches()) {
      throw refused(node, "can touch files, processes or the network");
    }
    if (op.startsWith("InitializeTableFromTextFile")) {
      requireColumn(node, "key_index");
      requireColumn(node, "value_index");
    }
  }

  private void requireColumn(NodeDef node, String attribute) {
    long column = node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getI();
    if (column < -2 || column > MAX_COLUMN) {
      throw refused(
          node, "has %s %d, which is not in -2..%d".formatted(attribute, column, MAX_COLUMN));
    }
  }

  /** Takes away what waits for nothing, until nothing is left. */
  private void requireNoCycle(List<NodeDef> all) {
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    all.forEach(node -> byName.put(node.getName(), node));
    Map<String, Integer> waitingFor = new HashMap<>();
    Map<String, List<String>> readers = new HashMap<>();
    for (NodeDef node : byName.values()) {
      for (String input : node.getInputList()) {
        NodeDef source = byName.get(node(input));
        if (source != null && !NEXT_ITERATION.contains(source.getOp())) {
          waitingFor.merge(node.getName(), 1, Integer::sum);
          readers.computeIfAbsent(source.getName(), key -> new ArrayList<>()).add(node.getName());
        }
      }
    }
    Deque<String> ready = new ArrayDeque<>(byName.keySet());
    ready.removeAll(waitingFor.keySet());
    while (!ready.isEmpty()) {
      for (String reader : readers.getOrDefault(ready.remove(), List.of())) {
        if (waitingFor.merge(reader, -1, Integer::sum) == 0) {
          waitingFor.remove(reader);
          ready.add(reader);
        }
      }
    }
    for (String name : waitingFor.keySet()) {
      throw refused(Objects.requireNonNull(byName.get(name)), "waits for itself");
    }
  }

  private IllegalArgumentException refused(NodeDef node, String why) {
    return new IllegalArgumentException(
        OneLine.of(
            "model version is not loaded, as its op %s (node %s) %s, unless the model is trusted: %s"
                .formatted(node.getOp(), node.getName(), why, version)));
  }

  private List<String> signatureNodes() {
    return graph.getSignatureDefMap().entrySet().stream()
        .filter(signature -> !signature.getKey().equals(ModelDescription.INIT_OP_KEY))
        .flatMap(signature -> tensors(signature.getValue()))
        .toList();
  }

  private List<String> initOps() {
    List<String> ops = new ArrayList<>();
    tensors(
            graph.getSignatureDefOrDefault(
                ModelDescription.INIT_OP_KEY, SignatureDef.getDefaultInstance()))
        .forEach(ops::add);
    for (String collection : INIT_OP_COLLECTIONS) {
      if (graph.containsCollectionDef(collection)) {
        ops.addAll(graph.getCollectionDefOrThrow(collection).getNodeList().getValueList());
      }
    }
    return ops;
  }

  private static Stream<String> tensors(SignatureDef signature) {
    return Stream.concat(
            signature.getInputsMap().values().stream(), signature.getOutputsMap().values().stream())
        .flatMap(GraphSafety::names);
  }

  private static Stream<String> names(TensorInfo tensor) {
    if (tensor.hasCooSparse()) {
      return Stream.of(
          tensor.getCooSparse().getValuesTensorName(),
          tensor.getCooSparse().getIndicesTensorName(),
          tensor.getCooSparse().getDenseShapeTensorName());
    } else if (tensor.hasCompositeTensor()) {
      return tensor.getCompositeTensor().getComponentsList().stream().flatMap(GraphSafety::names);
    }
    return Stream.of(tensor.getName());
  }

  /** A tensor's full name: its first output needs no number. An argument of a function counts as one. */
  private static String tensor(String input) {
    return input.contains(":") ? input : input + ":0";
  }

  private static String node(String input) {
    String name = input.startsWith("^") ? input.substring(1) : input;
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /** What a loader or a request runs: the nodes that some others need, and the functions that these call. */
  private final class Walk {
    private final Set<String> paths;
    private final Set<String> seen = new HashSet<>();
    private final Set<Call> called = new HashSet<>();
    private final Deque<Call> toCall = new ArrayDeque<>();

    /**
     * @param paths tensors that the loader gives paths of the version's files
     */
    Walk(Set<String> paths) {
      this.paths = paths;
    }

    void from(List<String> roots) {
      Deque<String> names = new ArrayDeque<>(roots);
      while (!names.isEmpty()) {
        String name = node(names.remove());
        NodeDef node = nodes.get(name);
        if (node != null && seen.add(name)) {
          visit(node, paths);
          names.addAll(node.getInputList());
        }
      }
      while (!toCall.isEmpty()) {
        Call call = toCall.remove();
        functions
            .getOrDefault(call.function, FunctionDef.getDefaultInstance())
            .getNodeDefList()
            .forEach(node -> visit(node, call.paths));
      }
    }

    private void visit(NodeDef node, Set<String> given) {
      if (SAVING.contains(node.getOp())) {
        throw refused(node, "writes files when the model is loaded or asked");
      }
      Integer path = LOADING.get(node.getOp());
      if (path != null
          && (node.getInputCount() <= path || !given.contains(tensor(node.getInput(path))))) {
        throw refused(node, "reads another file than the loader gives");
      }
      calls(node).forEach(function -> call(function, node, given));
    }

    private Set<String> calls(NodeDef node) {
      Set<String> names =
          node.getAttrMap().values().stream()
              .flatMap(
                  value ->
                      value.hasFunc()
                          ? Stream.of(value.getFunc())
                          : value.getList().getFuncList().stream())
              .map(function -> function.getName())
              .collect(Collectors.toCollection(HashSet::new));
      names.add(node.getOp());
      names.retainAll(functions.keySet());
      return names;
    }

    private void call(String name, NodeDef node, Set<String> given) {
      Set<String> arguments = new HashSet<>();
      FunctionDef function = functions.getOrDefault(name, FunctionDef.getDefaultInstance());
      if (CALLS.contains(node.getOp()) || node.getOp().equals(name)) {
        int count = Math.min(function.getSignature().getInputArgCount(), node.getInputCount());
        for (int i = 0; i < count; i++) {
          if (given.contains(tensor(node.getInput(i)))) {
            arguments.add(tensor(function.getSignature().getInputArg(i).getName()));
          }
        }
      }
      Call call = new Call(name, arguments);
      if (called.add(call)) {
        toCall.add(call);
      }
    }
  }
}
