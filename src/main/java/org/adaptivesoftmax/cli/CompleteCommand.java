package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.adaptivesoftmax.inference.BeamOptions;
import org.adaptivesoftmax.inference.Continuation;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.Sampling;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Completes a text with an exported language model. */
@Command(
    name = "complete",
    description =
        "Give the most probable next words of a text, or continue it by chance or by beam search,"
            + " with a language model.")
final class CompleteCommand implements Callable<CommandResult> {
  private static final int DEFAULT_TOP = 10;

  @Mixin private final ModelOption model = new ModelOption();
  @Mixin private final TrustOption trust = new TrustOption();

  @Option(
      names = "--text",
      required = true,
      paramLabel = "TEXT",
      description = "The beginning of a sentence, perhaps empty.")
  private String text;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many next words (default: 10, or all if fewer).")
  private @Nullable Integer top;

  @Option(
      names = "--all-words",
      description =
          "Also offer the unknown word <unk> and the end of the sentence </s> as next words.")
  private boolean allWords;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "Continue the text by chance, N times, instead of giving next words.")
  private @Nullable Integer sample;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "With --sample: less than 1 favours probable words (default: 1).")
  private @Nullable Double temperature;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "With --sample: the same seed gives the same continuations (default: 0).")
  private @Nullable Long seed;

  @Option(
      names = "--beam",
      paramLabel = "N",
      description = "Give the N best continuations that a beam search of that width finds.")
  private @Nullable Integer beam;

  /**
   * The most probable next words.
   *
   * @param prompt the text; its key is {@code text}, the name of the method that prints a result
   * @param completions best first
   */
  record Completed(@JsonProperty("text") String prompt, List<NextWord> completions)
      implements CommandResult {
    @Override
    public String text() {
      return completions.stream()
          .map(next -> "%-20s %8.3f".formatted(next.word(), next.logProb()))
          .collect(
              Collectors.joining(
                  System.lineSeparator(), prompt + " …" + System.lineSeparator(), ""));
    }
  }

  /**
   * Continuations by chance.
   *
   * @param prompt the text, as above
   * @param samples each without the text
   */
  record Sampled(@JsonProperty("text") String prompt, List<String> samples)
      implements CommandResult {
    @Override
    public String text() {
      return samples.stream()
          .map(words -> (prompt + " " + words).strip())
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  /**
   * Continuations by beam search.
   *
   * @param prompt the text, as above
   * @param continuations best first
   */
  record Searched(@JsonProperty("text") String prompt, List<Continuation> continuations)
      implements CommandResult {
    @Override
    public String text() {
      return continuations.stream()
          .map(
              found ->
                  "%8.3f  %s".formatted(found.logProb(), (prompt + " " + found.words()).strip()))
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  @Override
  public CommandResult call() throws IOException {
    Sampling sampling = sampling();
    BeamOptions search = search();
    try (SavedLanguageModel loaded = SavedLanguageModel.load(model.directory(), trust.trusted())) {
      if (search != null) {
        return new Searched(text, loaded.beam(text, search));
      }
      return sampling == null
          ? completed(new NextWords(loaded, allWords))
          : new Sampled(text, loaded.sample(text, sampling));
    }
  }

  /** What to sample, checked before anything is loaded; null where next words are wanted. */
  private @Nullable Sampling sampling() {
    if (sample == null) {
      Require.argument(temperature == null, "--temperature needs --sample");
      Require.argument(seed == null, "--seed needs --sample");
      return null;
    }
    Require.argument(!allWords, "--all-words is about next words, --sample gives continuations");
    Require.argument(
        top == null, "--top gives next words, --sample continuations: give one of them");
    Require.argument(sample >= 1, "--sample must be at least 1: %d", sample);
    Sampling.Builder settings = Sampling.builder().count(sample);
    if (temperature != null) {
      Require.argument(
          temperature > 0 && !temperature.isInfinite(),
          "--temperature must be above 0 and finite: %s",
          temperature);
      settings.temperature(temperature);
    }
    return (seed == null ? settings : settings.seed(seed)).build();
  }

  /** What to search, checked before anything is loaded; null where no search is wanted. */
  private @Nullable BeamOptions search() {
    if (beam == null) {
      return null;
    }
    Require.argument(!allWords, "--all-words is about next words, --beam gives continuations");
    Require.argument(top == null, "--top gives next words, --beam continuations: give one of them");
    Require.argument(sample == null, "--sample draws by chance, --beam searches: give one of them");
    Require.argument(beam >= 1, "--beam must be at least 1: %d", beam);
    return BeamOptions.defaults().width(beam);
  }

  private Completed completed(NextWords words) {
    int k = top == null ? Math.min(DEFAULT_TOP, words.count()) : top;
    Require.argument(
        k >= 1 && k <= words.count(),
        "--top must be in 1..%d (vocabulary%s): %d",
        words.count(),
        allWords ? "" : " without <unk> and </s>",
        k);
    return new Completed(text, words.of(List.of(text), k).get(0));
  }
}
