package org.adaptivesoftmax.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCounterTest {
  private static final LocalDate DAY = LocalDate.of(2026, 3, 31);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static TokenCounter.Builder counter() {
    return TokenCounter.builder().date(DAY);
  }

  @Test
  void countsByRankWithTiesByCodePoint() throws IOException {
    Corpus text = LinesCorpus.of("b a b", "", "c \uD83D\uDE00 \uFF21 a b", " ");
    CountsDirectory counts = counter().build().count(text, directory.resolve("counts"));
    assertThat(directory.resolve("counts/counts.tsv"))
        .content(UTF_8)
        .isEqualTo("b\t3\na\t2\nc\t1\n\uFF41\t1\n\uD83D\uDE00\t1\n");
    CountsAbout about = counts.about();
    assertThat(about.totals()).isEqualTo(new Totals(8, 5, 2));
    assertThat(about.approximate()).isFalse();
    assertThat(about.tokenizer()).isEqualTo(Tokenizer.ID);
    assertThat(about.date()).isEqualTo(DAY);
    assertThat(about.parents()).isEmpty();
    assertThat(about.sources()).hasSize(1);
    assertThat(about.sources().get(0).name()).isEqualTo("lines");
  }

  /** 20 characters and 128 bytes a token: in 1 MB lie some 6,000 of these, in three threads a third of that each. */
  @ParameterizedTest
  @CsvSource({"256, 1", "256, 3", "1, 1", "1, 3"})
  void countsTheSameInAnyMemoryAndWithAnyThreads(int memory, int threads) throws IOException {
    List<String> lines = text(60_000, 30_000);
    Path place = directory.resolve("counts");
    counter().memory(memory).threads(threads).build().count(new LinesCorpus(lines), place);
    assertThat(Files.readString(place.resolve("counts.tsv"))).isEqualTo(naive(lines, 1));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(place);
    }
  }

  private static List<String> text(int lines, int distinct) {
    Random random = new Random(5);
    return IntStream.range(0, lines)
        .mapToObj(
            line ->
                "a w%019d w%019d"
                    .formatted(
                        (int) (distinct * Math.pow(random.nextDouble(), 3)),
                        random.nextInt(distinct)))
        .toList();
  }

  private static String naive(List<String> lines, long minCount) {
    Map<String, Long> counts = new HashMap<>();
    lines.forEach(line -> Tokenizer.words(line).forEach(word -> counts.merge(word, 1L, Long::sum)));
    StringBuilder text = new StringBuilder();
    counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= minCount)
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(entry -> entry.getKey().getBytes(UTF_8), Arrays::compareUnsigned))
        .forEach(
            entry ->
                text.append(entry.getKey()).append('\t').append(entry.getValue()).append('\n'));
    return text.toString();
  }

  /** More runs than one merge takes: each of the two tables spills some 40 times. */
  @Test
  void mergesInSeveralPasses() throws IOException {
    List<String> lines = text(150_000, 1_000_000);
    Path place = directory.resolve("counts");
    counter().memory(1).threads(2).build().count(new LinesCorpus(lines), place);
    assertThat(Files.readString(place.resolve("counts.tsv"))).isEqualTo(naive(lines, 1));
  }

  @Test
  void leavesOutRareTokensAndTellsSo() throws IOException {
    List<String> lines = text(3_000, 2_000);
    Path place = directory.resolve("counts");
    CountsDirectory counts = counter().minCount(3).build().count(new LinesCorpus(lines), place);
    assertThat(Files.readString(place.resolve("counts.tsv"))).isEqualTo(naive(lines, 3));
    assertThat(counts.about().maxError()).isEqualTo(2);
    assertThat(counts.about().totals().tokens()).isEqualTo(9_000);
    assertThat(counts.read().words()).isEqualTo(9_000);
    assertThatThrownBy(
            () -> counter().minCount(100_000).build().count(new LinesCorpus(lines), place))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("minCount leaves no token: 100000");
    assertThat(Files.readString(place.resolve("counts.tsv"))).isEqualTo(naive(lines, 3));
  }

  @Test
  void addsUpExactly() throws IOException {
    List<String> lines = text(4_000, 2_000);
    List<CountsDirectory> parts = new ArrayList<>();
    for (int part = 0; part < 4; part++) {
      List<String> quarter = lines.subList(1_000 * part, 1_000 * (part + 1));
      parts.add(
          counter()
              .date(DAY.plusDays(part % 3))
              .build()
              .count(new LinesCorpus(quarter), directory.resolve("part" + part)));
    }
    CountsDirectory sum = TokenCounter.builder().build().merge(parts, directory.resolve("sum"));
    assertThat(Files.readString(sum.path().resolve("counts.tsv"))).isEqualTo(naive(lines, 1));
    CountsAbout about = sum.about();
    assertThat(about.totals().tokens()).isEqualTo(12_000);
    assertThat(about.totals().documents()).isEqualTo(4_000);
    assertThat(about.date()).isEqualTo(DAY.plusDays(2));
    assertThat(about.sources()).hasSize(4);
    assertThat(about.parents())
        .extracting(CountsAbout.Parent::name)
        .containsExactly("part0", "part1", "part2", "part3");
    assertThat(about.parents().get(1).sha256()).isEqualTo(parts.get(1).sha256());
  }

  @Test
  void addsOnlyCountsOfTheSameTokenizer() throws IOException {
    CountsDirectory ours = counter().build().count(LinesCorpus.of("a"), directory.resolve("a"));
    CountsAbout other =
        new CountsAbout(new Totals(1, 1, 1), 0, "wordpiece", List.of(), DAY, List.of());
    CountsDirectory theirs =
        CountsDirectory.write(directory.resolve("b"), other, List.of(new TokenCount("##a", 1)));
    Path place = directory.resolve("sum");
    assertThatThrownBy(() -> counter().build().merge(List.of(ours, theirs), place))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "counts must be of the same tokenizer: wordpiece in %s, but %s before",
            theirs.path(), Tokenizer.ID);
    assertThatThrownBy(() -> counter().build().merge(List.of(ours), place))
        .hasMessage("merging needs at least two counts: 1");
    assertThat(place).doesNotExist();
    assertThatThrownBy(theirs::readWords)
        .hasMessage(
            "counts must be of the tokenizer %s: %s has those of wordpiece",
            Tokenizer.ID, theirs.path());
  }

  @Test
  void leavesNothingAfterAFailure() throws IOException {
    Path file = directory.resolve("text.txt");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (String line : text(20_000, 20_000)) {
        out.write((line + "\n").getBytes(UTF_8));
      }
      out.write(0xff);
    }
    Path place = directory.resolve("new/counts");
    Corpus corpus = Corpus.ofFile(file);
    assertThatThrownBy(() -> counter().memory(1).build().count(corpus, place))
        .isInstanceOf(TextFileException.class)
        .hasMessage(file + ":20001: not valid UTF-8");
    assertThat(directory.resolve("new")).doesNotExist();
    assertThatThrownBy(() -> counter().build().count(LinesCorpus.of(" ", ""), place))
        .hasMessage("lines: no words");
    assertThat(directory.resolve("new")).doesNotExist();
  }

  @Test
  void replacesCountsAndNothingElse() throws IOException {
    Path place = directory.resolve("counts");
    counter().build().count(LinesCorpus.of("a"), place);
    CountsDirectory again = counter().build().count(LinesCorpus.of("b b"), place);
    assertThat(again.read().byWord()).isEqualTo(Map.of("b", 2L));
    Path mine = Files.writeString(place.resolve("mine.txt"), "mine");
    assertThatThrownBy(() -> counter().build().count(LinesCorpus.of("c"), place))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("is no counts directory, and not empty: " + place);
    assertThatThrownBy(() -> counter().build().count(LinesCorpus.of("c"), mine))
        .hasMessage("is a file, no counts directory: " + mine);
    assertThat(mine).hasContent("mine");
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatThrownBy(() -> counter().memory(0)).hasMessageMatching("memory must be in 1\\..*: 0");
    assertThatThrownBy(() -> counter().memory(1 << 30))
        .hasMessageMatching("memory must be in 1\\.\\.[0-9]+ MB, three quarters of the heap: 10.*");
    assertThatThrownBy(() -> counter().threads(0)).hasMessage("threads must be at least 1: 0");
    assertThatThrownBy(() -> counter().minCount(0)).hasMessage("minCount must be at least 1: 0");
  }

  /** The counts alone would need some 100 MB. */
  @Test
  void countsInAHeapThatDoesNotHoldTheTokens() throws Exception {
    int distinct = 400_000;
    Process process = countInSmallHeap(distinctTokens(distinct));
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(new CountsDirectory(directory.resolve("counts")).about().totals())
        .isEqualTo(new Totals(distinct, distinct, distinct));
  }

  /** Nothing appears at the place, and the next to count there deletes what was begun. */
  @Test
  void aKilledCountLeavesNothingForLong() throws Exception {
    Path file = distinctTokens(400_000);
    Process process = countInSmallHeap(file);
    while (begun().isEmpty() && process.isAlive()) {
      Thread.sleep(5);
    }
    process.destroyForcibly().waitFor();
    assertThat(begun()).isNotEmpty();
    assertThat(directory.resolve("counts")).doesNotExist();
    counter().build().count(LinesCorpus.of("a"), directory.resolve("counts"));
    assertThat(begun()).isEmpty();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(file, directory.resolve("counts"));
    }
  }

  /** Runs that were written for counts that are not done. */
  private List<Path> begun() throws IOException {
    List<Path> runs = new ArrayList<>();
    try (DirectoryStream<Path> unfinished =
        Files.newDirectoryStream(directory, path -> Files.isDirectory(path.resolve("scratch")))) {
      unfinished.forEach(runs::add);
    }
    return runs;
  }

  private Path distinctTokens(int count) throws IOException {
    Path file = directory.resolve("text.txt");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < count; i++) {
        out.write("w%019d\n".formatted(i).getBytes(UTF_8));
      }
    }
    return file;
  }

  private Process countInSmallHeap(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx48m",
            "-cp",
            System.getProperty("java.class.path"),
            CountInSmallHeap.class.getName(),
            file.toString(),
            directory.resolve("counts").toString())
        .redirectErrorStream(true)
        .start();
  }

  /** What the processes of the tests above run. */
  static final class CountInSmallHeap {
    private CountInSmallHeap() {}

    public static void main(String[] args) throws IOException {
      TokenCounter.builder()
          .memory(8)
          .threads(2)
          .build()
          .count(Corpus.ofFile(Path.of(args[0])), Path.of(args[1]));
    }
  }
}
