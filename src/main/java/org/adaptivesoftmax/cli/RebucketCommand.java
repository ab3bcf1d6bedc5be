package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.lifecycle.Rebucketing;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Renews the vocabulary of a language model. */
@Command(
    name = "rebucket",
    description = {
      "Renew the vocabulary of a trained language model from today's counts: its words, their order and"
          + " the cutoffs.",
      "What the model knows is carried over, then it is trained a little on today's text. assets.extra/"
          + "ids.tsv of the new version has each word's old and new rank."
    })
final class RebucketCommand implements Callable<CommandResult>, Threaded {
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--counts",
      required = true,
      paramLabel = "DIR",
      description = "Counts of today's text, as the command count writes them.")
  private Path counts;

  @Mixin private final LearnedCorpusOption corpus = new LearnedCorpusOption();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; the model becomes its next version. May be the same.")
  private Path out;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Steps of 1,280 words to train after the transfer; 0 for none (default: 0.45 of an epoch,"
              + " which takes about a quarter of the time of train).")
  private @Nullable Integer steps;

  @Option(
      names = "--layer-only",
      description = "Train the output layer alone; embedding and LSTM stay as they are.")
  private boolean layerOnly;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description =
          "Adam's learning rate; it falls to a thousandth in the end (default: ${DEFAULT-VALUE}).")
  private double learningRate = Rebucketing.DEFAULT_LEARNING_RATE;

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Keep the N most frequent words (default: all).")
  private @Nullable Integer maxVocabulary;

  @Option(
      names = "--rank-anew",
      description =
          "Put every word where its count is. By default a word keeps its cluster unless its count lies"
              + " beyond the cutoff by more than its sampling error, as plan --previous has it.")
  private boolean rankAnew;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private final ThreadsOption threads = new ThreadsOption();

  /**
   * What came of it.
   *
   * @param perplexities of the corpus's validation part
   * @param words how the vocabulary changed
   * @param trainSeconds of the training alone
   * @param model the directory of the new version
   */
  private record Rebucketed(
      @JsonUnwrapped Perplexities perplexities,
      @JsonUnwrapped Words words,
      double trainSeconds,
      String model)
      implements CommandResult {
    static Rebucketed of(Rebucketing.Result result) {
      return new Rebucketed(
          new Perplexities(
              result.perplexityBefore(), result.perplexityTransferred(), result.perplexity()),
          new Words(
              result.words().added().size(),
              result.words().dropped().size(),
              result.words().movedUp(),
              result.words().movedDown()),
          result.trainSeconds(),
          result.version().toString());
    }

    @Override
    public String text() {
      return String.join(
          System.lineSeparator(),
          "perplexity, words of both vocabularies",
          line("  of the old model", perplexities.perplexityBefore),
          line("  carried over", perplexities.perplexityTransferred),
          line("perplexity, all words, in the end", perplexities.perplexity),
          "%-36s %,d added, %,d dropped".formatted("words", words.added, words.dropped),
          "%-36s %,d up, %,d down"
              .formatted("words in another cluster", words.movedUp, words.movedDown),
          line("training seconds", trainSeconds),
          "%-36s %s".formatted("model", model));
    }

    private static String line(String name, double value) {
      return "%-36s %,.1f".formatted(name, value);
    }
  }

  /**
   * Perplexities; the first two of words that both vocabularies have, with all others as one unknown word.
   *
   * @param perplexityBefore of the old model
   * @param perplexityTransferred before any training
   * @param perplexity of the new model in the end, of all words
   */
  private record Perplexities(
      double perplexityBefore, double perplexityTransferred, double perplexity) {}

  /**
   * Numbers of words.
   *
   * @param added new words
   * @param dropped words that the new vocabulary has no more
   * @param movedUp words that moved towards the shortlist
   * @param movedDown words that moved away from it
   */
  private record Words(int added, int dropped, int movedUp, int movedDown) {}

  @Override
  public int threads() {
    return threads.threads();
  }

  @Override
  public CommandResult call() throws Exception {
    PublishedLanguageModel published =
        PublishedLanguageModel.read(model.directory().highestVersion());
    ModelDirectory directory = OutputDirectory.ofModel(out);
    Corpus text = text(published);
    try (TrainingProgress progress = new TrainingProgress()) {
      Rebucketing.Builder settings =
          Rebucketing.builder(published, new CountsDirectory(counts))
              .learningRate(learningRate)
              .learning(layerOnly ? Learning.OUTPUT_LAYER : Learning.WHOLE_MODEL)
              .seed(seed)
              .listener(progress);
      if (steps != null) {
        settings.steps(steps);
      }
      if (rankAnew) {
        settings.rankAnew();
      }
      if (maxVocabulary != null) {
        settings.maxVocabulary(maxVocabulary);
      }
      return Rebucketed.of(settings.build().run(text, directory));
    }
  }

  private Corpus text(PublishedLanguageModel published) throws IOException {
    return corpus
        .of(published)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--corpus is needed, as the model learned another text than WordNet's definitions: "
                        + published.provenance().values().get(ProvenanceKeys.CORPUS)));
  }
}
