package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.tensorflow.Session;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The state dict of a PyTorch {@code nn.AdaptiveLogSoftmaxWithLoss}: found in a safetensors file, loaded into a layer, and
 * {@linkplain PyTorchWriter written} from one.
 *
 * <p>With a prefix that all share (such as {@code model.softmax.}, or none) its tensors are:
 *
 * <table>
 *   <caption>Tensors and shapes; tails are counted from 0</caption>
 *   <tr><th>name</th><th>shape</th></tr>
 *   <tr><td>{@code head.weight}</td><td>[shortlist + nTails, inFeatures]</td></tr>
 *   <tr><td>{@code head.bias}, optional</td><td>[shortlist + nTails]</td></tr>
 *   <tr><td>{@code tail.i.0.weight}</td><td>[width of tail i, inFeatures]</td></tr>
 *   <tr><td>{@code tail.i.1.weight}</td><td>[classes of tail i, width of tail i]</td></tr>
 * </table>
 *
 * @param prefix what stands before {@code head.weight}, empty or ending in a dot
 * @param plan the clusters that the shapes imply; its {@code divValue} is one that gives the tensors' widths, which is
 *     not always the one the module was made with (a width is rounded down, so several give the same)
 * @param tensors the tensors by PyTorch's name without the prefix, the head's first
 */
public record PyTorchWeights(String prefix, ClusterPlan plan, Map<String, TensorInfo> tensors) {
  /** Prefixes that an error names. */
  private static final int SHOWN = 10;

  private static final String HEAD_WEIGHT = "head.weight";
  static final String HEAD_BIAS = "head.bias";
  private static final Pattern HEAD_NAME = Pattern.compile("((?:.*\\.)?)head\\.weight");
  private static final Pattern TAIL_NAME =
      Pattern.compile("((?:.*\\.)?)tail\\.(0|[1-9]\\d{0,8})\\.([01])\\.weight");

  /**
   * Keeps the order of the tensors.
   *
   * @param prefix as above
   * @param plan as above
   * @param tensors as above
   */
  public PyTorchWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** {@return whether the head has a bias} */
  public boolean headBias() {
    return tensors.containsKey(HEAD_BIAS);
  }

  /**
   * The layer that the tensors belong to. It is float32 whatever the tensors' type: half precision saves disk and
   * memory, while TensorFlow on a CPU computes faster in float32.
   *
   * @return a builder with the plan and the bias; a label order may be added
   */
  public AdaptiveSoftmaxBuilder<TFloat32> layer() {
    return AdaptiveSoftmax.builder(TFloat32.class).plan(plan).headBias(headBias());
  }

  /**
   * The tensors' values, converted to float32 (exactly, but for float64).
   *
   * @param file where the tensors were found, to stay open until they are loaded
   * @return the values for {@link #layer()}, as an exporter takes them
   */
  public WeightSource source(Safetensors file) {
    return (session, variables) -> new WeightLoader(session, file).load(tensors, variables);
  }

  /**
   * Gives a layer of a graph the tensors' values, converted to float32 (exactly, but for float64), as to train on with them.
   * They go from the file to the variables in chunks of rows, so memory does not grow with the weights. Class rows are in
   * order of rank: a layer with a label order takes the first for its first id.
   *
   * <pre>{@code
   * AdaptiveSoftmax<TFloat32> layer = weights.layer().build(tf);
   * session.initialize();
   * weights.load(file, session, layer);
   * }</pre>
   *
   * @param file where the tensors were found
   * @param session of the layer's graph. {@link Session#initialize} comes before: after it would draw the weights anew
   * @param layer of the same plan, but for a {@code divValue} that gives the same widths, and with a head bias if there is one
   * @throws IllegalArgumentException if the layer is not in the session's graph, or its parameters or their shapes are not
   *     the tensors', and nothing is changed then; or if a value is not finite as float32
   * @throws IOException if the file cannot be read
   */
  public void load(Safetensors file, Session session, AdaptiveSoftmax<TFloat32> layer)
      throws IOException {
    requireInGraph(session, layer);
    source(file).load(session, layer.parameters());
  }

  /**
   * Writes a trained layer as PyTorch's module would be: float32, without a prefix. {@link PyTorchWriter} has other types and
   * prefixes, and says what the file holds.
   *
   * @param file to write, replaced if it exists; it appears whole or not at all
   * @param session holds the values of the layer's variables
   * @param layer of the session's graph
   * @throws IllegalArgumentException as {@link PyTorchWriter} has it; nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Session session, AdaptiveSoftmax<? extends TFloating> layer)
      throws IOException {
    PyTorchWriter.builder(session, layer).build().write(file);
  }

  static void requireInGraph(Session session, AdaptiveSoftmax<? extends TFloating> layer) {
    for (Variable<? extends TFloating> variable : layer.parameters().values()) {
      Require.argument(
          session.graph().equals(variable.env()),
          "layer must be in the session's graph: variable %s is in another",
          variable.op().name());
    }
  }

  /** {@return the number of values in all tensors} */
  public long parameterCount() {
    return tensors.values().stream().mapToLong(tensor -> tensor.rows() * tensor.rowSize()).sum();
  }

  /** PyTorch's name of a tail cluster's projection, [width, inFeatures]. */
  static String projectionName(int tail) {
    return "tail." + tail + ".0.weight";
  }

  /** PyTorch's name of a tail cluster's class rows, [classes, width]. */
  static String classesName(int tail) {
    return "tail." + tail + ".1.weight";
  }

  /**
   * Finds the one adaptive softmax of a file; other tensors are ignored.
   *
   * @param file to look in
   * @return what was found; values are still read from the file
   * @throws IllegalArgumentException if the file has none, or several with different prefixes; if a tensor is missing
   *     or unknown, or its type, rank or shape does not fit the others; if no {@code divValue} gives the tensors'
   *     widths. The message is one line that names the file, the tensor and its shape
   */
  public static PyTorchWeights find(Safetensors file) {
    try {
      return find(file.tensors());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(OneLine.of(file.file() + ": " + e.getMessage()), e);
    }
  }

  private static PyTorchWeights find(Map<String, TensorInfo> all) {
    String prefix = findPrefix(all.keySet());
    Map<String, TensorInfo> tensors = collect(all, prefix);
    requireOneType(tensors.values());
    return new PyTorchWeights(prefix, inferPlan(tensors), tensors);
  }

  private static String findPrefix(Set<String> names) {
    Set<String> heads = prefixes(names, HEAD_NAME);
    Set<String> tails = prefixes(names, TAIL_NAME);
    Set<String> both = new TreeSet<>(heads);
    both.retainAll(tails);
    Require.argument(
        both.size() <= 1, "more than one adaptive softmax, with the prefixes %s", quoted(both));
    if (both.size() == 1) {
      return both.iterator().next();
    }
    Require.argument(
        tails.isEmpty(),
        "tensor head.weight is missing beside tail clusters with the prefix %s",
        quoted(tails));
    Require.argument(
        heads.isEmpty(),
        "tensor tail.0.0.weight is missing beside head.weight with the prefix %s",
        quoted(heads));
    throw new IllegalArgumentException(
        "no adaptive softmax: none of the %d tensors is named head.weight or tail.0.0.weight, with any prefix"
            .formatted(names.size()));
  }

  private static Set<String> prefixes(Set<String> names, Pattern pattern) {
    return names.stream()
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String quoted(Set<String> prefixes) {
    String first =
        prefixes.stream()
            .limit(SHOWN)
            .map(prefix -> '"' + prefix + '"')
            .collect(Collectors.joining(", "));
    int more = prefixes.size() - SHOWN;
    return more <= 0 ? first : "%s and %d more".formatted(first, more);
  }

  /** The module's tensors without their prefix: all that its names promise, and no others. */
  private static Map<String, TensorInfo> collect(Map<String, TensorInfo> all, String prefix) {
    Map<String, TensorInfo> found = new TreeMap<>();
    int nTails = 0;
    for (Map.Entry<String, TensorInfo> entry : all.entrySet()) {
      String name = entry.getKey();
      if (name.startsWith(prefix + "head.") || name.startsWith(prefix + "tail.")) {
        found.put(name.substring(prefix.length()), entry.getValue());
        Matcher tail = TAIL_NAME.matcher(name);
        nTails = tail.matches() ? Math.max(nTails, Integer.parseInt(tail.group(2)) + 1) : nTails;
      }
    }
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    // A stray tail number may be large, but among more numbers than tensors one is missing.
    int tailsToFind = Math.min(nTails, found.size());
    for (String name : names(found.containsKey(HEAD_BIAS), tailsToFind)) {
      TensorInfo tensor = found.remove(name);
      if (tensor == null) {
        throw new IllegalArgumentException(
            "tensor %s%s is missing; the last tail cluster is tail.%d"
                .formatted(prefix, name, nTails - 1));
      }
      tensors.put(name, tensor);
    }
    for (TensorInfo unknown : found.values()) {
      throw new IllegalArgumentException(
          "tensor %s is no part of AdaptiveLogSoftmaxWithLoss".formatted(unknown.name()));
    }
    return tensors;
  }

  /** The names of the module's tensors, in PyTorch's order. */
  static List<String> names(boolean headBias, int nTails) {
    List<String> names = new ArrayList<>(List.of(HEAD_WEIGHT));
    if (headBias) {
      names.add(HEAD_BIAS);
    }
    for (int tail = 0; tail < nTails; tail++) {
      names.add(projectionName(tail));
      names.add(classesName(tail));
    }
    return names;
  }

  private static void requireOneType(Collection<TensorInfo> tensors) {
    TensorInfo first = tensors.iterator().next();
    Require.argument(
        first.type().isReadable(),
        "tensor %s: dtype must be F32, F16, BF16 or F64: %s",
        first.name(),
        first.type());
    for (TensorInfo tensor : tensors) {
      Require.argument(
          tensor.type() == first.type(),
          "tensors must have one dtype: %s is %s, %s is %s",
          first.name(),
          first.type(),
          tensor.name(),
          tensor.type());
    }
  }

  private static ClusterPlan inferPlan(Map<String, TensorInfo> tensors) {
    TensorInfo head = get(tensors, HEAD_WEIGHT);
    requireRank(head, 2);
    int headSize = dimension(head, 0);
    int inFeatures = dimension(head, 1);
    if (tensors.containsKey(HEAD_BIAS)) {
      requireShape(get(tensors, HEAD_BIAS), headSize);
    }
    int nTails =
        (int) tensors.keySet().stream().filter(name -> name.startsWith("tail.")).count() / 2;
    Require.argument(
        headSize > nTails,
        "tensor %s: shape %s leaves no shortlist beside %d tail clusters",
        head.name(),
        head.shape(),
        nTails);
    List<Integer> ends = new ArrayList<>(List.of(headSize - nTails));
    List<Integer> widths = new ArrayList<>();
    for (int tail = 0; tail < nTails; tail++) {
      TensorInfo projection = get(tensors, projectionName(tail));
      TensorInfo classes = get(tensors, classesName(tail));
      requireRank(projection, 2);
      requireRank(classes, 2);
      int width = dimension(projection, 0);
      int size = dimension(classes, 0);
      requireShape(projection, width, inFeatures);
      requireShape(classes, size, width);
      ends.add(addClasses(ends.get(tail), size, classes));
      widths.add(width);
    }
    int nClasses = ends.remove(nTails);
    return new ClusterPlan(inFeatures, nClasses, ends, DivValueSearch.find(inFeatures, widths));
  }

  private static TensorInfo get(Map<String, TensorInfo> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private static int addClasses(int before, int size, TensorInfo classes) {
    long sum = (long) before + size;
    Require.argument(
        sum <= Integer.MAX_VALUE,
        "tensor %s: shape %s makes %d classes, more than %d",
        classes.name(),
        classes.shape(),
        sum,
        Integer.MAX_VALUE);
    return (int) sum;
  }

  private static void requireRank(TensorInfo tensor, int rank) {
    Require.argument(
        tensor.shape().size() == rank,
        "tensor %s: shape must have %d dimensions: %s",
        tensor.name(),
        rank,
        tensor.shape());
  }

  private static void requireShape(TensorInfo tensor, long... expected) {
    List<Long> shape = Arrays.stream(expected).boxed().toList();
    Require.argument(
        tensor.shape().equals(shape),
        "tensor %s: shape must be %s: %s",
        tensor.name(),
        shape,
        tensor.shape());
  }

  private static int dimension(TensorInfo tensor, int index) {
    long size = tensor.shape().get(index);
    Require.argument(
        size >= 1 && size <= Integer.MAX_VALUE,
        "tensor %s: dimension %d of shape %s must be in 1..%d",
        tensor.name(),
        index,
        tensor.shape(),
        Integer.MAX_VALUE);
    return (int) size;
  }
}
