package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.adaptivesoftmax.bench.DistributedBench.Shape;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.InputFile;
import org.adaptivesoftmax.cli.TrainingText;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench distributed}. */
@Command(
    name = "distributed",
    description = {
      "Time the training step of the language model that train trains by default, and of one with many classes, in one"
          + " process, in two replicas and in a replica with a tail task, on as many threads in all; say what the"
          + " processes send each other and hold, and what to expect of more machines.",
      "The ways take turns. The result is also written to target/bench/distributed.json."
    })
final class DistributedBenchCommand implements Callable<CommandResult> {
  private static final int TOKENS = 200_000;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Text of the first model, may be given several times (default: WordNet's definitions).")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Classes of the second model, whose frequencies follow Zipf's law; 0 leaves it out. Default: ${DEFAULT-VALUE}.")
  private int classes = 1_000_000;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      defaultValue = "32",
      description = "Width of a word's row in the second model. Default: ${DEFAULT-VALUE}.")
  private int embedding = 32;

  @Mixin private final PeerOption peer = new PeerOption();

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed rounds of each way. Default: ${DEFAULT-VALUE}.")
  private int rounds = 15;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Training steps of a round. Default: ${DEFAULT-VALUE}.")
  private int steps = 10;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of all processes of a way. Default: ${DEFAULT-VALUE}.")
  private int threads = 2;

  @Option(
      names = "--gbits",
      split = ",",
      paramLabel = "G",
      defaultValue = "1,10,100",
      description = "Speeds of a network between machines, in Gbit/s. Default: ${DEFAULT-VALUE}.")
  private List<Double> gbits = List.of();

  @Override
  public CommandResult call() throws Exception {
    DistributedBench bench = new DistributedBench(peer.python(), threads, rounds, steps, gbits);
    Require.argument(
        classes == 0 || classes >= 1000, "--classes must be 0, or at least 1,000: %s", classes);
    Require.argument(embedding >= 1, "--embedding must be at least 1: %s", embedding);
    List<Shape> shapes = new ArrayList<>(List.of(ofCorpus()));
    if (classes > 0) {
      shapes.add(ofClasses());
    }
    DistributedReport report = bench.run(shapes);
    return BenchResult.of(report.text(), report);
  }

  private static int rows() {
    TrainingConfiguration training = TrainingConfiguration.builder().build();
    return training.batch() * training.steps();
  }

  private Shape ofCorpus() throws Exception {
    TrainingText read =
        TrainingText.read(corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus), null);
    ClusterPlan plan = read.plan(LanguageModelConfiguration.DEFAULT_WIDTH, rows(), List.of(), null);
    return new Shape("default", model(plan, LanguageModelConfiguration.DEFAULT_WIDTH), read.text());
  }

  private Shape ofClasses() {
    long[] counts =
        LongStream.rangeClosed(1, classes).map(rank -> 1 + 100L * classes / rank).toArray();
    ClusterPlan plan =
        CutoffPlanner.builder(LanguageModelConfiguration.DEFAULT_WIDTH, CostModel.ofBatch(rows()))
            .build()
            .plan(counts);
    Random random = new Random(1);
    // The logarithm of a rank is uniform: rank r comes about as often as 1 / r.
    int[] words =
        random.doubles(TOKENS).mapToInt(uniform -> (int) Math.pow(classes, uniform) - 1).toArray();
    return new Shape(
        "many classes", model(plan, embedding), new LanguageModelText(words, new int[] {1, 2}, 0));
  }

  private static LanguageModelConfiguration model(ClusterPlan plan, int embedding) {
    return LanguageModelConfiguration.builder()
        .vocabulary(plan.nClasses())
        .cutoffs(plan.cutoffs())
        .divValue(plan.divValue())
        .embedding(embedding)
        .build();
  }
}
