package org.adaptivesoftmax.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.text.Corpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusBatchesTest {
  private static final int MAX = CorpusBatches.MAX_LINE_WORDS;

  private final Path directory;

  CorpusBatchesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Corpus corpus(List<String> lines) throws IOException {
    return Corpus.ofFile(Files.write(directory.resolve("corpus.txt"), lines));
  }

  private static int words(String line) {
    return line.split(" ").length;
  }

  @Test
  void passesOnEveryLineOnceInBatchesOfLimitedSize() throws IOException {
    // More than the 131,072 words that are gathered at once, so that the rest is passed on later.
    Random random = new Random(3);
    List<String> lines =
        IntStream.range(0, 12_000)
            .mapToObj(i -> "w" + i + " x".repeat(random.nextInt(30)))
            .toList();
    List<String> passedOn = new ArrayList<>();
    List<Integer> padding = new ArrayList<>();
    CorpusBatches.forEach(
        corpus(lines),
        MAX,
        batch -> {
          int longest = batch.stream().mapToInt(CorpusBatchesTest::words).max().orElseThrow();
          assertThat(batch.size() * (longest + 1)).isLessThanOrEqualTo(2048);
          padding.add(batch.stream().mapToInt(line -> longest - words(line)).sum());
          passedOn.addAll(batch);
        });
    assertThat(passedOn).containsExactlyInAnyOrderElementsOf(lines);
    int words = lines.stream().mapToInt(CorpusBatchesTest::words).sum();
    assertThat(padding.stream().mapToInt(Integer::intValue).sum()).isLessThan(words / 20);
  }

  @Test
  void leavesOutLinesWithoutWords() throws IOException {
    List<List<String>> batches = new ArrayList<>();
    CorpusBatches.forEach(
        corpus(List.of("", "two words", " \t", "\u200B", "one")), MAX, batches::add);
    assertThat(batches).containsExactly(List.of("one", "two words"));
  }

  @Test
  void aLongLineIsABatchOfItsOwn() throws IOException {
    String longest = "x ".repeat(MAX);
    List<List<String>> batches = new ArrayList<>();
    CorpusBatches.forEach(corpus(List.of(longest, "y", "x ".repeat(2000))), MAX, batches::add);
    assertThat(batches).hasSize(3).contains(List.of(longest));
  }

  @Test
  void refusesALineThatIsNoSentence() throws IOException {
    Corpus corpus = corpus(List.of("y", "x ".repeat(MAX + 1)));
    assertThatThrownBy(() -> CorpusBatches.forEach(corpus, MAX, batch -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(corpus.name() + ": a line has 4097 words, at most 4096")
        .hasMessageContaining("\"x x x");
  }
}
