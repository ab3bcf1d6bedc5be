package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;

/**
 * What a {@link CountsDirectory} tells of its counts: {@code about.json}.
 *
 * @param totals sums over the whole text
 * @param maxError the most that a token's count may be below the truth, 0 where all are exact. A token that is not listed was
 *     seen at most so often
 * @param tokenizer which rule divided the text, {@link Tokenizer#ID} for this library's own
 * @param sources the texts
 * @param date of the text: the day when it was counted, unless another was given; of counts that were added, the latest
 * @param parents the counts that were added up; none if a text was counted
 */
public record CountsAbout(
    Totals totals,
    long maxError,
    String tokenizer,
    List<TextSource> sources,
    LocalDate date,
    List<Parent> parents) {
  /**
   * Checks the values.
   *
   * @param totals sums over the whole text
   * @param maxError the most that a token's count may be below the truth, at least 0
   * @param tokenizer which rule divided the text
   * @param sources the texts
   * @param date of the text
   * @param parents the counts that were added up
   * @throws IllegalArgumentException if {@code maxError} is negative
   */
  public CountsAbout {
    Require.argument(maxError >= 0, "maxError must be at least 0: %s", maxError);
    sources = List.copyOf(sources);
    parents = List.copyOf(parents);
  }

  /**
   * Reads a description.
   *
   * @param file an {@code about.json}
   * @return its content
   * @throws TextFileException if it is malformed
   * @throws IOException if it cannot be read
   */
  public static CountsAbout read(Path file) throws IOException {
    return CountsJson.read(file);
  }

  /**
   * Writes the description. Needs Jackson ({@code jackson-databind}), an optional dependency of this library.
   *
   * @param file an {@code about.json}
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    Files.write(file, CountsJson.bytes(this));
  }

  /** {@return whether some counts may be too low} */
  public boolean approximate() {
    return maxError > 0;
  }

  /**
   * Sums over a text.
   *
   * @param tokens how many the text has, those that are not listed included
   * @param distinct how many different ones are listed
   * @param documents lines that hold a token
   */
  public record Totals(long tokens, long distinct, long documents) {
    /**
     * Checks the values.
     *
     * @param tokens how many the text has, at least 0
     * @param distinct how many different ones are listed, at least 0
     * @param documents lines that hold a token, at least 0
     * @throws IllegalArgumentException if one is negative
     */
    public Totals {
      Require.argument(tokens >= 0, "tokens must be at least 0: %s", tokens);
      Require.argument(distinct >= 0, "distinct must be at least 0: %s", distinct);
      Require.argument(documents >= 0, "documents must be at least 0: %s", documents);
    }
  }

  /**
   * Counts that these were made from.
   *
   * @param name of their directory
   * @param sha256 of their {@code counts.tsv}, in hexadecimal
   */
  public record Parent(String name, String sha256) {}
}
