package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.cli.TrainingRun.Destination;
import org.adaptivesoftmax.cli.TrainingRun.Network;
import org.adaptivesoftmax.cli.TrainingRun.Source;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a language model and exports it. */
@Command(
    name = "train",
    description = "Train a language model on text, one sentence a line, and export it.")
final class TrainCommand implements Callable<CommandResult>, Threaded {
  private static final int DEFAULT_EPOCHS = 2;
  private static final TrainingConfiguration DEFAULT = TrainingConfiguration.builder().build();

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text to learn, may be given several times (default: WordNet's definitions).")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Model directory; the model becomes its next version (default: savedmodels/wordnet-lm, or"
              + " savedmodels/language-model with --corpus, in the project).")
  private @Nullable Path out;

  @Option(
      names = "--softmax",
      paramLabel = "KIND",
      converter = Choice.OfSoftmax.class,
      completionCandidates = Choice.OfSoftmax.class,
      description = "The output layer: adaptive or full (default: adaptive).")
  private Softmax softmax = Softmax.ADAPTIVE;

  @Option(
      names = "--cutoffs",
      paramLabel = "auto|a,b,…",
      converter = Cutoffs.Converter.class,
      description =
          "Where the vocabulary, ranked by frequency, is cut into clusters; auto weighs expected cost"
              + " against the width that rare words get (default: auto).")
  private Cutoffs cutoffs = Cutoffs.AUTO;

  @Option(
      names = "--div-value",
      paramLabel = "D",
      description =
          "Factor by which each tail cluster is narrower than the one before (default: chosen with"
              + " --cutoffs auto, 2 with given cutoffs).")
  private @Nullable Double divValue;

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Keep the N most frequent words (default: all).")
  private @Nullable Integer maxVocabulary;

  @Mixin
  private final NetworkOptions network =
      new NetworkOptions(
          LanguageModelConfiguration.DEFAULT_WIDTH, LanguageModelConfiguration.DEFAULT_WIDTH);

  @Mixin
  private final LearningOptions learning =
      new LearningOptions(DEFAULT_EPOCHS, DEFAULT.batch(), DEFAULT.learningRate().first(), 0);

  @Option(
      names = "--delta",
      paramLabel = "D",
      description =
          "AS-Softmax's margin in (0, 1]; 1 is the plain loss (default: ${DEFAULT-VALUE}).")
  private double delta = 1;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      converter = Choice.OfPrecision.class,
      completionCandidates = Choice.OfPrecision.class,
      description =
          "Type in which a training step multiplies matrices: float32 or bfloat16. Weights are"
              + " float32 with both; bfloat16 pays on processors that multiply it themselves (default:"
              + " float32).")
  private ComputePrecision precision = ComputePrecision.FLOAT32;

  @Mixin private final TailWeightsOption tailWeights = new TailWeightsOption();

  @Option(
      names = "--keep-moments",
      description =
          "Publish Adam's moments as well, twice the size of the weights, so that rebucket goes on with"
              + " them (default: no).")
  private boolean keepMoments;

  @ArgGroup(exclusive = true)
  private CheckpointOptions checkpoints = new CheckpointOptions();

  @Option(
      names = "--logdir",
      paramLabel = "DIR",
      description = "Write TensorBoard event files: loss, perplexity, learning rate.")
  private @Nullable Path logdir;

  @Option(
      names = "--write-ids",
      paramLabel = "DIR",
      description =
          "Also write the text as word ids, as tools/bench/language_model_pytorch.py reads it.")
  private @Nullable Path writeIds;

  @Mixin private final ClusterOptions cluster = new ClusterOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public int threads() {
    return learning.threads();
  }

  @Override
  public CommandResult call() throws Exception {
    cluster.check();
    TrainingRun run = run();
    if (run.task().isTail()) {
      return run.holdTails();
    }
    if (!cluster.launches()) {
      return run.call().result();
    }
    run.prepare();
    List<String> arguments =
        Objects.requireNonNull(spec).root().commandLine().getParseResult().expandedArgs();
    return new ClusterLauncher(ClusterLauncher.ofTask(arguments), cluster).call();
  }

  /** The run without options, which goes on from the checkpoints of an interrupted one. */
  static TrainingRun defaultRun() throws IOException {
    TrainCommand command = new TrainCommand();
    command.checkpoints = CheckpointOptions.resuming();
    return command.run();
  }

  /** The run that the options describe, which are checked here. */
  private TrainingRun run() throws IOException {
    Require.argument(
        tailWeights.form() == TailWeights.FLOAT32 || softmax == Softmax.ADAPTIVE,
        "--tail-weights must be float32 with --softmax full, which has no tail clusters: %s",
        Choice.name(tailWeights.form()));
    Require.argument(
        softmax == Softmax.ADAPTIVE || !cluster.hasTailTasks(),
        "--softmax must be adaptive with tail tasks: %s",
        Choice.name(softmax));
    Require.argument(
        divValue == null || (divValue > 0 && Double.isFinite(divValue)),
        "--div-value must be above 0 and finite: %s",
        String.valueOf(divValue));
    if (maxVocabulary != null) {
      LearningOptions.atLeast1("--max-vocabulary", maxVocabulary);
    }
    Network wanted =
        new Network(
            softmax,
            network.embedding(),
            network.hidden(),
            learning.dropout(),
            cutoffs.values(),
            divValue,
            learning.seed());
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .epochs(learning.epochs())
            .batch(learning.batch())
            .learningRate(learning.learningRate())
            .delta(delta)
            .precision(precision)
            .build();
    TaskOfRun task = cluster.task(learning.threads());
    Corpus text = corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus);
    return new TrainingRun(
        new Source(text, maxVocabulary, task.isFirst() ? writeIds : null),
        wanted,
        training,
        new Destination(
            out != null ? out : defaultOut(),
            tailWeights.form(),
            keepMoments,
            task.isFirst() ? logdir : null),
        checkpoints,
        task);
  }

  private Path defaultOut() {
    return Path.of(System.getProperty("adaptivesoftmax.home", ""), "savedmodels")
        .resolve(corpus.isEmpty() ? "wordnet-lm" : "language-model");
  }
}
