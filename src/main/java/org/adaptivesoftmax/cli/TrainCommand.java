package org.adaptivesoftmax.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.TextFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a language model and exports it. */
@Command(
    name = "train",
    description = "Train a language model on text, one sentence a line, and export it.")
final class TrainCommand implements Callable<CommandResult> {
  private static final String AUTO = "auto";

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
      description = "adaptive or full (default: adaptive).")
  private String softmax = "adaptive";

  @Option(
      names = "--cutoffs",
      paramLabel = "auto|a,b,…",
      description = "Where the ranked vocabulary is cut into clusters (default: auto).")
  private String cutoffs = AUTO;

  @Option(
      names = "--div-value",
      paramLabel = "D",
      description = "Factor by which tail projections narrow (default: ${DEFAULT-VALUE}).")
  private double divValue = TrainingRun.DEFAULT_DIV_VALUE;

  @Option(
      names = "--delta",
      paramLabel = "D",
      description =
          "AS-Softmax's margin in (0, 1]; 1 is the plain loss (default: ${DEFAULT-VALUE}).")
  private double delta = 1;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      description = "Width of a word's input row (default: ${DEFAULT-VALUE}).")
  private int embedding = LanguageModelConfiguration.DEFAULT_WIDTH;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      description = "Width of the LSTM (default: ${DEFAULT-VALUE}).")
  private int hidden = LanguageModelConfiguration.DEFAULT_WIDTH;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = {
        "float32, or bfloat16 for products of matrices in bfloat16 with float32 weights, which only pays on"
            + " processors that multiply bfloat16 themselves (default: ${DEFAULT-VALUE})."
      })
  private String precision = "float32";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the text (default: ${DEFAULT-VALUE}).")
  private int epochs = TrainingRun.DEFAULT_EPOCHS;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Keep the N most frequent words (default: all).")
  private @Nullable Integer maxVocabulary;

  @Option(
      names = "--tail-weights",
      paramLabel = "FORM",
      converter = TailWeightsOption.class,
      description = TailWeightsOption.DESCRIPTION + " (default: float32).")
  private TailWeights tailWeights = TailWeights.FLOAT32;

  @Option(
      names = "--resume",
      description = "Go on from the last checkpoint of an interrupted run with the same options.")
  private boolean resume;

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

  @Override
  public CommandResult call() throws Exception {
    return run().call();
  }

  /** The run that the options describe. */
  TrainingRun run() throws TextFileException {
    return new TrainingRun(
        corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus),
        out != null ? out : defaultOut(),
        kind(),
        embedding,
        hidden,
        cutoffs(),
        divValue,
        delta,
        precision(),
        epochs,
        seed,
        maxVocabulary,
        tailWeights(),
        resume,
        logdir,
        writeIds);
  }

  private Path defaultOut() {
    return Path.of(System.getProperty("adaptivesoftmax.home", ""), "savedmodels")
        .resolve(corpus.isEmpty() ? "wordnet-lm" : "language-model");
  }

  private Softmax kind() {
    return switch (softmax) {
      case "adaptive" -> Softmax.ADAPTIVE;
      case "full" -> Softmax.FULL;
      default ->
          throw new IllegalArgumentException("--softmax must be adaptive or full: " + softmax);
    };
  }

  private TailWeights tailWeights() {
    if (tailWeights != TailWeights.FLOAT32 && kind() == Softmax.FULL) {
      throw new IllegalArgumentException(
          "--tail-weights must be float32 with --softmax full, which has no tail clusters: "
              + TailWeightsOption.name(tailWeights));
    }
    return tailWeights;
  }

  private ComputePrecision precision() {
    return switch (precision) {
      case "float32" -> ComputePrecision.FLOAT32;
      case "bfloat16" -> ComputePrecision.BFLOAT16;
      default ->
          throw new IllegalArgumentException(
              "--precision must be float32 or bfloat16: " + precision);
    };
  }

  /** The cutoffs; none where they are chosen from the counts. */
  private List<Integer> cutoffs() {
    List<Integer> values = new ArrayList<>();
    if (cutoffs.toLowerCase(Locale.ROOT).equals(AUTO)) {
      return values;
    }
    for (String value : cutoffs.split(",", -1)) {
      try {
        values.add(Integer.valueOf(value.strip()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "--cutoffs must be auto or whole numbers divided by commas: " + cutoffs, e);
      }
    }
    return values;
  }
}
