package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.internal.io.SourceFile;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.pytorch.ClassOrderFile;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a SavedModel of the state dict of PyTorch's {@code nn.AdaptiveLogSoftmaxWithLoss}. */
@Command(
    name = "import-pytorch",
    description =
        "Make a SavedModel of the state dict of an nn.AdaptiveLogSoftmaxWithLoss;"
            + " sizes and cutoffs come from the tensors.")
final class ImportPyTorchCommand implements Callable<CommandResult> {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE.safetensors",
      converter = InputFile.class,
      description =
          "head.weight, head.bias, tail.i.0.weight, tail.i.1.weight, with any prefix;"
              + " float32, float16 or bfloat16.")
  private Path weights;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; the model becomes its next version.")
  private Path out;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many classes serving_default gives (default: 10, or all if fewer).")
  private @Nullable Integer top;

  @Option(
      names = "--class-order",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "One class id per line, the most frequent first (default: ids are ranks).")
  private @Nullable Path classOrder;

  @Mixin private final TailWeightsOption tailWeights = new TailWeightsOption();

  /**
   * The layer that the weights make.
   *
   * @param parameters number of weights and biases
   */
  private record Layer(
      int inFeatures,
      int nClasses,
      List<Integer> cutoffs,
      double divValue,
      boolean headBias,
      String prefix,
      long parameters) {
    static Layer of(PyTorchWeights found) {
      ClusterPlan plan = found.plan();
      return new Layer(
          plan.inFeatures(),
          plan.nClasses(),
          plan.cutoffs(),
          plan.divValue(),
          found.headBias(),
          found.prefix(),
          found.parameterCount());
    }
  }

  /** What was imported and where it went. */
  private record Imported(
      String model,
      @JsonUnwrapped Layer layer,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TailWeightsCost tailWeights,
      double seconds)
      implements CommandResult {
    @Override
    public String text() {
      List<String> lines = new ArrayList<>();
      lines.add("%-12s %s".formatted("model", model));
      lines.add("%-12s %d".formatted("in features", layer.inFeatures));
      lines.add("%-12s %d".formatted("classes", layer.nClasses));
      lines.add("%-12s %s".formatted("cutoffs", layer.cutoffs));
      lines.add("%-12s %s".formatted("div value", layer.divValue));
      lines.add("%-12s %s".formatted("head bias", layer.headBias));
      lines.add("%-12s \"%s\"".formatted("prefix", layer.prefix));
      lines.add("%-12s %d".formatted("parameters", layer.parameters));
      lines.add("%-12s %.1f".formatted("seconds", seconds));
      if (tailWeights != null) {
        lines.addAll(tailWeights.lines("%-12s %s"));
      }
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public CommandResult call() throws IOException {
    long start = System.nanoTime();
    try (Safetensors file = Safetensors.open(weights)) {
      PyTorchWeights found = PyTorchWeights.find(file);
      ClusterPlan plan = found.plan();
      int topK = topK(plan.nClasses());
      LabelOrder order = labelOrder(plan);
      OutputDirectory.ofModel(out);
      Path model = publish(found, file, order, topK, tailWeights.form(), out);
      TailWeightsCost cost =
          tailWeights.form() == TailWeights.FLOAT32 ? null : cost(model, found, file, order, topK);
      return new Imported(
          model.toString(), Layer.of(found), cost, (System.nanoTime() - start) / 1e9);
    }
  }

  private Path publish(
      PyTorchWeights found,
      Safetensors file,
      LabelOrder order,
      int topK,
      TailWeights form,
      Path directory)
      throws IOException {
    return OutputLayerExporter.builder(found.layer().labelOrder(order)::build)
        .topK(topK)
        .tailWeights(form)
        .provenance(provenance(found))
        .build()
        .publish(new ModelDirectory(directory), found.source(file));
  }

  private TailWeightsCost cost(
      Path model, PyTorchWeights found, Safetensors file, LabelOrder order, int topK)
      throws IOException {
    // What a killed process leaves there, the next to publish deletes.
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(out)) {
      Path float32 = publish(found, file, order, topK, TailWeights.FLOAT32, unfinished.directory());
      return TailWeightsCost.ofSize(tailWeights.form(), model, float32)
          .changing(LogProbChange.largest(model, float32, found.plan().inFeatures()));
    }
  }

  private int topK(int nClasses) {
    if (top == null) {
      return Math.min(OutputLayerExporter.DEFAULT_TOP_K, nClasses);
    }
    if (top < 1 || top > nClasses) {
      throw new IllegalArgumentException(
          "--top must be in 1..%d, the classes in %s: %d".formatted(nClasses, weights, top));
    }
    return top;
  }

  private LabelOrder labelOrder(ClusterPlan plan) throws IOException {
    return classOrder == null
        ? LabelOrder.identity(plan.nClasses())
        : ClassOrderFile.read(classOrder, plan.nClasses());
  }

  private Map<String, ?> provenance(PyTorchWeights found) throws IOException {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("command", "import-pytorch");
    provenance.put("weights", SourceFile.of(weights));
    provenance.put("prefix", found.prefix());
    if (classOrder != null) {
      provenance.put("class_order_file", SourceFile.of(classOrder));
    }
    provenance.put("head_bias", found.headBias());
    return provenance;
  }
}
