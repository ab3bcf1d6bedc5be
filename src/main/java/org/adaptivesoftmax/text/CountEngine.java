package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.ServiceLoader;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * Counts the tokens of files in some other way than {@link TokenCounter}, such as on a cluster. Its counts directory is the
 * same, byte for byte. The command {@code count} finds engines by {@link ServiceLoader}.
 */
public interface CountEngine {
  /** {@return what the command's option {@code --engine} calls it, in lower case} */
  String name();

  /**
   * Counts files, as {@link Tokenizer} divides their lines.
   *
   * @param job what to count
   * @param place of the counts directory, which appears whole or not at all; an older one is replaced
   * @return the directory
   * @throws IllegalArgumentException if something else stands at the place, {@link Job#minCount} leaves no token, or {@link
   *     Job#column} or {@link Job#master} is none
   * @throws TextFileException if a file is missing, malformed or without tokens
   * @throws IOException if one cannot be read, or the counts not written; nothing is left then
   */
  CountsDirectory count(Job job, Path place) throws IOException;

  /**
   * What to count, and where.
   *
   * @param files at least one: UTF-8 text, plain or compressed, as {@link Corpus#ofFiles} takes it, and what else the engine
   *     reads
   * @param column of text, in files that are tables
   * @param master the address of the cluster, in the engine's own terms
   * @param minCount tokens seen less often are left out
   * @param date the day that the counts are of; null for today, in UTC
   */
  record Job(
      List<Path> files, String column, String master, long minCount, @Nullable LocalDate date) {
    /**
     * Checks the values.
     *
     * @param files at least one
     * @param column of text, in files that are tables
     * @param master the address of the cluster
     * @param minCount at least 1
     * @param date the day that the counts are of; null for today, in UTC
     * @throws IllegalArgumentException if there is no file, or {@code minCount} is less
     */
    public Job {
      files = List.copyOf(files);
      Require.argument(!files.isEmpty(), "files must not be empty");
      Require.argument(minCount >= 1, "minCount must be at least 1: %s", minCount);
    }
  }
}
