package org.adaptivesoftmax.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.embedding.AdaptiveEmbeddingBuilder.Settings;
import org.adaptivesoftmax.embedding.EmbeddingLookup.ClusterRows;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Ranks;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Adaptive input representations (Baevski and Auli, "Adaptive Input Representations for Neural Language Modeling", ICLR
 * 2019): an embedding with the clusters and widths of an {@link AdaptiveSoftmax}, so that frequent classes have wide rows
 * and rare ones narrow rows.
 *
 * <p>With cluster 0 the shortlist, cluster i the i-th tail cluster of a {@link ClusterPlan}, class rows E<sub>i</sub>
 * [size<sub>i</sub>, width<sub>i</sub>] of width<sub>i</sub> = ⌊outFeatures / divValue<sup>i</sup>⌋, and projections
 * P<sub>i</sub> [outFeatures, width<sub>i</sub>], a class of rank r in cluster i has the embedding
 *
 * <pre>
 * e = Pi Ei[r − start i]
 * </pre>
 *
 * <p>A cluster that no id of the batch needs runs no product of matrices.
 *
 * <pre>{@code
 * AdaptiveEmbedding<TFloat32> embedding =
 *     AdaptiveEmbedding.builder(TFloat32.class)
 *         .outFeatures(512).nClasses(100_000).cutoffs(4_000, 20_000).build(tf);
 * Operand<TFloat32> embedded = embedding.call(tf, ids);
 * }</pre>
 *
 * <p>Variables start as in fairseq's {@code AdaptiveInput}: rows from the normal distribution with deviation
 * width<sub>i</sub><sup>−1/2</sup>, projections Xavier-uniform, in ±√(6 / (width<sub>i</sub> + outFeatures)); shared ones as
 * the softmax starts them. An entry of a new embedding then has a variance between 1 / outFeatures, in the shortlist, and
 * 2 / outFeatures: a Transformer multiplies by √outFeatures.
 *
 * <p>The gradient by E<sub>i</sub> is dense, [size<sub>i</sub>, width<sub>i</sub>], zero in rows that were not read; for
 * sparse updates differentiate by what {@link #lookup} returns. A layer is immutable: threads may share it as far as they
 * may share the graph.
 *
 * @param <T> type of the weights and the output: float32, float64, bfloat16 or float16. In the half types, gradients of one
 *     row are summed in float32.
 */
public final class AdaptiveEmbedding<T extends TFloating> {
  /** Keeps the draws apart from those of an {@link AdaptiveSoftmax} with the same seed. */
  private static final long STREAM = 0x656d_6265_6464_0000L;

  private static final int PADDING_RANK = -1;

  private final Settings<T> settings;
  private final List<EmbeddingCluster<T>> clusters;
  private final Map<String, Variable<T>> parameters;

  AdaptiveEmbedding(Ops tf, Settings<T> settings) {
    this.settings = settings;
    Parameters<T> created =
        new Parameters<>(settings.type(), settings.name(), settings.seed() ^ STREAM);
    this.clusters = new ArrayList<>();
    for (int cluster = 0; cluster <= plan().nTails(); cluster++) {
      clusters.add(cluster(device(tf, cluster), created, cluster));
    }
    this.parameters = created.byName();
  }

  /**
   * Starts the configuration of a layer.
   *
   * @param type type of the weights and the output
   * @throws IllegalArgumentException if the type is not float32, float64, bfloat16 or float16
   */
  public static <T extends TFloating> AdaptiveEmbeddingBuilder<T> builder(Class<T> type) {
    return new AdaptiveEmbeddingBuilder<>(type);
  }

  /** How the classes are divided; its {@code inFeatures} is the width of the output. */
  public ClusterPlan plan() {
    return settings.plan();
  }

  /** The class ids by rank. */
  public LabelOrder labelOrder() {
    return settings.ids().order();
  }

  /** Width of the output. */
  public int outFeatures() {
    return plan().inFeatures();
  }

  /** Number of classes. */
  public int nClasses() {
    return plan().nClasses();
  }

  /**
   * The layer's own variables, without those it shares with a softmax: for each cluster i, 0 the shortlist, {@code
   * embedding.i.weight} [size, width], rows in order of rank, and {@code projection.i.weight} [outFeatures, width].
   */
  public Map<String, Variable<T>> parameters() {
    return parameters;
  }

  /**
   * The embeddings of ids.
   *
   * @param tf builds the ops
   * @param ids class ids, int32 or int64, of any shape. One that is no class (nor {@code paddingIndex}) fails the run with a
   *     message that holds the value and the range.
   * @return [ids…, outFeatures]
   * @throws IllegalArgumentException if the ids are neither int32 nor int64
   */
  public Operand<T> call(Ops tf, Operand<? extends TNumber> ids) {
    return lookup(tf, ids).output();
  }

  /**
   * The embeddings of ids, as {@link #call}, with the rows that were read for them.
   *
   * @param tf builds the ops
   * @param ids as for {@link #call}
   * @throws IllegalArgumentException if the ids are neither int32 nor int64
   */
  public EmbeddingLookup<T> lookup(Ops tf, Operand<? extends TNumber> ids) {
    Checks.integer(ids, "ids");
    Ops scope = tf.withSubScope(settings.name());
    Operand<? extends TNumber> flat = scope.reshape(ids, scope.constant(new int[] {-1}));
    Operand<TInt32> ranks = ranks(scope, settings.ids().checked(scope, flat));
    List<Operand<TInt64>> places = new ArrayList<>();
    List<Operand<T>> embedded = new ArrayList<>();
    List<ClusterRows<T>> read = new ArrayList<>();
    for (int i = 0; i < clusters.size(); i++) {
      EmbeddingCluster<T> cluster = clusters.get(i);
      Ops placed = device(scope, i);
      Operand<TInt64> place = Ranks.rowsBetween(scope, ranks, cluster.start(), cluster.end());
      Operand<TInt32> indices =
          scope.math.sub(Rows.take(scope, ranks, place), scope.constant(cluster.start()));
      Operand<T> rows = cluster.rows(placed, indices);
      places.add(place);
      embedded.add(cluster.project(placed, rows));
      read.add(new ClusterRows<>(cluster.table(), indices, rows));
    }
    return new EmbeddingLookup<>(assemble(scope, ids, places, embedded), read);
  }

  /** The clusters' embeddings in the places of their ids; zero where an id is in no cluster, as the padding index. */
  private Operand<T> assemble(
      Ops tf,
      Operand<? extends TNumber> ids,
      List<Operand<TInt64>> places,
      List<Operand<T>> embedded) {
    Operand<TInt64> place = tf.concat(places, tf.constant(0));
    Operand<TInt64> width = tf.constant(new long[] {outFeatures()});
    Operand<TInt64> count = tf.expandDims(tf.size(ids, TInt64.class), tf.constant(0));
    Operand<T> rows =
        tf.scatterNd(
            tf.expandDims(place, tf.constant(1)),
            tf.concat(embedded, tf.constant(0)),
            tf.concat(List.of(count, width), tf.constant(0)));
    Operand<TInt64> shape = tf.concat(List.of(tf.shape(ids, TInt64.class), width), tf.constant(0));
    return tf.reshape(rows, shape);
  }

  /** The ranks of checked ids; the padding index has one that is in no cluster. */
  private Operand<TInt32> ranks(Ops tf, Operand<TInt64> ids) {
    LabelOrder order = labelOrder();
    if (settings.ids().exception().isEmpty()) {
      return new ClassTable(order).ranks(tf, ids);
    }
    Operand<TBool> isPadding = settings.ids().isException(tf, ids);
    Operand<TInt64> classes = tf.select(isPadding, tf.constant(order.label(0)), ids);
    return tf.select(
        isPadding, tf.constant(PADDING_RANK), new ClassTable(order).ranks(tf, classes));
  }

  private EmbeddingCluster<T> cluster(Ops tf, Parameters<T> created, int cluster) {
    ClusterPlan plan = plan();
    int tail = cluster - 1;
    int start = cluster == 0 ? 0 : plan.tailStart(tail);
    int end = cluster == 0 ? plan.shortlistSize() : plan.tailEnd(tail);
    int width = cluster == 0 ? outFeatures() : plan.tailWidth(tail);
    TiedSoftmax<T> tied = settings.tied();
    Variable<T> table =
        tied != null && tied.tying().classRows
            ? tied.classRows(cluster)
            : created.normal(
                tf, "embedding." + cluster + ".weight", 1 / Math.sqrt(width), end - start, width);
    boolean backward = tied != null && tied.sharesProjection(cluster);
    Variable<T> projection =
        tied != null && backward
            ? tied.projection(cluster)
            : created.xavierUniform(tf, "projection." + cluster + ".weight", outFeatures(), width);
    return new EmbeddingCluster<>(start, end, table, new Linear<>(projection, null), backward);
  }

  /** Where a cluster's variables and products live; 0 is the shortlist, i the i-th tail cluster. */
  private Ops device(Ops tf, int cluster) {
    return settings.placement().apply(cluster).map(tf::withDevice).orElse(tf);
  }
}
