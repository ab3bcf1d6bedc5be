package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.AtomicFile;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.TextLines;

/**
 * A text file with one class id per line, the most frequent class first: the {@link LabelOrder} that a state dict has no
 * place for. {@code import-pytorch --class-order} reads it.
 */
public final class ClassOrderFile {
  private static final int SHOWN = 40;

  private ClassOrderFile() {}

  /**
   * Reads the order of all classes.
   *
   * @param file in UTF-8
   * @param nClasses how many ids it must have
   * @return the order
   * @throws IllegalArgumentException if a line is no 64-bit integer, an id stands twice, or the file has more or fewer
   *     ids than there are classes; the message names the file and the line
   * @throws org.adaptivesoftmax.text.TextFileException if a line is not UTF-8, or longer than 16 MB
   * @throws IOException if the file cannot be read
   */
  public static LabelOrder read(Path file, int nClasses) throws IOException {
    long[] labels = new long[nClasses];
    int number = 0;
    try (TextLines lines = TextLines.ofPlain(Files.newInputStream(file), file.toString())) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        String place = "%s, line %d: ".formatted(file, ++number);
        Require.argument(number <= nClasses, "%smore ids than the %d classes", place, nClasses);
        labels[number - 1] = parse(line.strip(), place);
      }
    }
    Require.argument(
        number == nClasses,
        "%s, line %d: the file ends, with %d ids for %d classes",
        file,
        number,
        number,
        nClasses);
    requireDistinct(file, labels);
    return LabelOrder.ranked(labels);
  }

  /**
   * Writes the order of all classes; the file appears whole or not at all.
   *
   * @param file to write, replaced if it exists
   * @param order the class ids by rank
   * @throws IOException if it cannot be written; nothing is left then
   */
  public static void write(Path file, LabelOrder order) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          for (int rank = 0; rank < order.size(); rank++) {
            out.write((order.label(rank) + "\n").getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  private static void requireDistinct(Path file, long[] labels) {
    long[] sorted = labels.clone();
    Arrays.sort(sorted);
    for (int i = 1; i < sorted.length; i++) {
      long label = sorted[i];
      if (label == sorted[i - 1]) {
        int[] lines =
            IntStream.range(0, labels.length).filter(line -> labels[line] == label).toArray();
        throw new IllegalArgumentException(
            "%s, line %d: class %d stands on line %d already"
                .formatted(file, lines[1] + 1, label, lines[0] + 1));
      }
    }
  }

  private static long parse(String text, String place) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
      throw new IllegalArgumentException(OneLine.of(place + "not a class id: \"" + shown + '"'), e);
    }
  }
}
