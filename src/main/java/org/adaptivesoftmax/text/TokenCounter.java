package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout.Parent;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.jspecify.annotations.Nullable;

/**
 * Counts the tokens of any text in bounded memory: exactly while the distinct tokens fit, and exactly after that, too, as
 * sorted runs on disk that are merged in the end. Nothing is ever left out silently.
 *
 * <pre>{@code
 * CountsDirectory counts =
 *     TokenCounter.builder().build().count(Corpus.ofFiles(files), Path.of("counts/2026-q3"));
 * }</pre>
 *
 * <p>Several threads divide lines into tokens and count them, each in a table of its own; the result does not depend on their
 * number, nor on the memory. The runs lie beside the result's place until it is done.
 */
public final class TokenCounter {
  /** Default of {@link Builder#memory}. */
  public static final int DEFAULT_MEMORY = 256;

  private static final long MEGABYTE = 1 << 20;

  private final long memory;
  private final int threads;
  private final long minCount;
  private final @Nullable LocalDate date;
  private final LongConsumer progress;

  private TokenCounter(Builder builder) {
    memory = builder.memory * MEGABYTE;
    threads = builder.threads;
    minCount = builder.minCount;
    date = builder.date;
    progress = builder.progress;
  }

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Counts a text, as {@link Tokenizer} divides it.
   *
   * @param corpus read twice: for its tokens, and for the hashes of its sources
   * @param place of the counts directory, which appears whole or not at all; an older one is replaced
   * @return the directory
   * @throws IllegalArgumentException if something else stands at the place, or {@link Builder#minCount} leaves no token
   * @throws TextFileException if the text is missing, malformed or without tokens
   * @throws IOException if it cannot be read, or the counts not written; nothing is left then
   */
  public CountsDirectory count(Corpus corpus, Path place) throws IOException {
    try (CountsWriter writer = new CountsWriter(place)) {
      Counting counting = new Counting(memory, threads, writer.scratch());
      CountedLines lines = CountedLines.count(corpus, counting, threads, progress);
      if (lines.tokens() == 0) {
        throw new TextFileException(corpus.name() + ": no words");
      }
      long error = counting.write(minCount, writer);
      return writer.publish(
          new CountsAbout(
              new Totals(lines.tokens(), writer.distinct(), lines.documents()),
              error,
              Tokenizer.ID,
              corpus.sources(),
              date == null ? LocalDate.now(ZoneOffset.UTC) : date,
              List.of()));
    }
  }

  /**
   * Adds counts up, exactly.
   *
   * @param parts at least two, of the same tokenizer
   * @param place of the counts directory, which appears whole or not at all; an older one is replaced
   * @return the directory
   * @throws IllegalArgumentException if there are fewer than two parts, their tokenizers differ, something
   *     else stands at the place, or {@link Builder#minCount} leaves no token
   * @throws TextFileException if a part is incomplete or malformed
   * @throws IOException if a part cannot be read, or the counts not written; nothing is left then
   */
  public CountsDirectory merge(List<CountsDirectory> parts, Path place) throws IOException {
    Require.argument(parts.size() >= 2, "merging needs at least two counts: %s", parts.size());
    try (CountsWriter writer = new CountsWriter(place)) {
      Counting counting = new Counting(memory, 1, writer.scratch());
      Sum sum = new Sum();
      for (CountsDirectory part : parts) {
        sum.add(part);
        part.forEach(count -> counting.add(count.token(), count.count()));
        progress.accept(sum.tokens);
      }
      long error = counting.write(minCount, writer);
      return writer.publish(sum.about(writer.distinct(), error, date));
    }
  }

  /** What the parts of a sum tell, put together. */
  private static final class Sum {
    private long tokens;
    private long documents;
    private long maxError;
    private @Nullable CountsAbout first;
    private LocalDate latest = LocalDate.MIN;
    private final List<TextSource> sources = new ArrayList<>();
    private final List<Parent> parents = new ArrayList<>();

    void add(CountsDirectory part) throws IOException {
      CountsAbout about = part.about();
      CountsAbout one = first == null ? about : first;
      first = one;
      Require.argument(
          about.tokenizer().equals(one.tokenizer()),
          "counts must be of the same tokenizer: %s in %s, but %s before",
          about.tokenizer(),
          part.path(),
          one.tokenizer());
      tokens = Math.addExact(tokens, about.totals().tokens());
      documents = Math.addExact(documents, about.totals().documents());
      maxError = Math.addExact(maxError, about.maxError());
      latest = about.date().isAfter(latest) ? about.date() : latest;
      sources.addAll(about.sources());
      Path name = part.path().toAbsolutePath().normalize().getFileName();
      parents.add(new Parent(String.valueOf(name), part.sha256()));
    }

    CountsAbout about(long distinct, long error, @Nullable LocalDate date) {
      String tokenizer = first == null ? Tokenizer.ID : first.tokenizer();
      return new CountsAbout(
          new Totals(tokens, distinct, documents),
          Math.addExact(maxError, error),
          tokenizer,
          sources,
          date == null ? latest : date,
          parents);
    }
  }

  /** How to count. */
  public static final class Builder {
    private int memory = DEFAULT_MEMORY;
    private int threads = Runtime.getRuntime().availableProcessors();
    private long minCount = 1;
    private @Nullable LocalDate date;
    private LongConsumer progress = tokens -> {};

    private Builder() {}

    /**
     * About the most memory that counts take on the heap. What does not fit goes to disk; the result is the same.
     *
     * @param megabytes at least 1, and at most three quarters of the heap. Default: {@link #DEFAULT_MEMORY}, or that
     *     if it is less
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder memory(int megabytes) {
      long most = most();
      Require.argument(
          megabytes >= 1 && megabytes <= most,
          "memory must be in 1..%d MB, three quarters of the heap: %d",
          most,
          megabytes);
      this.memory = megabytes;
      return this;
    }

    private static long most() {
      return Math.max(1, Runtime.getRuntime().maxMemory() * 3 / 4 / MEGABYTE);
    }

    /**
     * Threads that divide text into tokens and count them.
     *
     * @param threads at least 1. Default: one per processor
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder threads(int threads) {
      Require.argument(threads >= 1, "threads must be at least 1: %s", threads);
      this.threads = threads;
      return this;
    }

    /**
     * Leaves out tokens seen less often. The totals still count them, and {@code max_error} tells that they are missing.
     *
     * @param minCount at least 1. Default: 1, all tokens
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder minCount(long minCount) {
      Require.argument(minCount >= 1, "minCount must be at least 1: %s", minCount);
      this.minCount = minCount;
      return this;
    }

    /**
     * The day that the counts are of.
     *
     * @param date a day. Default: today, in UTC; of counts that are added, the latest
     * @return this builder
     */
    public Builder date(LocalDate date) {
      this.date = date;
      return this;
    }

    /**
     * Is told how far the counting is.
     *
     * @param progress takes the number of tokens counted so far, again and again, in one thread at a time
     * @return this builder
     */
    public Builder progress(LongConsumer progress) {
      this.progress = progress;
      return this;
    }

    /** {@return the counter} */
    public TokenCounter build() {
      memory = (int) Math.min(memory, most());
      return new TokenCounter(this);
    }
  }
}
