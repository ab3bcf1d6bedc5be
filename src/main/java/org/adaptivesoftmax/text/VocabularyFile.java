package org.adaptivesoftmax.text;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.adaptivesoftmax.internal.io.AtomicFile;

/** A vocabulary as text: line number = rank, each line a word or {@code word<TAB>count}. */
final class VocabularyFile {
  private final String name;
  private final Set<String> words = new LinkedHashSet<>();
  private long[] counts = new long[1 << 10];
  private boolean counted;

  private VocabularyFile(String name) {
    this.name = name;
  }

  static void write(Path file, IntFunction<String> line, int lines) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          for (int rank = 0; rank < lines; rank++) {
            writer.write(line.apply(rank));
            writer.write('\n');
          }
          writer.flush();
        });
  }

  static Vocabulary read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TextFileException(file + ": no such vocabulary file");
    }
    VocabularyFile content = new VocabularyFile(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      TextLines.forEach(in, content.name, content::add);
    }
    for (String entry : List.of(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY)) {
      if (!content.words.contains(entry)) {
        throw new TextFileException(file + ": no entry " + entry);
      }
    }
    return new Vocabulary(
        List.copyOf(content.words), Arrays.copyOf(content.counts, content.words.size()));
  }

  private void add(long number, String line) throws TextFileException {
    int tab = line.indexOf('\t');
    if (number == 1) {
      counted = tab >= 0;
    }
    require(tab >= 0 == counted, number, counted ? "no count" : "a count, but line 1 has none");
    String word = counted ? line.substring(0, tab) : line;
    require(!word.isEmpty(), number, "no word");
    int rank = words.size();
    require(words.add(word), number, "word '" + word + "' a second time");
    if (rank == counts.length) {
      counts = Arrays.copyOf(counts, 2 * rank);
    }
    if (counted) {
      counts[rank] = count(number, line.substring(tab + 1));
      require(
          rank == 0 || counts[rank] <= counts[rank - 1],
          number,
          "count must not increase: " + counts[rank]);
    }
  }

  private long count(long number, String digits) throws TextFileException {
    require(digits.matches("[0-9]{1,18}"), number, "not a count: '" + digits + "'");
    return Long.parseLong(digits);
  }

  private void require(boolean condition, long number, String problem) throws TextFileException {
    if (!condition) {
      throw TextFileException.at(name, number, problem);
    }
  }
}
