package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.InputFile;
import org.adaptivesoftmax.cli.TrainingText;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench language-model}. */
@Command(
    name = "language-model",
    description = {
      "Time the training step of the language model that train trains by default, with an adaptive and with a full"
          + " softmax, and tell where its time goes.",
      "Every contender runs in a process of its own, in turn with the others. The result is also written to"
          + " target/bench/language-model.json."
    })
final class LanguageModelBenchCommand implements Callable<CommandResult> {
  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text to learn, may be given several times (default: WordNet's definitions).")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--cutoffs",
      paramLabel = "a,b,…",
      split = ",",
      description = "Where the ranked vocabulary is cut into clusters (default: as train does).")
  private List<Integer> cutoffs = new ArrayList<>();

  @Option(
      names = "--div-value",
      paramLabel = "D",
      description = "Factor by which tail projections narrow (default: as train does).")
  private @Nullable Double divValue;

  @Mixin private final PeerOption peer = new PeerOption();

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed rounds of each contender. Default: ${DEFAULT-VALUE}.")
  private int rounds = 15;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Training steps of a round. Default: ${DEFAULT-VALUE}.")
  private int steps = 10;

  @Override
  public CommandResult call() throws Exception {
    LanguageModelBench bench = new LanguageModelBench(peer.python(), rounds, steps);
    TrainingConfiguration training = TrainingConfiguration.builder().build();
    TrainingText read =
        TrainingText.read(corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus), null);
    int rows = training.batch() * training.steps();
    ClusterPlan plan = read.plan(LanguageModelConfiguration.DEFAULT_WIDTH, rows, cutoffs, divValue);
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(read.vocabulary().size())
            .cutoffs(plan.cutoffs())
            .divValue(plan.divValue())
            .build();
    LanguageModelReport report = bench.run(model, training, read.text());
    return BenchResult.of(report.text(), report);
  }
}
