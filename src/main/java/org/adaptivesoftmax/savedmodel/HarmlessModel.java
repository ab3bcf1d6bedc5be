package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

/**
 * Looks at a SavedModel before it is loaded. A graph is a program: an operation such as {@code ReadFile} in it reads what the
 * process may read, {@code WriteFile} and {@code PrintV2} write, {@code PyFunc} runs code.
 *
 * <p>Allowed are the operations that a SavedModel needs for itself: those that save and restore its variables, as long as no
 * signature reaches them and they restore from where the loader says, and those that fill a lookup table from one of its own
 * assets. Everything else that touches files, sockets or code is not, wherever it stands, functions' bodies included.
 */
public final class HarmlessModel {
  /** What touches files, sockets or code, by the operation's name; a star ends a prefix. */
  private static final List<String> HARMFUL =
      List.of(
          // Files.
          "ReadFile",
          "WriteFile",
          "MatchingFiles*",
          "Save*",
          "Restore*",
          "MergeV2Checkpoints",
          "CheckpointHasKey",
          "LoadAndRemapMatrix",
          "GenerateVocabRemapping",
          "InitializeTableFromTextFile*",
          "Print*",
          "Debug*",
          "LoadDataset*",
          "ListDataset*",
          "SnapshotDataset*",
          "CacheDataset*",
          "CSVDataset*",
          "TextLineDataset*",
          "TFRecordDataset*",
          "FixedLengthRecord*",
          "LMDBDataset*",
          "LMDBReader*",
          "SqlDataset*",
          "TextLineReader*",
          "TFRecordReader*",
          "WholeFileReader*",
          "Reader*",
          "MatchingFilesDataset*",
          "CreateSummary*",
          "SummaryWriter*",
          "ImportEvent*",
          "Write*",
          "DecodeProto*",
          "EncodeProto*",
          // Sockets and other processes.
          "Rpc*",
          "TryRpc*",
          "DataService*",
          "RegisterDataset*",
          "RemoteCall",
          "RemoteFusedGraphExecute",
          "DistributedSave",
          "Collective*",
          // Code.
          "PyFunc*",
          "EagerPyFunc",
          "CompileTF*",
          "XlaRunExecutable",
          "LoadLibrary*",
          "*CustomCall*");

  private static final Set<String> OF_SAVERS =
      Set.of("SaveV2", "RestoreV2", "MergeV2Checkpoints", "Save", "SaveSlices", "Restore");

  private static final Set<String> TABLES =
      Set.of("InitializeTableFromTextFile", "InitializeTableFromTextFileV2");

  private final Path version;
  private final MetaGraphDef graph;
  private final Map<String, NodeDef> nodes;
  private final Map<String, FunctionDef> functions;

  private HarmlessModel(Path version, MetaGraphDef graph) {
    this.version = version;
    this.graph = graph;
    nodes = byName(graph.getGraphDef().getNodeList());
    functions =
        graph.getGraphDef().getLibrary().getFunctionList().stream()
            .collect(
                Collectors.toMap(
                    function -> function.getSignature().getName(),
                    Function.identity(),
                    (first, second) -> first));
  }

  private static Map<String, NodeDef> byName(List<NodeDef> list) {
    Map<String, NodeDef> byName = new HashMap<>();
    list.forEach(node -> byName.putIfAbsent(node.getName(), node));
    return byName;
  }

  /**
   * Checks a version.
   *
   * @param version its directory
   * @throws IllegalArgumentException if an operation of it may do harm, which the message names, or there is no graph
   * @throws IOException if the graph cannot be read
   */
  public static void check(Path version) throws IOException {
    Path file = version.resolve(ModelDirectory.SAVED_MODEL);
    Require.argument(Files.exists(file), "model version has no saved_model.pb: %s", version);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (MetaGraphDef graph : SavedModel.parseFrom(in).getMetaGraphsList()) {
        new HarmlessModel(version, graph).check();
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "model version cannot be loaded, is it complete? %s: %s"
              .formatted(version, e.getMessage()),
          e);
    }
  }

  private void check() {
    Reached served = reach(served());
    Reached saved = reach(savers());
    for (NodeDef node : graph.getGraphDef().getNodeList()) {
      Require.argument(
          !isHarmful(node)
              || isTableOfAsset(node)
              || (saved.nodes.contains(node.getName())
                  && !served.nodes.contains(node.getName())
                  && isOfSaver(node)
                  && isWhereTheLoaderSays(node)),
          "%s: the model has the operation %s (%s), which may read, write or run what is not the model's",
          version,
          node.getOp(),
          node.getName());
    }
    for (FunctionDef function : functions.values()) {
      String name = function.getSignature().getName();
      boolean ofSaver = saved.functions.contains(name) && !served.functions.contains(name);
      for (NodeDef node : function.getNodeDefList()) {
        Require.argument(
            !isHarmful(node) || (ofSaver && isOfSaver(node)),
            "%s: the model has the operation %s (%s, in the function %s), which may read, write or run what is not the"
                + " model's",
            version,
            node.getOp(),
            node.getName(),
            name);
      }
    }
  }

  private static boolean isHarmful(NodeDef node) {
    return HARMFUL.stream().anyMatch(pattern -> matches(pattern, node.getOp()));
  }

  private static boolean matches(String pattern, String op) {
    if (pattern.startsWith("*")) {
      return op.contains(pattern.substring(1, pattern.length() - 1));
    }
    return pattern.endsWith("*")
        ? op.startsWith(pattern.substring(0, pattern.length() - 1))
        : op.equals(pattern);
  }

  private static boolean isOfSaver(NodeDef node) {
    return OF_SAVERS.contains(node.getOp());
  }

  /** The loader feeds the saver's file name with the path of the version's own variables. */
  private boolean isWhereTheLoaderSays(NodeDef node) {
    return !node.getOp().startsWith("Restore")
        || operation(node.getInput(0))
            .equals(operation(graph.getSaverDef().getFilenameTensorName()));
  }

  /** The loader feeds an asset's tensor with its path in the version. */
  private boolean isTableOfAsset(NodeDef node) {
    return TABLES.contains(node.getOp())
        && node.getInputCount() > 1
        && graph.getAssetFileDefList().stream()
            .map(asset -> operation(asset.getTensorInfo().getName()))
            .anyMatch(operation(node.getInput(1))::equals);
  }

  /** Where the signatures begin and end, and what the loader runs beside the saver. */
  private Stream<String> served() {
    return graph.getSignatureDefMap().values().stream()
        .flatMap(signature -> signature.getOutputsMap().values().stream())
        .map(tensor -> operation(tensor.getName()));
  }

  private Stream<String> savers() {
    return Stream.of(
            graph.getSaverDef().getSaveTensorName(), graph.getSaverDef().getRestoreOpName())
        .map(HarmlessModel::operation);
  }

  /** Operations of the graph, and functions, that some operations need. */
  private record Reached(Set<String> nodes, Set<String> functions) {}

  private Reached reach(Stream<String> roots) {
    Reached reached = new Reached(new HashSet<>(), new HashSet<>());
    Deque<String> next = new ArrayDeque<>(roots.toList());
    while (!next.isEmpty()) {
      NodeDef node = nodes.get(next.remove());
      if (node != null && reached.nodes.add(node.getName())) {
        node.getInputList().forEach(input -> next.add(operation(input)));
        node.getAttrMap().values().forEach(value -> reachFunctions(value, reached.functions));
      }
    }
    return reached;
  }

  private void reachFunctions(AttrValue value, Set<String> reached) {
    Deque<String> next = new ArrayDeque<>();
    if (value.hasFunc()) {
      next.add(value.getFunc().getName());
    }
    value.getList().getFuncList().forEach(function -> next.add(function.getName()));
    while (!next.isEmpty()) {
      FunctionDef function = functions.get(next.remove());
      if (function != null && reached.add(function.getSignature().getName())) {
        function.getNodeDefList().stream()
            .flatMap(node -> node.getAttrMap().values().stream())
            .forEach(attribute -> reachFunctions(attribute, reached));
        // A function may be called by its name alone, as if it were an operation.
        function.getNodeDefList().forEach(node -> next.add(node.getOp()));
      }
    }
  }

  /** The operation of a tensor's name, such as {@code ^a}, {@code a:1} or {@code a}. */
  private static String operation(String tensor) {
    String name = tensor.startsWith("^") ? tensor.substring(1) : tensor;
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }
}
