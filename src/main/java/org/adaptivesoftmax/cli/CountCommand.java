package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.TokenCounter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Counts tokens, or adds counts up. */
@Command(
    name = "count",
    description = {
      "Count the tokens of text, one sentence a line, plain or compressed by gzip or zstd, or add"
          + " counts up.",
      "The counts are exact in any amount of memory: what does not fit goes to disk beside the"
          + " result."
    })
final class CountCommand implements Callable<CommandResult> {
  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      arity = "1..*",
      converter = InputFile.class,
      description = "Text to count, may be given several times (default: WordNet's definitions).")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--merge",
      paramLabel = "DIR",
      arity = "1..*",
      description = "Counts to add up, instead of text.")
  private List<Path> merge = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description =
          "Where the counts go: counts.tsv (token, tab, count) and about.json. Counts that stand"
              + " there are replaced.")
  private Path out;

  @Option(names = "--memory", paramLabel = "MB", description = "Memory for counts (default: 256).")
  private @Nullable Integer memory;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      description =
          "Leave out tokens seen less often; about.json tells so (default: ${DEFAULT-VALUE}).")
  private long minCount = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that count (default: one per processor).")
  private @Nullable Integer threads;

  @Option(
      names = "--date",
      paramLabel = "YYYY-MM-DD",
      converter = Day.class,
      description =
          "The day that the counts are of (default: today; with --merge the latest of the parts').")
  private @Nullable LocalDate date;

  /** Reads a day. */
  static final class Day implements ITypeConverter<LocalDate> {
    @Override
    public LocalDate convert(String value) {
      try {
        return LocalDate.parse(value);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException("must be a day as YYYY-MM-DD: " + value);
      }
    }
  }

  /**
   * What was counted.
   *
   * @param tokens of the whole text
   * @param distinct tokens in the counts
   * @param documents lines with a token
   * @param seconds that it took
   * @param tokensPerSecond of these seconds
   * @param counts the directory
   */
  private record Counted(
      long tokens,
      long distinct,
      long documents,
      double seconds,
      double tokensPerSecond,
      String counts)
      implements CommandResult {
    @Override
    public String text() {
      return String.join(
          System.lineSeparator(),
          "%-16s %,d".formatted("tokens", tokens),
          "%-16s %,d".formatted("distinct", distinct),
          "%-16s %,d".formatted("documents", documents),
          "%-16s %,.1f, %,.0f tokens/s".formatted("seconds", seconds, tokensPerSecond),
          "%-16s %s".formatted("counts", counts));
    }
  }

  @Override
  public CommandResult call() throws IOException {
    Require.argument(
        corpus.isEmpty() || merge.isEmpty(), "--corpus and --merge exclude each other: %s", merge);
    Require.argument(
        merge.isEmpty() || merge.size() >= 2, "--merge needs at least two counts: %s", merge);
    CountsDirectory.requireReplaceable(OutputDirectory.of(out));
    long start = System.nanoTime();
    CountsDirectory counts;
    try (Progress progress = new Progress("counting", "tokens", -1)) {
      TokenCounter counter = counter(progress);
      counts = merge.isEmpty() ? counter.count(text(), out) : counter.merge(parts(), out);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Totals totals = counts.about().totals();
    return new Counted(
        totals.tokens(),
        totals.distinct(),
        totals.documents(),
        seconds,
        totals.tokens() / seconds,
        out.toString());
  }

  private Corpus text() throws IOException {
    return corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus);
  }

  private List<CountsDirectory> parts() {
    return merge.stream().map(CountsDirectory::new).toList();
  }

  private TokenCounter counter(Progress progress) {
    TokenCounter.Builder counter = TokenCounter.builder().minCount(minCount).progress(progress::at);
    if (memory != null) {
      counter.memory(memory);
    }
    if (threads != null) {
      counter.threads(threads);
    }
    if (date != null) {
      counter.date(date);
    }
    return counter.build();
  }
}
