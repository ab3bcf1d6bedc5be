package org.adaptivesoftmax.export;

import static java.util.Comparator.comparingDouble;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

/**
 * A published layer of 60 classes, 12 of them in the shortlist, whose answers have three. Of its rows some are proven by the
 * head alone, as they are larger than others, and some are not.
 */
public record HeadFirstLayer(ModelDirectory directory, PyTorchModule module) {
  public static final int WIDTH = 16;
  public static final int K = 3;
  private static final ClusterPlan PLAN = ClusterPlan.of(WIDTH, 60, 12, 30);

  /** Publishes it with that many classes in an answer. */
  public static HeadFirstLayer publish(Path directory, int k, TailWeights tailWeights)
      throws IOException {
    PyTorchModule module = new PyTorchModule(PLAN, 5);
    Path file = module.safetensors("", SafetensorsType.F32).write(directory.resolve("weights"));
    ModelDirectory model = new ModelDirectory(directory.resolve("layer"));
    try (Safetensors opened = Safetensors.open(file)) {
      PyTorchWeights weights = PyTorchWeights.find(opened);
      OutputLayerExporter.builder(weights.layer()::build)
          .topK(k)
          .tailWeights(tailWeights)
          .build()
          .publish(model, weights.source(opened));
    }
    return new HeadFirstLayer(model, module.rounded(tailWeights));
  }

  /** Rows from small to large. */
  public static FloatNdArray rows(int count) {
    Random random = new Random(7);
    FloatNdArray rows = NdArrays.ofFloats(Shape.of(count, WIDTH));
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < WIDTH; i++) {
        rows.setFloat((float) random.nextGaussian() * 6 * (row + 1) / count, row, i);
      }
    }
    return rows;
  }

  /** The log-probabilities of all classes, by PyTorch's equations. */
  public double[] logProb(FloatNdArray row) {
    double[] input = new double[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      input[i] = row.getFloat(i);
    }
    return module.logProb(input);
  }

  /** The most probable classes, sorted by {@link #logProb}. */
  public List<Long> best(FloatNdArray row) {
    double[] logProb = logProb(row);
    return IntStream.range(0, logProb.length)
        .boxed()
        .sorted(comparingDouble(label -> -logProb[label]))
        .limit(K)
        .map(Integer::longValue)
        .toList();
  }
}
