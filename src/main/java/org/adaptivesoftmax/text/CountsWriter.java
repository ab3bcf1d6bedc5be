package org.adaptivesoftmax.text;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.jspecify.annotations.Nullable;

/** Writes a counts directory, which appears whole or not at all. */
final class CountsWriter implements CountAction, AutoCloseable {
  private final Path place;
  private final UnfinishedDirectory unfinished;
  private final OutputStream out;
  private @Nullable TokenCount last;
  private long distinct;
  private long tokens;

  /**
   * @throws IllegalArgumentException if something else than a counts directory stands at the place
   */
  CountsWriter(Path place) throws IOException {
    CountsDirectory.requireReplaceable(place);
    this.place = place.toAbsolutePath();
    Path parent = Objects.requireNonNull(this.place.getParent(), "no directory above " + place);
    unfinished = UnfinishedDirectory.create(parent);
    try {
      Path file = unfinished.directory().resolve(CountsDirectory.COUNTS);
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    } catch (Throwable failure) {
      unfinished.close();
      throw failure;
    }
  }

  /** A directory for what is needed until the writing is done; it need not exist. */
  Path scratch() {
    return unfinished.directory().resolve("scratch");
  }

  /**
   * Writes the next count.
   *
   * @throws IllegalArgumentException if it does not come after the one before, or its token cannot stand in the file
   */
  @Override
  public void accept(TokenCount count) throws IOException {
    requireToken(count);
    if (last != null && TokenCount.BY_RANK.compare(last, count) >= 0) {
      throw new IllegalArgumentException(
          "counts must decrease, ties by token: %s after %s".formatted(count, last));
    }
    out.write((count.token() + "\t" + count.count() + "\n").getBytes(StandardCharsets.UTF_8));
    last = count;
    distinct++;
    tokens = Math.addExact(tokens, count.count());
  }

  private static void requireToken(TokenCount count) {
    String token = count.token();
    boolean plain =
        !token.isEmpty()
            && token.indexOf('\t') < 0
            && token.indexOf('\n') < 0
            && token.indexOf('\r') < 0;
    if (!plain || count.count() < 1) { // Not by Require, which would box every count.
      throw new IllegalArgumentException(
          "a count needs a token without tabs and line ends, and must be at least 1: " + count);
    }
  }

  /**
   * Gives the directory its place.
   *
   * @param about the counts written
   * @throws IllegalArgumentException if the totals are not those of the counts
   */
  CountsDirectory publish(CountsAbout about) throws IOException {
    Totals totals = about.totals();
    Require.argument(
        totals.distinct() == distinct,
        "distinct must be the number of counts, %d: %d",
        distinct,
        totals.distinct());
    Require.argument(
        about.approximate() ? totals.tokens() >= tokens : totals.tokens() == tokens,
        "tokens must be the sum of the counts, %d: %d",
        tokens,
        totals.tokens());
    out.close();
    FileTree.delete(scratch());
    about.write(unfinished.directory().resolve(CountsDirectory.ABOUT));
    unfinished.moveTo(place);
    return new CountsDirectory(place);
  }

  long distinct() {
    return distinct;
  }

  @Override
  public void close() throws IOException {
    try (unfinished) {
      out.close();
    }
  }
}
