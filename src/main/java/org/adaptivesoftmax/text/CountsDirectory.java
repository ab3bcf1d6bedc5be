package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * How often each token of a text was seen, as a directory of two files in UTF-8:
 *
 * <ul>
 *   <li>{@code counts.tsv}: a line {@code token<TAB>count} for each distinct token, by decreasing count; equal counts in the
 *       order of the tokens' code points, as {@code LC_ALL=C sort} has them;
 *   <li>{@code about.json}: {@code tokens}, {@code distinct}, {@code documents} (lines that hold a token), {@code
 *       approximate}, {@code max_error}, {@code tokenizer}, {@code sources} (each with {@code name}, {@code bytes} and
 *       {@code sha256}), {@code date} and {@code parent} (the counts that were added up).
 * </ul>
 *
 * <p>{@link TokenCounter} makes one from text. Needs Jackson ({@code jackson-databind}), an optional dependency of this
 * library.
 *
 * @param path of the directory
 */
public record CountsDirectory(Path path) {
  static final String COUNTS = "counts.tsv";
  static final String ABOUT = "about.json";

  /**
   * Names a directory; nothing is read yet.
   *
   * @param path of the directory
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public CountsDirectory {
    OptionalLibrary.JACKSON.require("a counts directory");
  }

  /**
   * Writes counts that were found in some other way. The directory appears whole or not at all.
   *
   * @param place where; a counts directory that stands there is replaced
   * @param about the counts
   * @param ranked counts in their order
   * @return the directory
   * @throws IllegalArgumentException if the order or the totals are not those of the counts, or something else than a
   *     counts directory stands at the place
   * @throws IOException if it cannot be written
   */
  public static CountsDirectory write(Path place, CountsAbout about, Iterable<TokenCount> ranked)
      throws IOException {
    try (CountsWriter writer = new CountsWriter(place)) {
      for (TokenCount count : ranked) {
        writer.accept(count);
      }
      return writer.publish(about);
    }
  }

  /**
   * Checks that a counts directory may be written at a place: nothing stands there, or an empty directory, or an older counts
   * directory.
   *
   * @param place where one is to be
   * @throws IllegalArgumentException if something else stands there
   * @throws IOException if it cannot be read
   */
  public static void requireReplaceable(Path place) throws IOException {
    if (!Files.exists(place)) {
      return;
    }
    Require.argument(Files.isDirectory(place), "is a file, no counts directory: %s", place);
    try (Stream<Path> files = Files.list(place)) {
      Require.argument(
          files.allMatch(file -> List.of(COUNTS, ABOUT).contains(file.getFileName().toString())),
          "is no counts directory, and not empty: %s",
          place);
    }
  }

  /**
   * Reads what the directory tells of its counts.
   *
   * @return the content of {@code about.json}
   * @throws TextFileException if there is no such file, or it is malformed
   * @throws IOException if it cannot be read
   */
  public CountsAbout about() throws IOException {
    Path file = path.resolve(ABOUT);
    if (!Files.isRegularFile(file)) {
      throw new TextFileException(path + ": no counts directory, it has no " + ABOUT);
    }
    return CountsAbout.read(file);
  }

  /**
   * Passes every count to an action, in order, without holding more than one.
   *
   * @param action takes each count
   * @throws TextFileException if the directory is incomplete or malformed; the message names the line
   * @throws IOException if it cannot be read, or the action fails
   */
  public void forEach(CountAction action) throws IOException {
    CountsAbout about = about();
    Path file = path.resolve(COUNTS);
    if (!Files.isRegularFile(file)) {
      throw new TextFileException(path + ": no counts directory, it has no " + COUNTS);
    }
    CountsReader reader = new CountsReader(file.toString(), action);
    try (InputStream in = Files.newInputStream(file)) {
      TextLines.forEach(in, file.toString(), reader::line);
    }
    reader.requireTotals(about);
  }

  /**
   * Reads all counts into memory.
   *
   * @return the counts, as {@link Vocabulary.Builder#build} takes them; by rank if they are iterated over
   * @throws TextFileException if the directory is incomplete or malformed; the message names the line
   * @throws IOException if it cannot be read
   */
  public WordCounts read() throws IOException {
    CountsAbout about = about();
    Map<String, Long> counts = new LinkedHashMap<>();
    forEach(
        count -> {
          if (counts.put(count.token(), count.count()) != null) {
            throw new TextFileException(
                "%s: '%s' a second time".formatted(path.resolve(COUNTS), count.token()));
          }
        });
    return WordCounts.of(counts, about.totals());
  }

  /**
   * Reads the counts as those of this library's tokens.
   *
   * @return as {@link #read()}
   * @throws IllegalArgumentException if another rule than {@link Tokenizer}'s divided the text, or there is no count
   * @throws TextFileException if the directory is incomplete or malformed; the message names the line
   * @throws IOException if it cannot be read
   */
  public WordCounts readWords() throws IOException {
    String tokenizer = about().tokenizer();
    Require.argument(
        tokenizer.equals(Tokenizer.ID),
        "counts must be of the tokenizer %s: %s has those of %s",
        Tokenizer.ID,
        path,
        tokenizer);
    WordCounts counts = read();
    Require.argument(!counts.byWord().isEmpty(), "counts must hold a token: %s", path);
    return counts;
  }

  /**
   * What tells these counts from others: the SHA-256 of {@code counts.tsv}, in hexadecimal.
   *
   * @return the digest
   * @throws IOException if the file cannot be read
   */
  public String sha256() throws IOException {
    return Sha256.of(path.resolve(COUNTS));
  }
}
